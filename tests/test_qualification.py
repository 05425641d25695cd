"""Decisions: the table, the reasons, what is missing, what would change, what a reader sees."""

import json
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from building import NO, NOW, TICK, UNKNOWN, YES, a_lead, ago, did, refused

from mqlkit import (
    Activity,
    Criterion,
    Decision,
    Group,
    History,
    Label,
    Lead,
    Override,
    Qualification,
    Rule,
    Scorecard,
    Snapshot,
    Status,
    Verdict,
    activity,
    any_of,
    attribute,
    grade,
    linear,
    matrix,
    score,
    stage,
)
from mqlkit.asking import Missing
from mqlkit.errors import DefinitionError, KindError, NaiveTimeError, UnknownNameError
from mqlkit.points import plain_points
from mqlkit.status import decide

W, X, Y, Z = (attribute(name).is_true() for name in "wxyz")
FLAGS = {YES: True, NO: False, UNKNOWN: None}


def asked(lead: Lead | None = None, **changed: object) -> Decision:
    """The decision of a small definition, with parts changed."""
    whole: dict[str, object] = {"version": "1", "when": W}
    return Qualification("q", **{**whole, **changed}).decide(lead or a_lead(), as_of=NOW)


# -- the table ---------------------------------------------------------------------------------

TABLE = [
    (YES, YES, Status.DISQUALIFIED),
    (YES, NO, Status.DISQUALIFIED),
    (YES, UNKNOWN, Status.DISQUALIFIED),
    (UNKNOWN, NO, Status.NOT_QUALIFIED),
    (UNKNOWN, YES, Status.NEEDS_DATA),
    (UNKNOWN, UNKNOWN, Status.NEEDS_DATA),
    (NO, YES, Status.QUALIFIED),
    (NO, NO, Status.NOT_QUALIFIED),
    (NO, UNKNOWN, Status.NEEDS_DATA),
]


@pytest.mark.parametrize(("never", "wanted", "status"), TABLE)
def test_the_truth_table(never: Verdict, wanted: Verdict, status: Status) -> None:
    assert decide(never, wanted) is status
    for wish in ("w", "y"):
        lead = a_lead(**{"w": False, "y": False, "x": FLAGS[never], wish: FLAGS[wanted]})
        found = asked(lead, never={"blocked": X}, at_once={"hand raised": Y})
        assert found.status is status
        assert found.never == {"blocked": never}
        assert found.at_once["hand raised"] is (wanted if wish == "y" else NO)
        assert found.when is (wanted if wish == "w" else NO)


def test_a_status_is_shown_by_its_name() -> None:
    assert repr(Status.NEEDS_DATA) == "Status.NEEDS_DATA"
    assert str(Status.NEEDS_DATA) == "needs data"


def test_reasons_say_in_short_why() -> None:
    def reasons(**flags: object) -> tuple[str, ...]:
        return asked(a_lead(**flags), never={"b": X, "a": Y}, at_once={"demo": Z}).reasons

    sure = {"w": False, "x": False, "y": False, "z": False}
    assert reasons(**{**sure, "x": True, "y": True, "w": True}) == ("a", "b")
    assert reasons(**{**sure, "y": True}) == ("a",)
    assert reasons(**{**sure, "w": True}) == ("q",)
    assert reasons(**{**sure, "z": True}) == ("demo",)
    assert reasons(**{**sure, "w": True, "z": True}) == ("demo", "q")
    assert reasons(**sure) == ("unmet: w is yes",)
    assert reasons(**{**sure, "w": None}) == ()


def test_unknowns_may_count_as_no_after_each_whole_formula() -> None:
    """At a leaf it would be turned round by the not: ~(unknown as no) is yes."""
    found = asked(a_lead(), when=~W, never={"b": X}, at_once={"c": ~Y}, unknowns="no")
    assert found.status is Status.NOT_QUALIFIED
    assert (found.when, found.never, found.at_once) == (NO, {"b": NO}, {"c": NO})
    assert found.missing == ()
    shown = str(found.explain())
    assert shown.count("not known, and assumed no") == 3
    assert found.notes == ("what is not known counts as no, as this definition says",)
    assert asked(a_lead(w=True), unknowns="no").status is Status.QUALIFIED
    assert "assumed" not in str(asked(a_lead(w=True), unknowns="no").explain()).split("notes")[0]


