"""What is left out before anything is found out is what nobody asks for."""

import sqlite3
from contextlib import closing

from hypothesis import example, given
from hypothesis import strategies as st

from mqlkit.bulk.reach import Reach

KINDS = ("call", "demo", "visit")
ASKED = st.lists(
    st.tuples(st.sets(st.sampled_from(KINDS)), st.none() | st.integers(1, 4)), min_size=1
)
ROWS = [(kind, age) for kind in (None, *KINDS, "other") for age in range(6)]


def kept(condition: str) -> list[tuple[str | None, int]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE rows (kind TEXT, age INTEGER)")
        connection.executemany("INSERT INTO rows VALUES (?, ?)", ROWS)
        return connection.execute(f"SELECT kind, age FROM rows WHERE {condition}").fetchall()


@given(ASKED)
@example([({"demo"}, 2), ({"demo"}, None), (set(), 3)])
@example([({"demo"}, 2), ({"visit"}, 4)])
def test_an_activity_matters_where_somebody_asks_for_it(asked):
    reach = Reach()
    for kinds, span in asked:
        reach.ask(sorted(kinds), span)
    assert kept(reach.condition("kind", "age", repr)) == [
        (kind, age)
        for kind, age in ROWS
        if kind is not None
        and any(
            (not kinds or kind in kinds) and (span is None or age < span) for kinds, span in asked
        )
    ]
