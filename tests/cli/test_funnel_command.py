"""``mqlkit funnel`` and ``mqlkit lifecycle``, as a person or a script meets them."""

import io
import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import attrs
import pytest

from mqlkit import Criterion, Qualification, Snapshot, Verdict, activity
from mqlkit.cli import main
from mqlkit.cli.funnel import _told_once
from mqlkit.cli.recording import Recording
from mqlkit.cli.words import fact_words
from mqlkit.funnel import Funnel
from mqlkit.lifecycle import Event, standard
from mqlkit.spec import Model
from mqlkit.store import Fact, MemoryStore
from mqlkit.tables import Tally
from mqlkit.tables.source import Row

NEWS = """
{"lead": "ada", "at": "2026-10-05T07:00Z", "attributes": {"email": "ada@a.example", "title": "VP"}}
{"lead": "ada", "at": "2026-10-05T07:05Z", "attributes": {"employees": 800}}
{"lead": "ada", "at": "2026-10-05T07:10Z", "activity": "page_view", "properties": {"page": "/go"}}
{"lead": "ada", "at": "2026-10-05T07:20Z", "activity": "demo_request", "id": "form-7"}
{"lead": "ada", "at": "2026-10-05T07:40Z", "accept": "rosa"}
{"lead": "ada", "at": "2026-10-05T08:25Z", "attempt": "rosa", "channel": "phone", "reached": true}
{"lead": "ada", "at": "2026-10-05T09:25Z", "close": "rosa", "outcome": "verified"}
{"lead": "ada", "at": "2026-10-06T09:25Z", "event": "opened", "by": "rosa"}
{"lead": "grace", "at": "2026-10-06T09:30Z", "attributes": {"email": "g@g.example", "title": "CTO"}}
{"lead": "grace", "at": "2026-10-06T09:31Z", "activity": "demo_request"}
{"lead": "grace", "at": "2026-10-06T09:45Z", "reject": "sam", "reason": "no budget yet"}
{"lead": "bob", "at": "2026-10-06T10:00Z", "activity": "page_view"}
{"lead": "bob", "at": "2026-10-06T10:01Z", "move": "disqualified", "by": "ann", "why": "a test"}
{"lead": "g2", "at": "2026-10-06T10:02Z", "activity": "webinar_attended"}
{"lead": "g2", "at": "2026-10-06T10:03Z", "merge_into": "ada", "by": "ann"}
{"lead": "ada", "at": "2026-10-06T10:04Z", "undo": "activity/form-7", "by": "ann", "why": "spam"}
"""
LINES = len(NEWS.strip().splitlines())


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    text = files("mqlkit.cli").joinpath("week.toml").read_text(encoding="utf-8")
    (tmp_path / "week.toml").write_text(text, encoding="utf-8")
    (tmp_path / "news.jsonl").write_text(NEWS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("MQLKIT_STORE", "funnel.db")
    monkeypatch.setenv("MQLKIT_MODEL", "week.toml")
    return tmp_path


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def runner(*arguments: str, stdin: str | None = None, group: str = "funnel") -> Result:
        if stdin is not None:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        monkeypatch.setattr("sys.argv", ["mqlkit", group, *arguments])
        with pytest.raises(SystemExit) as exit_:
            main()
        return Result(int(exit_.value.code or 0), *capsys.readouterr())

    return runner


@pytest.fixture
def full(run: Any) -> Any:
    """The same, with the news recorded."""
    assert run("init").code == 0
    assert run("record", "news.jsonl", "--replay").code == 0
    return run


def facts(run: Any, lead: str) -> Any:
    return json.loads(run("history", lead, "--json").out)


# -- init --------------------------------------------------------------------------------------


def test_init_makes_a_store_and_again_does_no_harm(full: Any, folder: Path) -> None:
    before = facts(full, "ada")
    result = full("init")
    assert result.code == 0
    assert result.out == (
        "funnel.db is ready for 'week' version 1, lifecycle 'week' with 9 stages\n"
    )
    assert facts(full, "ada") == before


def test_a_store_that_is_not_there_is_no_new_one(run: Any, folder: Path) -> None:
    for command in (("record", "news.jsonl"), ("tick",), ("status",), ("history", "ada")):
        result = run(*command)
        assert (result.code, result.out) == (2, "")
        assert result.err == (
            "mqlkit: funnel.db: there is no such file; mqlkit funnel init makes one\n"
        )
    assert not (folder / "funnel.db").exists()


def test_a_file_that_is_no_store_is_told(run: Any, folder: Path) -> None:
    (folder / "funnel.db").write_text("something else" * 100)
    result = run("status")
    assert result.code == 2
    assert result.err.startswith("mqlkit: the store's database did not do it: ")
    (folder / "funnel.db").write_text("")
    result = run("history", "ada")
    assert result.code == 2
    assert result.err == (
        "mqlkit: the store's tables are not there; call setup() first\n"
        "  mqlkit funnel init makes a store ready, or says why it cannot\n"
    )


@pytest.mark.parametrize("url", ["nonsense://", "postgresql://who:secret@[", "mysql://h/d"])
def test_a_url_that_names_no_store_is_told_without_its_password(run: Any, url: str) -> None:
    result = run("init", "--store", url)
    assert result.code == 2
    assert result.err.startswith("mqlkit: ")
    assert "secret" not in result.err
    assert len(result.err.splitlines()) == 1


def test_a_url_names_a_store_too(full: Any) -> None:
    assert json.loads(full("status", "--json", "--store", "sqlite:///funnel.db").out) == json.loads(
        full("status", "--json").out
    )
    told = full("init", "--store", "sqlite:///funnel.db")
    assert told.out.startswith("sqlite:///funnel.db is ready")


def test_a_model_without_a_lifecycle_is_told(run: Any, folder: Path) -> None:
    result = run("init", "--model", "classic")
    assert result.code == 2
    assert result.err == "mqlkit: classic: has no lifecycle; add a section [lifecycle] to it\n"
    assert run("init", "--model", "none.toml").code == 2


# -- record ------------------------------------------------------------------------------------


def test_every_line_does_what_it_says(full: Any) -> None:
    stages = json.loads(full("status", "--json").out)["stages"]
    assert stages == {"opportunity": 1, "recycled": 1, "disqualified": 1, "merged": 1}
    ada = [fact["words"] for fact in facts(full, "ada")]
    assert 'page_view (page is "/go")' in ada
    assert "accepted by rosa, to be contacted by 2026-10-05 08:40:00 UTC" in ada
    assert "attempt 1 of rosa by phone: reached" in ada
    assert "moved to opportunity (opened, by rosa)" in ada
    assert "taken back: activity/form-7 (by ann, “spam”)" in ada
    assert "merged from g2 (by ann)" in ada
    assert facts(full, "g2")[-1]["words"] == "merged into ada (by ann)"
    grace = [fact["words"] for fact in facts(full, "grace")]
    assert "rejected by sam: 'no budget yet', which is 'too soon'" in grace
    assert "moved to disqualified (by ann, “a test”)" in [f["words"] for f in facts(full, "bob")]


def test_a_file_recorded_again_changes_nothing(full: Any) -> None:
    leads = ("ada", "grace", "bob", "g2")
    before = [facts(full, lead) for lead in leads], full("outbox").out
    later = ("--now", "2026-10-06T10:05Z")
    for options in (("--replay",), ("--replay", "--batch", "5"), later):
        result = full("record", "news.jsonl", *options)
        assert result.code == 0, result.err
        assert result.out == (
            f"news.jsonl: {LINES} lines read = 0 recorded + {LINES} known already + 0 refused; "
            "0 effects\n"
        )
        assert ([facts(full, lead) for lead in leads], full("outbox").out) == before


WAITING = """
{"lead": "a", "at": "2026-10-05T06:59Z", "attributes": {"title": "VP"}}
{"lead": "b", "at": "2026-10-05T06:59Z", "attributes": {"title": "CTO"}}
{"lead": "a", "at": "2026-10-05T07:00Z", "activity": "demo_request"}
{"lead": "b", "at": "2026-10-05T07:00:30Z", "activity": "demo_request"}
{"lead": "c", "at": "2026-10-05T13:00Z", "activity": "page_view"}
""".strip().splitlines()
"""Before the last one offers lapse and go on to the next, several times."""


@pytest.mark.parametrize("cut", range(1, len(WAITING)))
def test_a_file_told_in_parts_comes_to_the_same_as_told_whole(run: Any, cut: int) -> None:
    """What was due in between is looked at when it was due, not when the next part begins."""
    run("init")
    whole = json.loads(run("record", "--replay", "--json", stdin="\n".join(WAITING)).out)
    run("init", "--store", "parts.db")
    parts = [
        json.loads(run("record", "--replay", "--json", "--store", "parts.db", stdin=part).out)
        for part in ("\n".join(WAITING[:cut]), "\n".join(WAITING[cut:]))
    ]
    assert sum(part["effects"] for part in parts) == whole["effects"] > 12
    for command in (("history", "a"), ("history", "b"), ("history", "c"), ("outbox",)):
        assert run(*command, "--store", "parts.db").out == run(*command).out


@pytest.mark.parametrize("cut", range(0, LINES, 3))
def test_news_in_parts_come_to_the_same(full: Any, cut: int) -> None:
    lines = NEWS.strip().splitlines()
    full("init", "--store", "parts.db")
    for part in (lines[:cut], lines[cut:]):
        full("record", "--replay", "--store", "parts.db", stdin="\n".join(part))
    assert full("outbox", "--store", "parts.db").out == full("outbox").out


def test_an_offer_that_lapses_goes_on_at_that_instant(run: Any) -> None:
    run("init")
    run("record", "--replay", stdin="\n".join(WAITING))
    told = [fact for fact in facts(run, "a") if fact["kind"] == "handoff"]
    ends = [fact["at"] for fact in told if fact["data"]["event"]["kind"] == "lapsed"]
    begins = [fact["at"] for fact in told if fact["data"]["event"]["kind"] == "offered"]
    assert ends[0] == begins[1] == "2026-10-05T07:30:00Z"


@attrs.frozen
class BreaksLater(Criterion):
    """A criterion of a user's own that raises about one lead from noon on."""

    def judge(self, lead: Snapshot) -> Verdict:
        if lead.flag("breaks") and lead.as_of >= datetime(2026, 10, 5, 12, tzinfo=UTC):
            raise RuntimeError("broken")
        return Verdict.NO

    def describe(self) -> str:
        return "breaks later"


def test_a_lead_that_cannot_be_looked_at_does_not_hold_the_others_up() -> None:
    """It stays due; time passes for the others, and comes to an end."""
    demo = activity("demo_request").within(days=1).happened()
    mql = Qualification("mql", version="1", when=demo | BreaksLater())
    lifecycle = standard(cool_down=timedelta(days=30), dwell=timedelta(hours=1))
    funnel = Funnel(Model(mql, lifecycle=lifecycle), MemoryStore())
    recording = Recording(funnel, Tally("-"))
    lines = [
        {"lead": "bad", "at": "2026-10-05T07:00Z", "attributes": {"breaks": True}},
        {"lead": "bad", "at": "2026-10-05T07:01Z", "activity": "demo_request"},
        {"lead": "good", "at": "2026-10-05T07:02Z", "activity": "demo_request"},
        {"lead": "late", "at": "2026-10-06T12:00Z", "activity": "page_view"},
    ]
    for number, line in enumerate(lines, 1):
        recording.take(Row(number, line))
    recording.end()
    assert {*recording.failed} == {"bad"}
    rows = {row.lead_id: row for row in funnel.leads()}
    assert {lead: row.stage for lead, row in rows.items()} == {
        "bad": "mql",
        "good": "lead",
        "late": "visitor",
    }
    late = rows["good"].since - datetime(2026, 10, 6, 8, 2, tzinfo=UTC)
    assert timedelta(0) <= late <= timedelta(minutes=2)


def test_batches_record_the_same_as_one_transaction_each(full: Any) -> None:
    assert full("init", "--store", "b.db").code == 0
    assert full("record", "news.jsonl", "--replay", "--batch", "7", "--store", "b.db").code == 0
    for lead in ("ada", "grace", "bob", "g2"):
        together = json.loads(full("history", lead, "--json", "--store", "b.db").out)
        assert together == facts(full, lead)


BAD = """{"lead": "ada", "at": "2026-10-05T07:00Z", "attributes": {"email": "a@a.example"}}
nonsense
{"lead": "ada", "at": "2026-10-05T07:00Z"}
{"lead": "ada", "at": "2026-10-05 07:00", "event": "won"}
{"lead": "", "event": "won", "accept": "ann"}
{"lead": "ada", "at": "2026-10-05T07:01Z", "event": "wonn"}
{"lead": "ada", "at": "2026-10-05T07:01Z", "reject": "sam", "resaon": "x", "why": 7}
["ada"]
{"lead": "ada", "at": "2026-10-05T07:02Z", "accept": "rosa"}
{"lead": "ada", "at": "2026-10-05T07:03Z", "attributes": {"born": {"date": "never"}}}
{"lead": "ada", "at": "2026-10-05T07:04Z", "activity": "page_view"}
{"lead": "ada", "at": "2026-10-05T07:04Z", "activty": "page_view"}
"""
TOLD = """\
  line 2: is no JSON: Expecting value: line 1 column 1 (char 0)
  line 3: has no verb; known are 'accept', 'activity', 'attempt', 'attributes', 'close', 'event', \
'merge_into', 'move', 'pause', 'reassign', 'reject', 'resume', 'take', 'undo'
  line 4: 'at' is no instant with a zone, such as 2026-03-01T09:00Z
  line 5: has 'event' and 'accept'; wanted one of them
  line 7: 'reason' is missing; there is no key 'resaon' beside 'reject'; did you mean 'reason'?; \
'why' is to be text
  line 8: is not an object, such as {"id": "1"}
  line 6: 'ada' at 'lead' cannot take 'wonn'; from there it can take 'disqualified' or 'qualified'
  line 9: 'ada' was not handed off
  line 12: there is no verb 'activty'; did you mean 'activity'?
"""


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ('{"date": "2026-02-30"}', "'attributes' has a date, an instant or a number that is none"),
        ('{"decimal": "much"}', "'attributes' has a date, an instant or a number that is none"),
        ("[" * 40 + "]" * 40, 'attribute "x": a value nests at most 32 deep'),
        ("[" * 99_999, "is nested too deep"),
        ("9" * 5_000, "is no JSON: Exceeds the limit (4300 digits)"),
    ],
)
def test_a_value_that_cannot_be_kept_is_told(run: Any, value: str, problem: str) -> None:
    run("init")
    start = '{"lead": "ada", "at": "2026-10-05T07:00Z", "attributes": {"x": '
    line = f"{start}{value}}}}}"
    result = run("record", "--replay", stdin=line)
    assert result.code == 1
    assert result.err.startswith(f"  line 1: {problem}")
    assert run("history", "ada").code == 2


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_bad_lines_are_told_with_their_numbers_and_the_others_recorded(
    run: Any, folder: Path, batch: int
) -> None:
    run("init")
    result = run("record", "--replay", "--batch", str(batch), "--faults", "f.jsonl", stdin=BAD)
    assert result.code == 1
    assert result.out.startswith("-: 12 lines read = 2 recorded + 0 known already + 10 refused; ")
    told = sorted(result.err.splitlines(), key=lambda line: int(line.split()[1][:-1]))
    wanted = sorted(TOLD.splitlines(), key=lambda line: int(line.split()[1][:-1]))
    assert [line for line in told if " 10: " not in line] == wanted
    rows = [json.loads(line)["row"] for line in (folder / "f.jsonl").read_text().splitlines()]
    assert sorted(rows) == [2, 3, 4, 5, 6, 7, 8, 9, 10, 12]
    kinds = [fact["kind"] for fact in facts(run, "ada")]
    assert (kinds.count("attributes"), kinds.count("activity")) == (1, 1)


