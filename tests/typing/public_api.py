"""The public types as a user meets them. Type-checked, never run."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, assert_type

import attrs

from mqlkit import (
    Activities,
    Activity,
    Attribute,
    Band,
    Criterion,
    Decision,
    Group,
    History,
    Label,
    LabelMeasure,
    Lead,
    Measure,
    NamedList,
    Override,
    Qualification,
    Range,
    Reason,
    Rule,
    Scorecard,
    ScoreResult,
    Snapshot,
    Status,
    Timeline,
    Verdict,
    activity,
    all_of,
    any_of,
    at_least,
    attribute,
    exactly,
    expires,
    grade,
    half_life,
    if_,
    known,
    linear,
    matrix,
    missing,
    register,
    score,
    stage,
    steps,
)
from mqlkit.forecast import Flip, Forecast
from mqlkit.staircase import Step


# A user's own criterion and measure: attrs classes with the two methods each.
@register("weekday_signup", main="field")
@attrs.frozen
class SignedUpOnAWeekday(Criterion):
    field: str

    def judge(self, lead: Snapshot) -> Verdict:
        moment = lead.moment(self.field)
        assert_type(moment, datetime | None)
        return Verdict.UNKNOWN if moment is None else Verdict.of(moment.weekday() < 5)

    def describe(self) -> str:
        return f"{self.field} is on a weekday"


@attrs.frozen(order=False)
class TitleLength(Measure):
    def range(self, lead: Snapshot, kind: str = "number") -> Range | None:
        title = lead.text("title")
        assert_type(title, str | None)
        return None if title is None else Range(len(title), len(title))

    def describe(self) -> str:
        return "length of the title"


def criteria() -> Iterator[Criterion]:
    title = attribute("title")
    assert_type(title, Attribute)
    views = activity("page_view", page="/pricing").within(days=30)
    assert_type(views, Activities)

    senior = title.contains_any("manager", "director")
    big = attribute("employees") >= 50
    assert_type(senior & big, Criterion)
    assert_type(senior | ~big, Criterion)
    yield from (senior, big, title.is_in(NamedList("titles", ["vp"])), title.domain_is("a.example"))
    yield from (all_of(senior, big), any_of(), at_least(2, senior, big), exactly(1, big))
    yield if_(senior, big, known("title"))
    yield missing("title").if_unknown(Verdict.NO)
    yield SignedUpOnAWeekday("since").named("weekday")
    yield TitleLength() > 5
    yield views.count() >= 3
    yield views.sum("value", blanks="skip").between(1, 500.5)
    yield views.days_since_last() <= 14
    yield views.then(activity("demo_request"), days=7)
    yield stage().equals("recycled")
    yield score("fit") >= 30


def definition() -> Qualification:
    letters: Mapping[str, int | float] = {"A": 60, "B": 40.5}
    fit = grade("fit", letters, lowest="C")
    pace = grade("engagement", {"1": 50}, lowest="2")
    both: LabelMeasure = matrix(fit, pace)
    opens = activity("email_open")
    card = Scorecard(
        Group(
            "fit",
            [
                Rule("big", attribute("employees") >= 50, 15),
                Rule("exact", attribute("employees") >= 50, Decimal("1.5")),
                Rule.by_value("country", "country", {"US": 5, "DE": 3.5}),
                Rule.by_band("size", attribute("employees"), [Band(5, at_least=10, below=50)]),
                Rule.first_of("seniority", (attribute("title").contains("vp"), 20)),
            ],
            cap=50,
        ),
        Group(
            "engagement",
            [
                Rule.each("opened", opens, 5, once_per="mail", at_most=2, per=7, in_all=9),
                Rule.latest("newest", opens, 5, decay=steps({30: 0.5})),
            ],
            decay=half_life(days=30),
            floor=0,
        ),
        Rule.each("late", opens, 1, decay=linear(days=9)),
        Rule.each("gone", opens, 1, decay=expires(days=9)),
        cap=100,
    )
    return Qualification(
        "b2b",
        version="1",
        when=(score() >= 80) & both.equals("A1"),
        card=card,
        never={"customer already": attribute("is_customer").is_true()},
        at_once={"asked for a demo": activity("demo_request").happened()},
        labels={"hot": Label(score() >= 90, play="call"), "warm": score() >= 50},
        grades={"fit": fit, "both": both},
        unknowns="no",
    )


def lead(now: datetime) -> Lead:
    return Lead(
        "ada",
        {"title": History((now, "VP")), "employees": 49},
        [Activity("page_view", now, {"page": "/pricing"}, "a1")],
        account=Lead("acme"),
        overrides=[Override(5, "ann", "met at a fair", now, now)],
    )


def decisions(now: datetime) -> None:
    definition_ = definition()
    decision = definition_.decide(lead(now), as_of=now)
    assert_type(decision, Decision)
    assert_type(decision.status, Status)
    assert_type(decision.reasons, tuple[str, ...])
    assert_type(decision.score, ScoreResult)
    assert_type(decision.score.points, Decimal)
    assert_type(decision.scores, dict[str, ScoreResult])
    assert_type(decision.grades, dict[str, str])
    assert_type(decision.labels, tuple[str, ...])
    assert_type(decision.changes_at, datetime | None)
    assert_type(decision.explain(), Reason)
    assert_type(decision.to_dict(), dict[str, Any])
    assert_type(definition_.fingerprint, str)
    ahead = definition_.forecast(lead(now), as_of=now, until=now)
    assert_type(ahead, Forecast[Decision])
    assert_type(ahead[0], Decision)
    assert_type(ahead[1:], tuple[Decision, ...])
    assert_type(list(ahead), list[Decision])
    assert_type(ahead.flips, tuple[Flip[Decision], ...])
    assert_type(ahead.staircase("fit"), tuple[Step, ...])
    assert_type(ahead.explain(), Reason)
    assert_type(lead(now).timeline, Timeline | None)
    assert_type(Verdict.YES & Verdict.NO, Verdict)
    assert_type(Verdict.UNKNOWN.settle(unknown=False), bool)