def test_unknown_rules_give_nothing_when_unknowns_are_no() -> None:
    card = Scorecard(Rule("x", X, -5), Rule("not y", ~Y, 7), Rule("w", W, 3))
    found = asked(a_lead(w=True), card=card, when=score() >= 3, unknowns="no")
    assert (found.score.range, found.status) == ((3_000, 3_000), Status.QUALIFIED)


# -- scores, grades, labels --------------------------------------------------------------------

CARD = Scorecard(
    Group("fit", [Rule("x", X, 30), Rule("y", Y, 20)]),
    Group("pace", [Rule.each("open", activity("open"), 8, decay=linear(days=8))]),
)
FIT = grade("fit", {"A": 40, "B": 10}, lowest="C")
PACE = grade("pace", {"1": 5}, lowest="2")


def test_a_decision_has_every_score_by_name() -> None:
    found = asked(a_lead(did("open", 2), x=True), card=CARD, when=score("fit") >= 30)
    assert {name: s.points for name, s in found.scores.items()} == {
        "total": 36,
        "fit": 30,
        "pace": 6,
    }
    assert found.score == found.scores["total"]
    assert found.status is Status.QUALIFIED


def test_several_cards_are_asked_for_by_name() -> None:
    a, b = Scorecard(Rule("x", X, 5), name="a"), Scorecard(Rule("y", Y, 7), name="b")
    found = asked(a_lead(x=True, y=True), card=[a, b], when=(score("a") >= 5) & (score("b") >= 7))
    assert found.status is Status.QUALIFIED
    assert {name: s.points for name, s in found.scores.items()} == {"a": 5, "b": 7}
    with refused(UnknownNameError, "there is no score 'total'; known are 'a', 'b'"):
        _ = found.score
    assert "score a: 5" in str(found.explain())


def test_grades_are_told_and_ranges_as_or() -> None:
    grades = {"fit": FIT, "both": matrix(FIT, PACE), "stage": stage()}
    found = asked(a_lead(x=True), card=CARD, grades=grades)
    assert found.grades == {"fit": "A or B", "both": "A2 or B2", "stage": "unknown"}
    sure = asked(a_lead(did("open"), x=True, y=True), card=CARD, grades={"both": matrix(FIT, PACE)})
    assert sure.grades == {"both": "A1"}


def test_labels_are_those_that_surely_fit_with_their_plays() -> None:
    labels = {"hot": Label(X, "call today"), "warm": Y, "cold": Label(Z, "wait"), "w": Label(W)}
    found = asked(a_lead(x=True, y=True, z=None, w=True), labels=labels)
    assert found.labels == ("hot", "w", "warm")
    assert found.plays == {"hot": "call today"}
    shown = str(found.explain())
    assert "  kind of lead\n    yes: hot  (next: call today)\n    yes: w\n    yes: warm" in shown


def test_points_by_hand_may_decide() -> None:
    given = Override(50, "ann", "knows them", ago(days=1), NOW + timedelta(days=1))
    lead = Lead("ada", {"x": False, "y": False}, [], overrides=[given])
    found = asked(lead, card=CARD, when=score() >= 50)
    assert found.status is Status.QUALIFIED
    assert found.changes_at == NOW + timedelta(days=1)
    assert "50  by ann: knows them" in str(found.explain())


# -- what is missing ---------------------------------------------------------------------------


def test_what_settles_most_is_asked_first_then_by_points() -> None:
    card = Scorecard(Rule("a", attribute("a").is_true(), 5), Rule("b", attribute("b").is_true(), 9))
    found = asked(
        a_lead(), card=card, when=W & X & (score() >= 0), never={"bad": X}, at_once={"now": Y}
    )
    assert found.status is Status.NEEDS_DATA
    assert found.missing == (
        Missing("x", "flag", ("never 'bad'", "when"), Decimal(0)),
        Missing("w", "flag", ("when",), Decimal(0)),
        Missing("y", "flag", ("at_once 'now'",), Decimal(0)),
        Missing("b", "flag", (), Decimal(9)),
        Missing("a", "flag", (), Decimal(5)),
    )