def test_many_bad_lines_are_counted_and_all_in_the_faults_file(run: Any, folder: Path) -> None:
    run("init")
    result = run("record", "--faults", "faults.jsonl", stdin="{}\n" * 30)
    assert len(result.err.splitlines()) == 21
    assert result.err.endswith("… and 10 more; --faults FILE lists them all\n")
    assert len((folder / "faults.jsonl").read_text().splitlines()) == 30


def test_the_count_as_json(run: Any) -> None:
    run("init")
    found = json.loads(run("record", "--replay", "--json", stdin=BAD).out)
    assert {name: found[name] for name in ("file", "lines", "recorded", "known", "refused")} == {
        "file": "-",
        "lines": 12,
        "recorded": 2,
        "known": 0,
        "refused": 10,
    }
    assert found["faults"][0] == {
        "line": 2,
        "problem": "is no JSON: Expecting value: line 1 column 1 (char 0)",
    }
    assert run("record", "--quiet", stdin=BAD).out == ""


def test_values_are_read_as_in_model_files(run: Any) -> None:
    run("init")
    line = {
        "lead": "ada",
        "at": "2026-10-05T07:00Z",
        "attributes": {"signed": {"date": "2026-01-02"}, "size": {"decimal": "1.10"}},
    }
    assert run("record", stdin=json.dumps(line)).code == 0
    told = [fact for fact in facts(run, "ada") if fact["kind"] == "attributes"]
    assert told[0]["data"] == line["attributes"]


