"""The laws about bulk engines, and what may not matter to their answers."""

import time
from random import Random
from typing import Any

import attrs
import pytest
from bulk.identity import WAYS, answers, differences, instants_of
from bulk.table_models import model_of
from bulk.tabular import BASE, ActivityRow, DuckDBStore, World, world

from mqlkit import (
    Decision,
    Qualification,
    Rule,
    Scorecard,
    activity,
    attribute,
    bulk,
    half_life,
    known,
)
from mqlkit.bulk.statement import statement
from mqlkit.criterion import DEEPEST

SEEDS = range(7_000, 7_006)


@pytest.fixture(scope="module")
def store() -> DuckDBStore:
    return DuckDBStore()


def by_key(rows: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    """Rows in one order, whatever the engine's."""
    return sorted((row["lead_id"], row["as_of"], repr(row)) for row in rows)


@pytest.mark.parametrize("seed", SEEDS)
def test_neither_chunks_nor_the_order_of_rows_matter(store: DuckDBStore, seed: int) -> None:
    """Law 136: in parts of any leads, and with rows in any order, the answers are the same."""
    model, whole, way = model_of(seed), world(seed, leads=12), WAYS[seed % len(WAYS)]
    as_of, chance = instants_of(whole, way), Random(seed)
    right = by_key(answers(store, model, whole, as_of))
    assert by_key(answers(store, model, _shuffled(whole, chance), as_of)) == right
    buckets = {row.id: chance.randrange(3) for row in whole.leads}
    parts = []
    for bucket in range(3):
        leads = [row for row in whole.leads if buckets[row.id] == bucket]
        done = [row for row in whole.activities or () if buckets.get(str(row.lead)) == bucket]
        parts += answers(store, model, World(leads, done), as_of) if leads else []
    assert by_key(parts) == right


def _shuffled(whole: World, chance: Random) -> World:
    leads, activities = list(whole.leads), list(whole.activities or ())
    chance.shuffle(leads)
    chance.shuffle(activities)
    return World(leads, activities)


def test_an_activity_in_another_part_is_missed(store: DuckDBStore) -> None:
    """A liar for law 136: parts by activities, not by leads."""
    whole = world(SEEDS[0], leads=12)
    card = Scorecard(Rule.each("each", activity(), 1))
    model = Qualification("any", version="1", when=activity().count() >= 1, card=card)
    half = attrs.evolve(whole, activities=(whole.activities or ())[::2])
    right = by_key(answers(store, model, whole, BASE))
    assert by_key(answers(store, model, half, BASE)) != right


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sample_of_the_answers_is_decided_alike_in_memory(store: DuckDBStore, seed: int) -> None:
    """Law 140: some leads of a bulk answer, decided by the reference, come out the same."""
    model, whole = model_of(seed), world(seed, leads=12)
    rows = answers(store, model, whole, None)
    given = {(row["lead_id"], row["as_of"]): row for row in rows}
    for row in Random(seed).sample(whole.leads, 4):
        decision = Decision.of(model, whole.lead(row), row.as_of)
        found = given[row.id, (row.as_of - BASE) // BASE.resolution + _BASE_MICROS]
        assert found["decision"] == str(decision.status)
        assert found["scores"] == [list(score.millis) for score in decision.scores.values()]
        assert found["reasons"] == "; ".join(decision.reasons)


_BASE_MICROS = int(BASE.timestamp()) * 1_000_000


# -- models and tables at the edge -------------------------------------------------------------


def test_a_definition_without_a_card(store: DuckDBStore) -> None:
    model = Qualification("plain", version="1", when=known("email"))
    assert differences(store, model, world(1)) == []


def test_activities_that_were_not_loaded(store: DuckDBStore) -> None:
    """They leave open what hangs on them, and no count is 0."""
    unloaded = attrs.evolve(world(2), activities=None)
    for seed in range(7_100, 7_112):
        assert differences(store, model_of(seed), unloaded, WAYS[seed % 3]) == []


def test_nobody_and_nothing(store: DuckDBStore) -> None:
    model = model_of(7_000)
    nobody = World([], [ActivityRow("a", "order", BASE, None, {})])
    assert differences(store, model, nobody, as_of=BASE) == []
    assert differences(store, model, attrs.evolve(world(3), activities=[])) == []


def test_criteria_as_deep_as_they_may_be(store: DuckDBStore) -> None:
    deep = attribute("employees") >= 3
    for level in range(DEEPEST - 2):
        other = attribute("revenue") < level
        deep = ~deep if level % 3 == 0 else deep & other if level % 3 == 1 else deep | other
    model = Qualification("deep", version="1", when=deep)
    assert differences(store, model, world(4)) == []


def many_rules(rules: int) -> Qualification:
    """A model of so many rules, half of them about activities."""
    parts: list[Any] = []
    for number in range(rules // 2):
        parts.append(Rule(f"size {number}", attribute("employees") >= number, 1))
        pages = activity("page_view", page=f"/page/{number}").within(days=1 + number % 30)
        parts.append(
            Rule.each(f"page {number}", pages, 2, at_most=3, decay=half_life(days=1 + number % 20))
        )
    return Qualification("many", version="1", when=known("email"), card=Scorecard(*parts))


def test_three_hundred_rules(store: DuckDBStore) -> None:
    assert differences(store, many_rules(300), world(5, leads=3)) == []


def test_the_text_grows_with_the_rules_and_no_faster(store: DuckDBStore) -> None:
    tables = store.write(world(5, leads=2))

    def cost(rules: int) -> float:
        model = many_rules(rules)
        statement(model, tables, store.dialect, BASE)
        runs = []
        for _ in range(3):
            begin = time.process_time()
            statement(model, tables, store.dialect, BASE)
            runs.append(time.process_time() - begin)
        return min(runs)

    assert cost(300) < 20 * cost(30)


def test_what_cannot_be_done_is_told_all_at_once_by_its_place(store: DuckDBStore) -> None:
    model = Qualification(
        "odd",
        version="1",
        when=attribute("shoe size") >= 40,
        card=Scorecard(
            Rule("text as a number", attribute("title") >= 5, 1),
            Rule("a month", activity("order").within(calendar_months=1).happened(), 1),
            Rule("of the account", activity("order").of_account().happened(), 1),
            Rule("numbers in a list", attribute("tags").any_of(1, 2), 1),
        ),
    )
    with pytest.raises(bulk.BulkError) as caught:
        statement(model, store.write(world(6)), store.dialect, BASE)
    places = ["when", *(f"rule {name!r}" for name in (
        "text as a number", "a month", "of the account", "numbers in a list"
    ))]  # fmt: skip
    told = caught.value.faults
    assert {place: sum(one.startswith(f"{place}:") for one in told) for place in places} == (
        dict.fromkeys(places, 1)
    )
