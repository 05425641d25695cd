"""
Spark and the in-process engine decide the same made-up market, and agree about every lead.

`make demo-spark` runs it; or `python examples/spark/demo.py` where `mqlkit[spark]` and Java are.
"""

import os
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from mqlkit import bulk
from mqlkit.presets import load_preset
from mqlkit.sample import write_sample
from mqlkit.tables import ActivityFile, Files, read_mapping

LEADS = 2_000
AS_OF = datetime(2026, 10, 1, tzinfo=UTC)
ZONE = "America/New_York"
LEAD_COLUMNS = (
    "* EXCEPT (employees, is_customer, created)",
    "TRY_CAST(employees AS DOUBLE) AS employees",
    "CASE LOWER(is_customer) WHEN 'yes' THEN TRUE WHEN 'no' THEN FALSE END AS is_customer",
    "TRY_CAST(created AS TIMESTAMP) AS created",
)
ACTIVITY_COLUMNS = (
    "* EXCEPT (at, strength)",
    "TRY_CAST(at AS TIMESTAMP) AS at",
    "TRY_CAST(strength AS DOUBLE) AS strength",
)
NO_JAVA = """\
Spark needs Java 17 or newer, and there is none here. Install it, for example
  apt install openjdk-17-jre-headless
or say where it is: JAVA_HOME=/path/to/java make demo-spark"""


def main():
    """Makes up the market, decides it twice, and compares."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        sys.exit(NO_JAVA)
    with tempfile.TemporaryDirectory() as folder:
        print(f"Making up {LEADS:,} leads and what they did …")
        paths = [str(path) for path in write_sample(folder, LEADS, as_of=AS_OF)]
        with quiet(Path(folder) / "spark.log"):
            spark = session(folder)
        print(f"Spark {spark.version} runs on two threads, in the time zone {ZONE}.")
        try:
            compare(spark, *paths)
        finally:
            spark.stop()


def compare(spark, leads, activities, mapping):
    """Decides on Spark and in process."""
    mql = load_preset("b2b-saas").qualification
    frame = bulk.decide(
        mql,
        leads=spark.read.csv(leads, header=True).selectExpr(*LEAD_COLUMNS),
        activities=spark.read.csv(activities, header=True).selectExpr(*ACTIVITY_COLUMNS),
        as_of=AS_OF,
        mapping=mapping,
    )
    on_spark = {row.lead_id: told(row) for row in frame.collect()}
    files = Files(leads, [ActivityFile(activities)], read_mapping(mapping))
    decisions = (mql.decide(lead, as_of=AS_OF) for lead in files.read())
    in_process = {one.lead.id: said(one) for one in decisions}

    print(f"\n{mql.name} version {mql.version}, as of {AS_OF:%Y-%m-%d %H:%M} UTC\n")
    print(f"{'decision':<16}{'on Spark':>10}{'in process':>12}")
    ours, theirs = (Counter(row[0] for row in rows.values()) for rows in (on_spark, in_process))
    for decision in sorted(ours | theirs):
        print(f"{decision:<16}{ours[decision]:>10,}{theirs[decision]:>12,}")
    different = [key for key in on_spark | in_process if on_spark.get(key) != in_process.get(key)]
    if different:
        sys.exit(f"\nThey differ about {len(different):,} leads, such as {different[0]}.")
    print(f"\nThey agree about all {len(on_spark):,} leads: decisions, reasons, points and labels.")


def told(row):
    """What Spark says of a lead."""
    points = tuple(int(end * 1000) for end in (row.score_low, row.score, row.score_high))
    return row.decision, row.reasons, points, row.labels


def said(decision):
    """What the in-process engine says."""
    score = tuple(decision.scores["total"].millis)
    return str(decision.status), "; ".join(decision.reasons), score, "; ".join(decision.labels)


def session(folder):
    """A session on this machine, with nothing on the screen."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.log.level": "ERROR",
        "spark.sql.session.timeZone": ZONE,
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.warehouse.dir": folder,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master("local[2]").appName("mqlkit demo")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


@contextmanager
def quiet(log):
    """Java writes into a file; what it wrote is shown where it does not start."""
    warnings.filterwarnings("ignore", category=FutureWarning)
    before = os.dup(2)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    except Exception:
        os.write(before, log.read_bytes())
        raise
    finally:
        os.dup2(before, 2)
        os.close(before)


if __name__ == "__main__":
    main()