def test_news_that_comes_late_counts_from_its_own_time(run: Any) -> None:
    """The call was made in time, whenever it is told; that it seemed missed stays."""
    run("init")
    lines = NEWS.strip().splitlines()
    assert run("record", "--replay", stdin="\n".join(lines[:5])).code == 0
    assert run("tick", "--now", "2026-10-05T09:00Z").code == 0
    assert run("record", "--now", "2026-10-05T10:00Z", stdin=lines[5]).code == 0
    words = [fact["words"] for fact in facts(run, "ada")]
    assert "rosa missed 2026-10-05 08:40:00 UTC: first touch" in words
    assert "first touch was in time after all: rosa met 2026-10-05 08:40:00 UTC" in words
    told = [f for f in facts(run, "ada") if f["data"].get("command") == "attempt"]
    assert [(fact["at"], fact["recorded_at"]) for fact in told] == [
        ("2026-10-05T08:25:00Z", "2026-10-05T10:00:00Z")
    ]
    assert "; told 2026-10-05 10:00:00 UTC" in run("history", "ada").out


def test_reps_take_pause_resume_and_lose_leads(run: Any) -> None:
    run("init")
    more = [
        {"at": "2026-10-05T08:30Z", "pause": "rosa", "why": "abroad", "until": "2026-10-09T07:00Z"},
        {"at": "2026-10-06T08:30Z", "resume": "rosa"},
        {"at": "2026-10-06T08:40Z", "reassign": "the head of sales", "why": "rosa is ill"},
    ]
    queued = [{**line, "lead": "ada"} for line in more]
    told = [*NEWS.strip().splitlines()[:6], *map(json.dumps, queued)]
    assert run("record", "--replay", stdin="\n".join(told)).code == 0
    words = [fact["words"] for fact in facts(run, "ada")]
    assert "paused (by rosa, “abroad”)" in words
    assert any(text.startswith("goes on") for text in words)
    assert "taken from rosa (by the head of sales, “rosa is ill”)" in words
    late = {"lead": "ada", "at": "2026-10-06T20:00Z", "take": "tess"}
    assert run("record", "--replay", stdin=json.dumps(late)).code == 0
    assert any(
        text.startswith("accepted by tess") for text in [f["words"] for f in facts(run, "ada")]
    )
    wrong = {
        "lead": "ada",
        "at": "2026-10-06T20:10Z",
        "pause": "tess",
        "why": "x",
        "until": "later",
    }
    result = run("record", "--replay", stdin=json.dumps(wrong))
    assert result.err == "  line 1: 'until' is to be an instant with a zone\n"


