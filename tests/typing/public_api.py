"""The public types as an application uses them: type-checked, never run."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, assert_type

import attrs

from mqlkit import (
    Activities,
    Activity,
    Attribute,
    Criterion,
    Decision,
    Group,
    History,
    Label,
    Lead,
    Model,
    Qualification,
    Reason,
    Rule,
    Scorecard,
    ScoreResult,
    Snapshot,
    Status,
    Verdict,
    activity,
    all_of,
    at_least,
    attribute,
    dumps,
    half_life,
    if_,
    load,
    loads,
    score,
)
from mqlkit.presets import load_preset
from mqlkit.testing import Law, laws_for

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@attrs.frozen
class OursFirst(Criterion):
    """A criterion of an application's own."""

    field: str

    def judge(self, lead: Snapshot) -> Verdict:
        text = assert_type(lead.text(self.field), str | None)
        return Verdict.UNKNOWN if text is None else Verdict.of(text < "m")

    def describe(self) -> str:
        return f"{self.field} comes before m"


def criteria() -> None:
    employees = assert_type(attribute("employees"), Attribute)
    views = assert_type(activity("page_view", page="/pricing").within(days=30), Activities)
    large: Criterion = employees >= 50
    combined = assert_type(large & ~OursFirst("name") | views.happened(), Criterion)
    assert_type(all_of(large, combined), Criterion)
    assert_type(at_least(2, large, combined, views.count() > 3), Criterion)
    assert_type(if_(large, combined, employees.between(5, 10)), Criterion)
    assert_type(views.then(activity("demo_request"), days=7), Criterion)
    assert_type(large.judge(Lead("ada").at(NOW)), Verdict)


def definition() -> Qualification:
    card = Scorecard(
        Group(
            "fit",
            [
                Rule("large", attribute("employees") >= 50, 15),
                Rule.by_value("industry", "industry", {"software": 20, "retail": 2.5}),
                Rule.each("opened", activity("email_open"), 5, decay=half_life(days=30)),
            ],
            cap=100,
        )
    )
    return Qualification(
        "ours",
        version="1",
        card=card,
        when=(score("fit") >= 30) & (score() >= 60),
        never={"customer": attribute("is_customer").is_true()},
        labels={"trial": Label(activity("trial_started").happened(), "call")},
    )


def decisions(mql: Qualification) -> None:
    lead = Lead(
        "ada",
        {"employees": History((NOW, 50)), "products": ["crm"], "account": {"size": 3}},
        [Activity("page_view", NOW, {"page": "/"}, id="e1")],
    )
    decision = assert_type(mql.decide(lead, as_of=NOW), Decision)
    assert_type(decision.status, Status)
    assert_type(decision.score, ScoreResult)
    assert_type(decision.score.points, Decimal)
    assert_type(decision.changes_at, datetime | None)
    assert_type(decision.explain(), Reason)
    assert_type(decision.to_dict(), dict[str, Any])
    assert_type([missing.field for missing in decision.missing], list[str])
    assert_type([gap.apply(lead, NOW) for gap in decision.gap], list[Lead])
    assert_type(mql.forecast(lead, as_of=NOW, until=NOW), list[Decision])


def files(lists: Mapping[str, list[str]]) -> None:
    model = assert_type(load("model.toml", lists=lists), Model)
    assert_type(loads(dumps(model, "json"), "json"), Model)
    assert_type(load_preset("b2b-saas").qualification, Qualification)
    assert_type(model.decide(Lead("ada"), as_of=NOW), Decision)


def laws() -> None:
    assert_type(laws_for(OursFirst("name")), list[Law])
    assert_type(laws_for(OursFirst), list[Law])


def wrong(mql: Qualification) -> None:
    """What a type checker must refuse; an ignore that is not needed is an error itself."""
    mql.decide(Lead("ada"), NOW)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Lead(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    half_life(30)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