def test_a_score_that_decides_names_its_blanks() -> None:
    found = asked(a_lead(x=True), card=CARD, when=score("fit") >= 40)
    assert found.status is Status.NEEDS_DATA
    assert found.missing == (Missing("y", "flag", ("when",), Decimal(20)),)


def test_a_decided_lead_waits_for_points_only() -> None:
    found = asked(a_lead(w=True), card=CARD, never={"b": Z.if_unknown(NO)})
    assert found.status is Status.QUALIFIED
    assert [(m.field, m.settles, m.points) for m in found.missing] == [("x", (), 30), ("y", (), 20)]


def test_nothing_more_is_asked_about_a_disqualified_lead() -> None:
    found = asked(a_lead(x=True), card=CARD, never={"b": X})
    assert found.status is Status.DISQUALIFIED
    assert found.missing == ()


def test_when_the_wish_is_met_only_the_blockers_are_asked() -> None:
    found = asked(a_lead(w=True), never={"b": X}, at_once={"now": Y}, labels={"l": Z})
    assert found.status is Status.NEEDS_DATA
    assert [(m.field, m.settles) for m in found.missing] == [("x", ("never 'b'",))]


def test_points_of_one_field_add_up_over_the_card() -> None:
    card = Scorecard(Rule("a", X, 5), Rule("b", X, -7), name="b2b")
    found = asked(a_lead(w=True), card=card)
    assert [(m.field, m.points) for m in found.missing] == [("x", 12)]
    assert "12 points hang on it" in str(found.explain())


# -- when to look again ------------------------------------------------------------------------


def test_the_next_look_is_the_first_of_all_parts() -> None:
    hours = [timedelta(hours=h) for h in range(1, 6)]
    x, y, z, w = (History((NOW + h, True)) for h in hours[:4])
    lead = Lead("ada", {"x": x, "y": y, "z": z, "w": w}, [])
    assert asked(lead).changes_at == NOW + hours[3]
    assert asked(lead, never={"z": Z}).changes_at == NOW + hours[2]
    assert asked(lead, at_once={"y": Y}).changes_at == NOW + hours[1]
    assert asked(lead, labels={"x": X}).changes_at == NOW + hours[0]
    assert asked(lead, card=CARD).changes_at == NOW + hours[0]
    assert asked(Lead("ada", {}, []), card=CARD, grades={"fit": FIT}).changes_at is None
    assert asked().changes_at is None


def test_a_forecast_is_the_staircase_to_come() -> None:
    card = Scorecard(Rule.each("open", activity("open"), 8, decay=linear(days=4)))
    q = Qualification("q", version="1", when=score() >= 3, card=card)
    lead = a_lead(did("open", 0.5))
    days = [NOW + timedelta(days=n + 0.5) for n in range(4)]
    stairs = q.forecast(lead, as_of=NOW, until=days[-1])
    assert [(d.as_of, d.status, d.score.points) for d in stairs] == [
        (NOW, Status.QUALIFIED, 8),
        (days[0], Status.QUALIFIED, 6),
        (days[1], Status.QUALIFIED, 4),
        (days[2], Status.NOT_QUALIFIED, 2),
        (days[3], Status.NOT_QUALIFIED, 0),
    ]
    assert [d.as_of for d in q.forecast(lead, as_of=NOW, until=days[1] - TICK)] == [NOW, days[0]]
    assert len(q.forecast(lead, as_of=NOW, until=NOW)) == 1
    with pytest.raises(NaiveTimeError, match=r"^until 2026-03-15"):
        q.forecast(lead, as_of=NOW, until=datetime(2026, 3, 15))


