"""The six kinds of MQL, each met by a hand-made lead and missed by its neighbour."""

from datetime import UTC, datetime, timedelta

import pytest

from mqlkit import KINDS_OF_MQL, Activity, Lead, Qualification, attribute
from mqlkit.criteria.aggregate import ActivityMeasure
from mqlkit.vocabulary import ACTIVITY_KINDS, CONTENT_TYPES

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MQL = Qualification("any", version="1", when=attribute("email").known(), labels=KINDS_OF_MQL)


def did(kind: str, days: float = 1, **properties: object) -> Activity:
    return Activity(kind, NOW - timedelta(days=days), properties)


def read(content: str, days: float = 1) -> Activity:
    return did("content_download", days, content_type=content)


def priced(days: float = 1) -> Activity:
    return did("page_view", days, page="/pricing")


def labels(*activities: Activity) -> set[str]:
    return set(MQL.decide(Lead("ada", activities=activities), as_of=NOW).labels)


@pytest.mark.parametrize(
    ("activities", "expected"),
    [
        ([], set()),
        ([did("social_click"), did("social_share", 2)], {"social MQL"}),
        ([did("social_click"), did("social_like", 2)], set()),
        ([did("social_click"), did("social_share", 30)], set()),
        ([did("email_click"), did("email_click", 2)], {"e-mail MQL"}),
        ([did("email_click"), did("email_open")], set()),
        ([did("email_reply", 29)], {"e-mail MQL"}),
        ([priced(), priced(3)], {"level 4 MQL"}),
        ([priced(), did("page_view", page="/")], set()),
        ([did("trial_started")], {"level 4 MQL"}),
        ([did("quote_request")], {"level 4 MQL"}),
        ([read("blog post")], {"symptom-aware MQL"}),
        ([read("Checklist", 89)], {"symptom-aware MQL"}),
        ([read("blog post", 90)], set()),
        ([read("blog post"), read("webinar")], {"problem-aware MQL"}),
        ([read("blog post"), read("white paper"), read("case study")], {"solution-aware MQL"}),
        ([read("ROI calculator")], {"solution-aware MQL"}),
        ([read("something else")], set()),
    ],
)  # fmt: skip
def test_labels(activities: list[Activity], expected: set[str]) -> None:
    assert labels(*activities) == expected


def test_a_lead_is_of_one_awareness_only() -> None:
    for first in CONTENT_TYPES:
        for second in ("blog post", "webinar", "case study"):
            aware = [label for label in labels(read(first), read(second)) if "aware" in label]
            assert len(aware) == 1


def test_what_is_not_known_gives_no_label() -> None:
    assert MQL.decide(Lead("ada"), as_of=NOW).labels == ()
    # It may have been a case study: then the lead is no longer symptom-aware.
    assert labels(read("blog post"), did("content_view")) == set()


def test_each_has_a_next_play_and_stands_on_the_vocabulary() -> None:
    assert len(KINDS_OF_MQL) == 6
    assert len({label.play for label in KINDS_OF_MQL.values()}) == 6
    for label in KINDS_OF_MQL.values():
        assert label.play
        for part in label.when.walk():
            measure = getattr(part, "measure", None)
            if isinstance(measure, ActivityMeasure):
                assert set(measure.activities.kinds) <= set(ACTIVITY_KINDS)


def test_the_plays_come_with_the_decision() -> None:
    decision = MQL.decide(Lead("ada", activities=[did("trial_started")]), as_of=NOW)
    assert decision.plays == {"level 4 MQL": KINDS_OF_MQL["level 4 MQL"].play}