def test_years_in_which_nothing_is_due_pass_at_once(run: Any) -> None:
    run("init")
    lines = [
        {"lead": "old", "at": "1000-01-01T00:00Z", "activity": "page_view"},
        {"lead": "new", "at": "2026-10-05T07:00Z", "activity": "page_view"},
    ]
    assert run("record", "--replay", stdin="\n".join(map(json.dumps, lines))).code == 0


def test_between_lines_time_passes(run: Any) -> None:
    """An offer that nobody answers lapses, and goes on to the next, before the next line."""
    run("init")
    later = '{"lead": "bob", "at": "2026-10-05T12:00Z", "activity": "page_view"}'
    told = "\n".join([*NEWS.strip().splitlines()[:4], later])
    assert run("record", "--replay", stdin=told).code == 0
    words = [fact["words"] for fact in facts(run, "ada")]
    assert "the offer to rosa lapsed, unanswered by 2026-10-05 07:50:00 UTC" in words
    assert sum(text.startswith("offered to ") for text in words) >= 3


@pytest.mark.parametrize("at", ["0001-01-01T00:00Z", "9999-12-31T23:59-05:00"])
def test_the_ends_of_the_calendar_are_told(run: Any, at: str) -> None:
    run("init")
    line = json.dumps({"lead": "ada", "at": at, "activity": "page_view"})
    result = run("record", "--replay", stdin=line)
    assert (result.code, result.err) == (1, "  line 1: 'at' lies at the end of the calendar\n")