def test_a_forecast_tells_only_what_differs() -> None:
    views = activity("view").within(days=1).count() >= 1
    lead = a_lead(did("view", 0.9), did("view", 0.5))
    q = Qualification("q", version="1", when=views)
    stairs = q.forecast(lead, as_of=NOW, until=NOW + timedelta(days=9))
    assert [d.as_of for d in stairs] == [NOW, NOW + timedelta(days=0.5)]


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "error", "text"),
    [
        (
            {"when": True},
            KindError,
            "wanted a criterion, not yes"
            "; to compare a measure use .equals(...), since == compares measures themselves",
        ),
        ({"version": ""}, DefinitionError, "a name is text of at most 200 characters, not blank"),
        ({"card": 5}, KindError, "wanted a Scorecard, not 5"),
        ({"card": [Group("g", [])]}, KindError, "wanted a Scorecard, not a Group"),
        ({"never": [X]}, KindError, "wanted a table by name, not [an Equals]"),
        (
            {"never": {"": X}},
            DefinitionError,
            "a name is text of at most 200 characters, not blank",
        ),
        ({"at_once": {"a": 5}}, KindError, "wanted a criterion, not 5"),
        ({"labels": {"a": 5}}, KindError, "wanted a criterion, not 5"),
        ({"grades": {"a": score()}}, KindError, "'a' must be a grade or a matrix, not a Score"),
        ({"unknowns": "yes"}, DefinitionError, "unknowns are 'ask' or 'no', not \"yes\""),
        (
            {"card": [Scorecard(), Scorecard(name="b")]},
            DefinitionError,
            "of several cards each needs a name",
        ),
        ({"when": score("x") >= 1}, UnknownNameError, "there is no score 'x'; known are none"),
        (
            {"card": CARD, "when": score("pase") >= 1},
            UnknownNameError,
            "there is no score 'pase'; did you mean 'pace'?",
        ),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(
    changed: dict[str, object], error: type[Exception], text: str
) -> None:
    with refused(error, text):
        asked(**changed)


@pytest.mark.parametrize(
    ("section", "where"),
    [
        ({"when": score("x") >= 1}, "in when"),
        ({"never": {"a": score("x") >= 1}}, "in never 'a'"),
        ({"at_once": {"a": score("x") >= 1}}, "in at_once 'a'"),
        ({"labels": {"a": score("x") >= 1}}, "in label 'a'"),
        ({"grades": {"a": grade("x", {"A": 5}, lowest="B")}}, "in grade 'a'"),
    ],
)
def test_an_unknown_score_says_where_it_is_asked_for(
    section: dict[str, object], where: str
) -> None:
    with pytest.raises(UnknownNameError) as caught:
        asked(**section)
    assert caught.value.__notes__ == [where]


def test_as_of_is_aware() -> None:
    with pytest.raises(NaiveTimeError, match=r"^as_of 2026-03-15"):
        Qualification("q", version="1", when=W).decide(a_lead(), as_of=datetime(2026, 3, 15))


def test_a_definition_is_a_value() -> None:
    def build(**changed: object) -> Qualification:
        return Qualification("q", **{"version": "1", "when": W, "card": CARD, **changed})

    assert build() == build(card=[CARD]) == pickle.loads(pickle.dumps(build()))
    assert build(never={"a": X, "b": Y}) == build(never={"b": Y, "a": X})
    assert build() != build(unknowns="no")
    assert hash(build()) == hash(build())
    assert build(labels={"a": X}) == build(labels={"a": Label(X)})
    assert build(card=None).cards == ()


# -- what a reader sees ------------------------------------------------------------------------


def rich_decision() -> Decision:
    lead = Lead(
        "ada<1>",
        {"x": True, "y": "perhaps", "w": True, "title": "Head"},
        [did("open", 2, key="o1"), did("open", 1, key="o1")],
        account=Lead("acme", {}, [did("visit", 1, key="v", n=1), did("visit", 1, key="v", n=2)]),
        known_at=NOW + timedelta(days=1),
    )
    q = Qualification(
        "b2b",
        version="2026.4",
        card=CARD,
        when=W & (score() >= 30),
        never={"works for a rival": Z},
        at_once={"asked for a demo": activity("demo").happened()},
        labels={"hot": Label(X, "call")},
        grades={"fit": FIT},
    )
    return q.decide(lead, as_of=NOW)


def test_an_explanation_tells_everything_in_one_tree() -> None:
    found = rich_decision()
    fingerprint = found.qualification.fingerprint
    assert str(found.explain()) == "\n".join(
        [
            "ada<1> NEEDS DATA: z",
            f"  decided by 'b2b' version 2026.4 ({fingerprint}), as of 2026-03-15 12:00:00 UTC",
            "  would be disqualified by any of",
            "    ? works for a rival",
            "      ? z is yes  (z is blank)",
            "  would qualify at once by any of",
            "    no: asked for a demo",
            "      no: any demo  (0 found)",
            "  qualifies when",
            "    yes: all of",
            "      yes: w is yes  (w is yes)",
            "      yes: the score is at least 30  "
            '(it is 36 to 56, y holds "perhaps", wanted true or false)',
            "  score: 36 (36 to 56)",
            "    30 (30 to 50)  fit",
            "      yes: 30  x",
            "        yes: x is yes  (x is yes)",
            "      ? 0 (0 to 20)  y",
            '        ? y is yes  (y holds "perhaps", wanted true or false)',
            "    6  pace",
            "      yes: 8  open",
            "        yes: open  (1 counted)",
            "      -2  open: faded with age",
            "  grades",
            "    fit: A or B",
            "  kind of lead",
            "    yes: hot  (next: call)",
            "  not known, in the order to ask",
            "    z  (needed for the disqualifier 'works for a rival')",
            "    y  (20 points hang on it)",
            "  notes",
            '    y holds "perhaps", wanted true or false; counted as not known',
            "    activities 'o1' came with differing content",
            "    the account's activities 'v' came with differing content",
            "    decided as of 2026-03-15 12:00:00 UTC, but 4 attributes are only known as of "
            "2026-03-16 12:00:00 UTC: title, w, x, y",
            "  look again at 2026-03-16 12:00:00 UTC",
        ]
    )


def test_a_decision_shows_itself_in_short() -> None:
    found = rich_decision()
    assert str(found) == str(found.explain()).splitlines()[0]
    assert repr(found).startswith("Decision(qualification='b2b', lead='ada<1>', as_of=")
    assert "ada&lt;1&gt;" in found._repr_html_()
    assert found._repr_html_() == found.explain()._repr_html_()


def test_notes_come_first_from_whoever_decided() -> None:
    q = Qualification("q", version="1", when=W)
    found = q.decide(a_lead(), as_of=NOW, notes=("the agreement is a draft",))
    assert "the agreement is a draft" in list(found.notes)
    assert "    the agreement is a draft" in str(found.explain())


def test_faults_are_told_once() -> None:
    found = asked(a_lead(x=5), card=Scorecard(Rule("r", X, 5)), when=X, never={"n": X})
    assert [(seen.field, seen.fault) for seen in found.faults] == [("x", "wanted true or false")]


def test_what_would_qualify_is_told_when_asked() -> None:
    found = asked(a_lead(w=False))
    assert "would qualify with" not in str(found.explain())
    assert "would qualify with" in str(found.explain(gap=True))
    assert "would qualify with" not in str(asked(a_lead(w=True)).explain(gap=True))
    assert asked(a_lead(w=True)).gap == ()
    assert found.gap
    hopeless = asked(when=any_of())
    assert hopeless.gap == ()
    assert "would qualify with\n    nothing was found that would" in str(hopeless.explain(gap=True))


def test_a_decision_as_plain_data_is_exact() -> None:
    card = Scorecard(Group("fit", [Rule("x", X, 8.7), Rule("y", Y, -0.005)]))
    found = asked(
        Lead("ada", {"x": True, "w": True}, [did("open", 0.5)]),
        card=card,
        labels={"hot": X},
        grades={"fit": FIT},
        at_once={"open": activity("open").within(days=1).happened()},
    )
    data = found.to_dict()
    assert data == {
        "lead": "ada",
        "status": "qualified",
        "reasons": ["open", "q"],
        "scores": {
            "total": {"low": 8.695, "points": 8.7, "high": 8.7},
            "fit": {"low": 8.695, "points": 8.7, "high": 8.7},
        },
        "grades": {"fit": "C"},
        "labels": ["hot"],
        "missing": ["y"],
        "name": "q",
        "version": "1",
        "fingerprint": found.qualification.fingerprint,
        "as_of": "2026-03-15T12:00:00+00:00",
        "changes_at": "2026-03-16T00:00:00+00:00",
    }
    assert json.loads(json.dumps(data)) == data
    assert asked().to_dict()["changes_at"] is None


def test_points_as_json_numbers() -> None:
    assert [json.dumps(plain_points(m)) for m in (8_700, 30_000, -5, 0, 999_999_999)] == [
        "8.7",
        "30",
        "-0.005",
        "0",
        "999999.999",
    ]


def test_lines_of_every_score_add_up() -> None:
    found = rich_decision()
    for result in found.scores.values():
        for end in ("low", "points", "high"):
            total = sum(getattr(line, end) for line in result.lines)
            assert total == getattr(result, end)


def test_deciding_leaves_the_lead_as_it_was() -> None:
    lead = Lead("ada", {"x": [1, {"y": 2}]}, [Activity("open", NOW, {"t": ["a"]})])
    before = pickle.dumps(lead)
    found = asked(lead, card=CARD)
    found.explain()
    _ = found.missing, found.changes_at, found.to_dict()
    assert pickle.loads(before) == lead
    assert NOW.tzinfo is UTC


class Flicker(Criterion):
    """Reads the clock and does not say when it changes."""

    def judge(self, lead: Snapshot) -> Verdict:
        return Verdict.of(lead.as_of.microsecond % 2 == 0)

    def describe(self) -> str:
        return "the clock is even"


def test_a_forecast_has_a_bound() -> None:
    q = Qualification("q", version="1", when=Flicker())
    with pytest.raises(DefinitionError, match=r"10,000 instants at most.*changes_at"):
        q.forecast(a_lead(), as_of=NOW, until=NOW + timedelta(days=1))


def test_points_by_hand_for_no_score_are_told() -> None:
    override = Override(5, "ana", "met", NOW, NOW + timedelta(days=1), "fti")
    lead = Lead("ada", {"w": True}, [], overrides=[override])
    q = Qualification("q", version="1", when=W, card=CARD)
    assert "points by hand for 'fti' count nowhere: there is no such score" in list(
        q.decide(lead, as_of=NOW).notes
    )


def test_a_decision_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="compare its status"):
        bool(asked(a_lead()))


