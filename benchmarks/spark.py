"""
How long Spark takes for the model of `bulk_model.py`, beside Spark SQL that is written by hand.

    python benchmarks/spark.py [ACTIVITIES] [FOLDER]

A million activities by default, on two threads of this machine. Both give the same columns, which
is looked at first. Of each the best of three rounds, in turn: seconds on the clock, and seconds of
all processors that Java used. The query by hand is the one of `bulk_by_hand.py` in Spark's
spelling: it aggregates before it exchanges, where mqlkit brings all activities of a lead together.
"""

import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from bulk_by_hand import (
    DAY,
    DEMO,
    ENGAGED,
    FREE_MAIL,
    MAIL,
    NOW,
    REGIONS,
    RIVALS,
    SECTORS,
    SQL,
    UNMET_ENGAGED,
    UNMET_SCORE,
    WEBCAST,
    texts,
)
from bulk_data import AS_OF, Folder, folder
from bulk_model import definition

from mqlkit import bulk

ROUNDS: Final = 3
SETTINGS: Final[Mapping[str, str]] = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "4g",
    "spark.log.level": "ERROR",
    "spark.sql.autoBroadcastJoinThreshold": "-1",  # as it is with tables of a cluster's size
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
TURN: Final = "size(filter(turns, (turn, n) -> n > 0 AND turn % 2 = 0 AND get(turns, n - 1) % 2 = 1"
SPELLINGS: Final = (
    ("FILTER (kind", "FILTER (WHERE kind"),
    ("max(us, 10) FILTER (WHERE kind = 'mail_opened')", "{newest_mails}"),
    ("max(us, 2) FILTER (WHERE kind = 'webcast')", "{newest_webcasts}"),
    ("list_unique(list(lower(page)) FILTER", "size(collect_set(lower(page)) FILTER"),
    (
        "list_sort(list(us * 2 + (kind = 'mail_opened')::BIGINT) FILTER",
        "sort_array(collect_list(us * 2 + CAST(kind = 'mail_opened' AS BIGINT)) FILTER",
    ),
    (
        "({demos})[least(({now} - demo) // {day}, {last_demo}) + 1]",
        "({demos})[CAST(least(({now} - demo) DIV {day}, {last_demo}) AS INT)]",
    ),
    (
        "list_sum(list_transform(mails,\n"
        "          lambda us: ({mails})[least(({now} - us) // {day}, {last_mail}) + 1]))::BIGINT",
        "aggregate(mails, 0L, (sum, us) -> sum"
        " + ({mails})[CAST(least(({now} - us) DIV {day}, {last_mail}) AS INT)])",
    ),
    (
        "list_sum(list_transform(webcasts,\n"
        "          lambda us: ({webcasts})[least(({now} - us) // {day}, {last_webcast}) + 1]))"
        "::BIGINT",
        "aggregate(webcasts, 0L, (sum, us) -> sum"
        " + ({webcasts})[CAST(least(({now} - us) DIV {day}, {last_webcast}) AS INT)])",
    ),
    (
        "len(list_filter(turns, lambda turn, n: n > 1 AND turn % 2 = 0\n"
        "          AND turns[n - 1] % 2 = 1 AND turn - turns[n - 1] <",
        f"{TURN}\n          AND turn - get(turns, n - 1) <",
    ),
    ("make_timestamptz", "timestamp_micros"),
)
"""What Spark says otherwise than DuckDB."""
ORDER: Final = "id, at, kind, page NULLS LAST, value NULLS LAST"
ONCE: Final[Mapping[bool, str]] = {
    True: "acts AS (SELECT lead_id, kind, unix_micros(at) AS us, page, value FROM {activities})",
    False: f"""marked AS (
  SELECT *, lag(id) OVER (PARTITION BY lead_id ORDER BY {ORDER}) AS same FROM {{activities}}
), acts AS (
  SELECT lead_id, kind, unix_micros(at) AS us, page, value FROM marked
  WHERE id IS NULL OR same IS NULL OR same <> id
)""",
}
"""By whether no id repeats."""