def test_a_file_that_is_not_there_is_told(run: Any) -> None:
    run("init")
    result = run("record", "none.jsonl")
    assert (result.code, result.err) == (2, "mqlkit: none.jsonl: No such file or directory\n")


# -- time --------------------------------------------------------------------------------------


def test_tick_lets_time_pass(run: Any) -> None:
    run("init")
    run("record", "--now", "2026-10-05T07:20Z", stdin="\n".join(NEWS.strip().splitlines()[:4]))
    result = run("tick", "--now", "2026-10-05T08:00Z")
    assert result.code == 0
    assert result.out.startswith("2026-10-05 08:00:00 UTC: looked at 1 lead, 2 effects\n")
    assert "  ada: the offer to rosa lapsed, unanswered by 2026-10-05 07:50:00 UTC\n" in result.out
    again = json.loads(run("tick", "--now", "2026-10-05T08:00Z", "--json").out)
    assert again == {"now": "2026-10-05T08:00:00Z", "looked": [], "effects": [], "failed": {}}
    late = json.loads(run("tick", "--now", "2026-10-05T09:00Z", "--json", "--limit", "1").out)
    assert late["looked"] == ["ada"]
    assert {effect["subject"] for effect in late["effects"]} == {"ada"}


def test_an_instant_without_a_zone_is_wrong_usage(full: Any) -> None:
    assert full("tick", "--now", "2026-10-05 08:00").code == 2


# -- looking -----------------------------------------------------------------------------------


def test_status_counts_stages_and_handoffs(run: Any) -> None:
    run("init")
    run("record", "--now", "2026-10-05T07:20Z", stdin="\n".join(NEWS.strip().splitlines()[:4]))
    result = run("status")
    assert result.code == 0
    assert ["mql", "1", "100.0", "%"] in [line.split() for line in result.out.splitlines()]
    assert "open handoffs" in result.out
    assert json.loads(run("status", "--json").out) == {
        "stages": {"mql": 1},
        "handoffs": {"rosa": {"offered": 1}},
    }


