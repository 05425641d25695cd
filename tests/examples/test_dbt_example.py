"""
The dbt example: what mqlkit prints and what it decides in process are the same.

The warehouse has the in-process decisions, column by column.
"""

import csv
import importlib.util
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest

PROJECT = Path(__file__).parents[2] / "examples" / "dbt"
MADE = ("models/mql_decisions.sql", "seeds/in_process.csv", "seeds/raw_leads.csv",
        "seeds/raw_activities.csv")  # fmt: skip
REF = re.compile(r"\{\{ ref\('(\w+)'\) \}\}")


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dbt_refresh", PROJECT / "refresh.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rendered(path: Path, variables: Mapping[str, str]) -> str:
    """A file of the project with its references and variables filled in by hand."""
    text = REF.sub(r"\1", path.read_text(encoding="utf-8"))
    for name, value in variables.items():
        text = text.replace("{{ " + name + " }}", value)
    block = re.search(r"\{% set columns %\}(.*?)\{% endset %\}", text, re.DOTALL)
    if block:
        text = text.replace(block.group(), "").replace("{{ columns }}", block.group(1))
    assert "{{" not in text
    return text


@pytest.fixture
def warehouse(example: ModuleType) -> Any:
    """A database with all that `dbt build` would make in it."""
    variables = {"var('as_of')": example.AS_OF.isoformat()}
    with duckdb.connect() as database:
        for seed in ("raw_leads", "raw_activities", "in_process"):
            path = PROJECT / "seeds" / f"{seed}.csv"
            database.sql(
                f"CREATE TABLE {seed} AS FROM read_csv('{path}', all_varchar = true, header = true)"
            )
        for name in ("staging/leads", "staging/activities", "mql_decisions"):
            text = rendered(PROJECT / "models" / f"{name}.sql", variables)
            database.execute(f"CREATE TABLE {Path(name).name} AS ({text})")
        scores = [c for c, *_ in database.sql("DESCRIBE in_process").fetchall() if "score" in c]
        for column in scores:
            database.execute(f"ALTER TABLE in_process ALTER {column} TYPE DECIMAL(18, 3)")
        yield database


def differences(database: Any) -> list[Any]:
    text = rendered(PROJECT / "tests" / "in_process_and_warehouse_agree.sql", {})
    return list(database.sql(text).fetchall())


def test_in_process_and_warehouse_agree(warehouse: Any) -> None:
    assert differences(warehouse) == []
    decided = dict(
        warehouse.sql("SELECT decision, COUNT(*) FROM mql_decisions GROUP BY ALL").fetchall()
    )
    assert set(decided) == {"qualified", "not qualified", "needs data", "disqualified"}


@pytest.mark.parametrize(
    "change", ["score_high = score_high + 0.001", "labels = 'another'", "decision = 'qualified'"]
)
def test_a_difference_is_told_from_both_sides(warehouse: Any, change: str) -> None:
    warehouse.execute(f"UPDATE mql_decisions SET {change} WHERE lead_id = 'L-00001'")
    assert sorted(says for says, *_ in differences(warehouse)) == [
        "only in process",
        "only the warehouse",
    ]


def test_what_is_committed_is_what_one_command_writes(example: ModuleType, tmp_path: Path) -> None:
    for folder in ("models", "seeds"):
        (tmp_path / folder).mkdir()
    example.refresh(tmp_path)
    for name in MADE:
        written, kept = (tmp_path / name).read_bytes(), (PROJECT / name).read_bytes()
        assert written == kept, "run `python examples/dbt/refresh.py`"


def test_the_variable_of_the_project_is_the_instant_of_its_seeds(example: ModuleType) -> None:
    text = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    assert f'as_of: "{example.AS_OF:%Y-%m-%dT%H:%M:%SZ}"' in text


def test_every_column_of_a_seed_has_a_stated_type() -> None:
    project = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    for name in ("raw_leads", "raw_activities", "in_process"):
        with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        stated = re.search(rf"{name}:\s+\+column_types:\s+\{{(.*?)\}}", project, re.DOTALL)
        assert stated is not None
        assert set(re.findall(r"(\w+): ", stated.group(1))) == set(header)


@pytest.mark.slow
def test_dbt_builds_it(tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    programs = environment / ("Scripts" if sys.platform == "win32" else "bin")
    wanted = [
        line
        for line in (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith(("#", "mqlkit"))  # dbt runs what is printed already
    ]
    installed = subprocess.run(
        [programs / "python", "-m", "pip", "install", "--quiet", *wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        pytest.skip(f"dbt cannot be installed here: {installed.stderr.strip()[-200:]}")
    project = shutil.copytree(PROJECT, tmp_path / "project")
    run = subprocess.run(
        [programs / "dbt", "build", "--project-dir", project, "--profiles-dir", project],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stdout[-3_000:]
    assert "PASS=13" in run.stdout
    assert "PASS=13" in (PROJECT / "README.md").read_text(encoding="utf-8")