def test_a_status_is_its_own_text() -> None:
    assert Status.NEEDS_DATA == "needs data" == str(Status.NEEDS_DATA)
    assert json.dumps(Status.QUALIFIED) == '"qualified"'


def test_what_is_no_lead_is_refused() -> None:
    q = Qualification("q", version="1", when=W)
    with pytest.raises(KindError, match=r"^wanted a Lead, such as Lead\('ada', \{...\}\), not"):
        q.decide({"w": True}, as_of=NOW)  # type: ignore[arg-type]
    with pytest.raises(KindError, match="not a list; give them one by one: for lead in leads: dec"):
        q.decide([a_lead()], as_of=NOW)  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match=r"^until must be at or after as_of$"):
        q.forecast(a_lead(), as_of=NOW, until=NOW - TICK)


def test_the_points_on_a_fact_are_those_that_the_total_can_move_by() -> None:
    card = Scorecard(Rule("x", X, 20), Rule("sure", W, 15), cap=25)
    (fact,) = asked(a_lead(w=True), card=card).missing
    assert (fact.field, fact.points) == ("x", 10)


def test_only_what_is_unmet_is_a_reason() -> None:
    found = asked(a_lead(w=True, x=False, y=None), when=W & X & Y)
    assert found.reasons == ("unmet: x is yes",)
    assert str(found) == "ada is NOT QUALIFIED: unmet: x is yes"