def by_hand(data: Folder, fingerprint: str, *, unique: bool) -> str:
    """The query that is written by hand."""
    text = SQL
    for there, here in SPELLINGS:
        assert there in text, there
        text = text.replace(there, here)

    def newest(kind: str, most: int) -> str:
        times = f"collect_list(us) FILTER (WHERE kind = '{kind}')"
        return f"slice(sort_array({times}, FALSE), 1, {most})"

    def array(values: list[int]) -> str:
        return f"array({', '.join(f'{value}L' for value in values)})"

    return text.format(
        once=ONCE[unique].format(activities=f"parquet.`{data.activities}`"),
        leads=f"parquet.`{data.leads}`", now=NOW, day=DAY,
        **{f"d{days}": NOW - days * DAY for days in (7, 28, 30, 56, 84)},
        newest_mails=newest("mail_opened", 10), newest_webcasts=newest("webcast", 2),
        engaged=texts(ENGAGED), sectors=texts(SECTORS), regions=texts(REGIONS),
        free_mail=texts(FREE_MAIL), rivals=texts(RIVALS),
        demos=array(DEMO), mails=array(MAIL), webcasts=array(WEBCAST),
        last_demo=len(DEMO) - 1, last_mail=len(MAIL) - 1, last_webcast=len(WEBCAST) - 1,
        unmet_score=UNMET_SCORE, unmet_engaged=UNMET_ENGAGED, fingerprint=fingerprint,
    )  # fmt: skip


def session() -> Any:
    """A session of two threads."""
    from pyspark.sql import SparkSession

    warnings.filterwarnings("ignore", category=FutureWarning)
    builder = SparkSession.builder.master("local[2]").appName("mqlkit benchmark")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def processors(spark: Any) -> float:
    """Seconds of all processors that Java has used; 0 where the machine does not tell."""
    stat = Path(f"/proc/{spark.sparkContext._gateway.proc.pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(spark: Any, make: Callable[[], Any]) -> tuple[float, float]:
    """Seconds on the clock and of Java, from the text to the last row."""
    clock, used = time.perf_counter(), processors(spark)
    make().write.format("noop").mode("overwrite").save()
    return time.perf_counter() - clock, processors(spark) - used


def rows(frame: Any) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in frame.collect())


def measure(spark: Any, data: Folder) -> None:
    mql = definition()
    tables = {name: spark.read.parquet(getattr(data, name)) for name in ("leads", "activities")}

    def ours(unique: bool) -> Any:
        return bulk.decide(mql, **tables, as_of=AS_OF, unique_ids=unique, missing=False)

    def theirs(unique: bool) -> Any:
        return spark.sql(by_hand(data, mql.fingerprint, unique=unique))

    print(f"{data.rows:,} activities, Spark {spark.version}, two threads\n")
    print(f"{'':<24}{'mqlkit':>18}{'by hand':>18}{'ratio':>16}")
    print(f"{'':<24}{'wall s':>10}{'Java s':>8}{'wall s':>10}{'Java s':>8}{'wall':>9}{'Java':>7}")
    for unique in (False, True):
        assert rows(ours(unique)) == rows(theirs(unique)), "they differ"
        found: dict[str, list[tuple[float, float]]] = {"ours": [], "theirs": []}
        for _ in range(ROUNDS):
            found["ours"].append(timed(spark, lambda unique=unique: ours(unique)))
            found["theirs"].append(timed(spark, lambda unique=unique: theirs(unique)))
        (a, b), (c, d) = (
            tuple(min(round_[n] for round_ in some) for n in (0, 1)) for some in found.values()
        )
        name = "ids do not repeat" if unique else "one id counts once"
        print(f"{name:<24}{a:>10.1f}{b:>8.1f}{c:>10.1f}{d:>8.1f}{a / c:>9.2f}{b / (d or 1):>7.2f}")


def main() -> None:
    try:
        import pyspark  # noqa: F401
    except ImportError:
        sys.exit("needs pyspark: pip install 'mqlkit[spark]'")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        sys.exit("needs Java 17 or newer")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as made:
        within = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(made)
        data = folder(within, count)
        spark = session()
        try:
            measure(spark, data)
        finally:
            spark.stop()


if __name__ == "__main__":
    main()
