"""The week of a funnel that the demonstration plays, and the words in which it is told."""

import json
import os
import shlex
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mqlkit.cli import words
from mqlkit.cli.activation import activation
from mqlkit.effect import Effect
from mqlkit.funnel import state
from mqlkit.handoff.event import KINDS


def run(folder: Path, *arguments: str) -> str:
    """What a command prints; it must end well."""
    command = [sys.executable, "-m", "mqlkit.cli", *arguments]
    environment = {**os.environ, "COLUMNS": "200", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder and the text of one demonstration."""
    folder = tmp_path_factory.mktemp("week")
    return folder, run(folder, "demo", "--leads", "30")


def test_the_week_shows_what_can_become_of_a_lead(week: tuple[Path, str]) -> None:
    text = week[1].split("2. A week of a funnel")[1].split("Now your own")[0]
    days = [line.split()[0] for line in text.splitlines() if line and line.endswith(" October")]
    assert days == [
        *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
        *("Saturday", "Monday"),
    ]
    for told in (
        "accepted by rosa",
        "moved to customer (won, by the account team)",
        "rejected by sam: 'no budget yet', which is 'too soon', “call in spring”",
        "is to move to mql at Mon 4 Jan 2027 09:00, unless called off before (qualified)",
        "the offer to tess lapsed, unanswered by Mon 12 Oct 12:30",
        "offered to rosa (pool), to answer by Mon 12 Oct 16:3",
        "below the line of 'week'",
        "is to move to lead at Sat 10 Oct 11:45, unless called off before (unqualified)",
        "the waiting move is called off (qualified)",
        "ruled out by 'week': student",
        "offer in time: 3 of 4 (75 %)",
        "of 2 leads that qualified through 'asked for a demo', 50 % were too soon",
    ):
        assert told in text


def test_friday_s_offer_waits_for_monday(week: tuple[Path, str]) -> None:
    """Made at 16:30 on Friday with four working hours: half an hour then, the rest on Monday."""
    assert "offered to tess (pool), to answer by Mon 12 Oct 12:30" in week[1]


def test_the_commands_that_it_ends_with_work(week: tuple[Path, str]) -> None:
    folder, text = week
    shown = text.split("Look further:")[1].split("Now your own")[0]
    commands = [shlex.split(line) for line in shown.splitlines() if line.startswith("  mqlkit ")]
    assert [command[1:3] for command in commands] == [
        ["funnel", "history"],
        ["funnel", "explain"],
        ["lifecycle", "diagram"],
        ["funnel", "outbox"],
        ["funnel", "record"],
    ]
    told = [run(folder, *command[1:]) for command in commands]
    assert "  2026-10-06 09:41:00 CEST  demo_request" in told[0]
    assert told[1].startswith("alan is QUALIFIED: week")
    lines = len((folder / "mqlkit-demo" / "week.jsonl").read_text().splitlines())
    assert told[-1].endswith(
        f"{lines} lines read = 0 recorded + {lines} known already + 0 refused; 0 effects\n"
    )


def test_the_two_lines_of_the_model_are_those_that_are_told(week: tuple[Path, str]) -> None:
    """What is said of the thresholds and of Alan is what the model and the week say."""
    folder, text = week
    qualified, ready = lines_of(folder / "mqlkit-demo" / "week.toml")
    assert f"From {qualified} points on, marketing calls a lead an MQL" in text
    assert f"or have {ready} points" in text
    friday = text.split("Friday 9 October")[1].split("Saturday")[0]
    mql, offered = friday.split("  15:55  alan ")[1].split("  16:30  alan ")
    assert "moved to mql (qualified)" in mql
    assert "offered to " not in mql
    assert "offered to " in offered


def lines_of(model: Path) -> tuple[int, int]:
    read = tomllib.loads(model.read_text(encoding="utf-8"))
    return read["when"]["at_least"], read["ready"]["when"]["any"][1]["at_least"]


def test_how_mqlkit_comes_on_the_path_is_told_where_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.prefix", str(tmp_path / ".venv"))
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert activation() is None  # There is no such script.
    script = tmp_path / ".venv" / "bin" / "activate"
    script.parent.mkdir(parents=True)
    script.touch()
    assert activation() == ". .venv/bin/activate"
    monkeypatch.chdir("/")
    monkeypatch.setattr("sys.prefix", str(tmp_path / ".venv"))
    monkeypatch.setattr("shutil.which", lambda name: "/bin/mqlkit")
    assert activation() is None


def test_the_lines_of_the_week_name_who_answered(week: tuple[Path, str]) -> None:
    lines = (week[0] / "mqlkit-demo" / "week.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    assert [line["accept"] for line in told if "accept" in line] == ["rosa", "rosa"]
    assert [line["reject"] for line in told if "reject" in line] == ["sam"]


# -- words -------------------------------------------------------------------------------------


def test_there_are_words_for_everything_that_happens_to_a_handoff() -> None:
    assert {*KINDS, "touched"} == {*words._HANDOFF}


def test_whom_a_wait_in_the_queue_is_told_is_said() -> None:
    waits = {"why": "nobody is in", "retry_at": "2026-10-05T12:00:00+00:00"}
    told = "waits in the queue: nobody is in; looked at again 2026-10-05 12:00:00 UTC"
    noon = datetime(2026, 10, 5, 12, tzinfo=UTC)
    for data, more in (({}, ""), ({"to": ""}, ""), ({"to": "ann"}, "; ann is told")):
        effect = Effect("queued", "ada", noon, "ada/1", {**waits, **data})
        assert words.effect_words(effect) == told + more


def test_there_are_words_for_every_fact_that_a_funnel_records() -> None:
    named = {name: value for name, value in vars(state).items() if name.isupper()}
    kinds = {value for value in named.values() if type(value) is str and value.isalpha()}
    assert kinds == {*words._FACTS}