def test_status_needs_no_model(full: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one the stages come by name."""
    monkeypatch.delenv("MQLKIT_MODEL")
    stages = json.loads(full("status", "--json").out)["stages"]
    assert [*stages] == ["disqualified", "merged", "opportunity", "recycled"]


def test_history_tells_in_words_and_as_data(full: Any) -> None:
    shown = full("history", "grace").out.splitlines()
    assert shown[0].startswith("grace stands at recycled since 2026-10-06 09:45:00 UTC; ")
    told = facts(full, "grace")
    assert [fact["seq"] for fact in told] == [*range(1, len(told) + 1)]
    assert len(shown) == len([fact for fact in told if fact["kind"] != "said"]) + 1
    result = full("history", "nobody")
    assert (result.code, result.err) == (2, "mqlkit: there is no lead 'nobody' in this funnel\n")


def test_history_shows_a_command_by_what_came_of_it(full: Any) -> None:
    shown = full("history", "ada").out
    assert [fact["kind"] for fact in facts(full, "ada")].count("said") > 3
    assert "told: " not in shown
    assert shown.count("accepted by rosa") == 1


def test_history_shows_a_command_of_which_nothing_came() -> None:
    noon = datetime(2026, 10, 5, 12, tzinfo=UTC)
    kinds = ("handoff", "said", "said", "attributes", "said")
    told = [Fact(f"{kind}/{n}", kind, noon, noon, {}) for n, kind in enumerate(kinds)]
    assert [fact.id for fact in _told_once(told)] == [
        *("handoff/0", "said/2", "attributes/3", "said/4")
    ]


def test_an_event_that_is_told_has_the_word_of_its_line() -> None:
    noon = datetime(2026, 10, 5, 12, tzinfo=UTC)
    said = {"command": "fire", "trigger": "won", "by": "rosa", "why": ""}
    assert fact_words(Fact("said/1", "said", noon, noon, said)) == "told: event won (by rosa)"


def test_the_clock_of_a_stage_stands_still_and_goes_on() -> None:
    noon = datetime(2026, 10, 5, 12, tzinfo=UTC)
    table = standard(cool_down=timedelta(days=90), verify_within=timedelta(days=14))
    ada = table.step(table.begin("ada", noon, stage="mql").journey, Event("accepted", noon)).journey
    paused = table.pause(ada, noon, by="rosa", why="in spring")
    resumed = table.resume(paused.journey, noon + timedelta(days=1))
    lost = table.step(resumed.journey, Event("lost", noon + timedelta(days=2)))
    bare = table.resume(table.pause(lost.journey, noon).journey, noon)
    lines = (*paused.settled, *resumed.settled, *bare.settled)
    told = [fact_words(Fact("journey/1", "journey", noon, noon, line.to_dict())) for line in lines]
    assert told == [
        "the clock of the stage stands still (by rosa, “in spring”)",
        "the clock of the stage goes on, until 2026-10-20 12:00:00 UTC",
        "the clock of the stage goes on",
    ]


def test_history_shows_the_ids_that_undo_takes(full: Any) -> None:
    shown = full("history", "ada").out
    known = [f["id"] for f in facts(full, "ada") if f["kind"] in ("activity", "attributes")]
    assert "activity/form-7" in known
    assert [line.rpartition("  [")[2][:-1] for line in shown.splitlines() if "  [" in line] == known


def test_history_names_the_fact_that_is_missing(run: Any, monkeypatch: Any) -> None:
    run("init")
    lines = ['{"lead": "x", "at": "2026-10-05T07:00Z", "activity": "demo_request"}']
    run("record", "--replay", stdin="\n".join(lines))
    head = "x stands at visitor since 2026-10-05 07:00:00 UTC; needs data"
    assert run("history", "x").out.splitlines()[0] == f"{head}: title"
    monkeypatch.delenv("MQLKIT_MODEL")
    assert run("history", "x").out.splitlines()[0] == head


def test_instants_are_shown_on_the_clocks_of_a_zone(full: Any) -> None:
    zone = ("--zone", "Europe/Berlin")
    assert "  2026-10-06 11:31:00 CEST  demo_request" in full("history", "grace", *zone).out
    assert full("outbox", "--limit", "1", *zone).out == (
        "     1  2026-10-05 09:00:00 CEST  ada: begins as visitor\n"
    )
    report = full("report", *PERIOD, *zone).out
    assert report.startswith("from 2026-10-01 02:00:00 CEST to 2026-11-01 01:00:00 CET\n")
    assert (
        full("report", *PERIOD, *zone).out.splitlines()[1:]
        == (full("report", *PERIOD).out.splitlines()[1:])
    )
    ticked = full("tick", "--now", "2026-11-01T12:00Z", *zone).out
    assert ticked.startswith("2026-11-01 13:00:00 CET: looked at ")
    result = full("history", "grace", "--zone", "Europe/Berlyn")
    assert result.code == 2
    assert "there is no time zone 'Europe/Berlyn'; did you mean 'Europe/Berlin'?" in result.err
    assert full("history", "grace", "--zone", "../x").code == 2


def test_a_fraction_of_a_second_is_left_to_json(run: Any) -> None:
    run("init")
    line = {"lead": "x", "at": "2026-10-05T07:00:00.999999Z", "activity": "page_view"}
    run("record", "--replay", stdin=json.dumps(line))
    assert "2026-10-05 07:00:00 UTC  page_view" in run("history", "x").out
    assert facts(run, "x")[-1]["at"] == "2026-10-05T07:00:00.999999Z"


def test_explain_gives_the_decision_as_of_any_instant(full: Any) -> None:
    late = full("explain", "grace", "--as-of", "2026-10-06T12:00Z")
    assert late.code == 0
    assert late.out.startswith("grace is QUALIFIED: asked for a demo\n")
    early = full("explain", "grace", "--as-of", "2026-10-06T09:30Z", "--gap")
    assert early.out.startswith("grace is NOT QUALIFIED: ")
    assert "1 more demo_request" in early.out
    found = json.loads(full("explain", "grace", "--as-of", "2026-10-06T12:00Z", "--json").out)
    assert (found["lead"], found["status"]) == ("grace", "qualified")
    assert found["explanation"]
    result = full("explain", "nobody")
    assert (result.code, result.err) == (2, "mqlkit: there is no lead 'nobody' in this funnel\n")


def test_rescore_looks_at_whom_another_model_decided(run: Any, folder: Path) -> None:
    run("init")
    known = {"email": "x@x.example", "title": "VP", "employees": 90}
    lines = [
        {"lead": "x", "at": "2026-10-05T07:00Z", "attributes": known},
        {"lead": "x", "at": "2026-10-05T07:01Z", "activity": "page_view"},
    ]
    run("record", "--replay", stdin="\n".join(map(json.dumps, lines)))
    text = (folder / "week.toml").read_text()
    new = text.replace('version = "1"', 'version = "2"').replace("at_least = 40", "at_least = 20")
    (folder / "new.toml").write_text(new)
    same = run("rescore", "--now", "2026-10-06T07:00Z")
    assert same.out == "2026-10-06 07:00:00 UTC: looked at 0 leads, 0 effects\n"
    result = run("rescore", "--now", "2026-10-06T07:00Z", "--model", "new.toml")
    assert result.code == 0
    assert result.out.startswith("2026-10-06 07:00:00 UTC: looked at 1 lead, ")
    assert "  x: moved from lead to mql (qualified)\n" in result.out
    assert run("rescore", "--model", "new.toml", "--now", "2026-10-06T07:01Z", "--json").out == (
        json.dumps(
            {"now": "2026-10-06T07:01:00Z", "looked": [], "effects": [], "failed": {}}, indent=2
        )
        + "\n"
    )


def test_a_funnel_without_leads_says_so(run: Any) -> None:
    run("init")
    assert run("status").out == "no leads yet\n"


def test_the_outbox_as_data_is_a_line_for_each_message(full: Any) -> None:
    told = [json.loads(line) for line in full("outbox", "--json").out.splitlines()]
    shown = full("outbox").out.splitlines()
    assert [(one["seq"], one["words"]) for one in told] == [
        (int(line.split()[0]), line.split(": ", 1)[1]) for line in shown
    ]
    assert told[0] == {
        "seq": 1,
        "kind": "entered",
        "lead": "ada",
        "at": "2026-10-05T07:00:00Z",
        "key": "ada/journey/1/entered",
        "data": {
            "stage": "visitor",
            "from": None,
            "trigger": "began",
            "episode": 1,
            "furthest": "visitor",
        },
        "delivered": False,
        "words": "begins as visitor",
    }


def test_errors_of_the_library_name_what_the_command_line_has(run: Any) -> None:
    run("init")
    wrong = [
        {"lead": "ada", "at": "2026-10-05T07:21Z", "event": "accepted"},
        {"lead": "ada", "at": "2026-10-05T07:22Z", "undo": "x", "by": "ann", "why": "spam"},
    ]
    lines = [*NEWS.strip().splitlines()[:4], *map(json.dumps, wrong)]
    result = run("record", "--replay", stdin="\n".join(lines))
    assert "(lead_id" not in result.err
    assert "a line with 'accept'" in result.err
    assert "; mqlkit funnel history LEAD lists them\n" in result.err


def test_whether_somebody_was_reached_is_true_or_false(run: Any) -> None:
    run("init")
    line = {"lead": "x", "at": "2026-10-05T07:00Z", "attempt": "rosa", "reached": "yes"}
    result = run("record", stdin=json.dumps(line))
    assert result.err == "  line 1: 'reached' is to be true or false\n"


def test_nothing_of_a_lead_is_obeyed_by_a_terminal(full: Any) -> None:
    line = {
        "lead": "x\x1b[31m",
        "at": "2026-10-07T07:00Z",
        "activity": "k\x1b[31m",
        "properties": {"p\x1b[31m": "\x1b[31m"},
    }
    full("record", "--now", "2026-10-07T07:00Z", stdin=json.dumps(line))
    told = full("history", "x\x1b[31m").out + full("outbox").out
    assert "\x1b" not in told
    assert "\\x1b[31m" in told


def test_the_outbox_is_polled_by_number(full: Any) -> None:
    lines = full("outbox").out.splitlines()
    assert lines[0] == "     1  2026-10-05 07:00:00 UTC  ada: begins as visitor"
    first = [line.split()[0] for line in full("outbox", "--limit", "2").out.splitlines()]
    assert len(first) == 2
    rest = full("outbox", "--after", first[-1]).out.splitlines()
    assert lines[2:] == rest


def test_the_outbox_as_cloudevents(full: Any) -> None:
    lines = full("outbox", "--cloudevents", "--source", "/crm").out.splitlines()
    events = [json.loads(line) for line in lines]
    assert len(events) == len(full("outbox").out.splitlines())
    assert events[0]["type"] == "mqlkit.entered"
    assert {event["source"] for event in events} == {"/crm"}
    assert len({event["id"] for event in events}) == len(events)
    sequence = [event["sequence"] for event in events]
    assert sequence == sorted(sequence)


def test_the_outbox_can_be_followed(full: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for more until it is interrupted."""
    news = '{"lead": "new", "at": "2026-10-08T07:00Z", "activity": "page_view"}'
    waits: list[float] = []
    before = len(full("outbox").out.splitlines())

    def sleep(seconds: float) -> None:
        from mqlkit.cli.stores import open_funnel

        waits.append(seconds)
        if len(waits) > 1:
            raise KeyboardInterrupt
        with open_funnel("funnel.db", "week.toml") as funnel:
            Recording(funnel, Tally("x")).take(Row(1, json.loads(news)))

    monkeypatch.setattr("mqlkit.cli.funnel.time.sleep", sleep)
    result = full("outbox", "--follow")
    assert result.code == 130
    assert len(result.out.splitlines()) == before + 1
    assert "new: begins as visitor" in result.out


# -- reports -----------------------------------------------------------------------------------

PERIOD = ("--since", "2026-10-01T00:00Z", "--until", "2026-11-01T00:00Z")


def test_report_tells_what_was_kept_and_what_sales_said(full: Any) -> None:
    result = full("report", *PERIOD)
    assert result.code == 0
    assert "handed off 2, accepted 1, back 1" in result.out
    assert "of 2 leads that qualified through 'asked for a demo', 50 % were too soon" in result.out
    found = json.loads(full("report", *PERIOD, "--json").out)
    assert found["compliance"]["handed"] == 2
    assert found["feedback"]["total"]["findings"] == {"too soon": 1}


def test_a_report_needs_a_handoff_section(full: Any, folder: Path) -> None:
    text = (folder / "week.toml").read_text()
    (folder / "alone.toml").write_text(text.partition("\n[handoff]")[0])
    result = full("report", *PERIOD, "--model", "alone.toml")
    assert (result.code, result.err) == (
        2,
        "mqlkit: the model hands nothing off; add a section [handoff] to it\n",
    )


# -- lifecycle ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "starts", "has"),
    [
        (("--format", "mermaid"), "flowchart LR\n", "opportunity"),
        (("--format", "dot"), "digraph", "opportunity"),
        (("--format", "svg"), "<svg", "opportunity"),
        ((), "stage ", "unqualified for 7 days"),
        (("week.toml",), "stage ", "unqualified for 3 days"),
    ],
)
def test_a_lifecycle_is_drawn(
    run: Any, folder: Path, options: tuple[str, ...], starts: str, has: str
) -> None:
    result = run("diagram", *options, group="lifecycle")
    assert result.code == 0
    assert result.out.startswith(starts)
    assert has in result.out
    assert run("diagram", *options, "--output", "d.txt", group="lifecycle").out == ""
    assert (folder / "d.txt").read_text(encoding="utf-8") == result.out


def test_a_model_without_a_lifecycle_cannot_be_drawn(run: Any) -> None:
    result = run("diagram", "classic", group="lifecycle")
    assert result.code == 2
    assert result.err == "mqlkit: classic: has no lifecycle; add a section [lifecycle] to it\n"
