"""An agreement: what it refuses, when its review is due, and what it reports."""

import datetime as datetime_module
import pickle
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqlkit.agreement import QUARTERLY, STATES, Agreement, Signature, next_review
from mqlkit.errors import DefinitionError, KindError, NaiveTimeError
from mqlkit.fingerprint import fingerprint

MARKETING = Signature("Ada", date(2026, 1, 15))
SALES = Signature("Grace", date(2026, 1, 20))
SIGNED = Agreement(
    definition="b2b-saas",
    version="2026.4",
    fingerprint="mq1-abc",
    state="signed",
    objectives=["fewer leads, better ones"],
    marketing=MARKETING,
    sales=SALES,
    follow_up="a call within one working day",
    feedback=["accepted or rejected, with a reason"],
)


# -- the review --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "last", "due"),
    [
        (QUARTERLY, date(2026, 1, 20), date(2026, 4, 20)),
        (QUARTERLY, date(2026, 11, 30), date(2027, 2, 28)),
        (QUARTERLY, date(2027, 11, 30), date(2028, 2, 29)),
        (QUARTERLY, date(2026, 12, 31), date(2027, 3, 31)),
        ("FREQ=MONTHLY", date(2026, 1, 31), date(2026, 2, 28)),
        ("FREQ=MONTHLY;BYMONTHDAY=1", date(2026, 1, 20), date(2026, 2, 1)),
        ("FREQ=MONTHLY;BYMONTHDAY=1", date(2026, 2, 1), date(2026, 3, 1)),
        ("FREQ=MONTHLY;BYMONTHDAY=28", date(2026, 2, 20), date(2026, 2, 28)),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", date(2026, 1, 20), date(2026, 4, 1)),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", date(2026, 1, 31), date(2026, 4, 1)),
        ("FREQ=WEEKLY;INTERVAL=2", date(2026, 1, 31), date(2026, 2, 14)),
        ("FREQ=YEARLY", date(2024, 2, 29), date(2025, 2, 28)),
        ("FREQ=YEARLY;INTERVAL=4", date(2024, 2, 29), date(2028, 2, 29)),
        ("FREQ=YEARLY", date(2026, 3, 31), date(2027, 3, 31)),
        ("FREQ=YEARLY;INTERVAL=120", date(9990, 1, 1), None),
        ("FREQ=YEARLY", date(9999, 12, 31), None),
        ("FREQ=MONTHLY;BYMONTHDAY=5", date(9999, 12, 31), None),
        ("FREQ=WEEKLY", date(9999, 12, 31), None),
    ],
)
def test_the_next_review(rule: str, last: date, due: date | None) -> None:
    assert next_review(rule, last) == due


@given(
    last=st.dates(),
    frequency=st.sampled_from(["WEEKLY", "MONTHLY", "YEARLY"]),
    interval=st.integers(1, 120),
)
def test_a_review_comes_after_about_its_interval(last: date, frequency: str, interval: int) -> None:
    """Never earlier than the shortest such span, nor later than the longest."""
    due = next_review(f"FREQ={frequency};INTERVAL={interval}", last)
    shortest, longest = {"WEEKLY": (7, 7), "MONTHLY": (28, 31), "YEARLY": (365, 366)}[frequency]
    if due is None:
        assert date.max - last < timedelta(days=longest * interval)
    else:
        assert shortest * interval <= (due - last).days <= longest * interval
        assert frequency == "WEEKLY" or due.day == last.day or due.day >= 28


@pytest.mark.parametrize(
    ("rule", "signed", "days"),
    [
        ("FREQ=MONTHLY", date(2026, 1, 31), ["02-28", "03-31", "04-30", "05-31", "06-30"]),
        ("FREQ=MONTHLY;INTERVAL=2", date(2025, 12, 31), ["02-28", "04-30", "06-30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=5", date(2026, 4, 30), ["05-05", "06-05"]),
        ("FREQ=WEEKLY;INTERVAL=4", date(2026, 4, 1), ["04-29", "05-27", "06-24"]),
    ],
)
def test_a_missed_review_does_not_move_the_ones_after_it(
    rule: str, signed: date, days: list[str]
) -> None:
    both = {"marketing": Signature("Ada", signed), "sales": Signature("Grace", signed)}
    agreement = attrs.evolve(SIGNED, review=rule, **both)
    missed = agreement.reviews_missed(signed, date(2026, 7, 1))
    assert [f"{day:%m-%d}" for day in missed] == days
    # Wherever one starts to look, it is the same days.
    for since in missed:
        assert agreement.reviews_missed(since, date(2026, 7, 1)) == missed[missed.index(since) :]
        after = since + timedelta(days=1)
        assert (
            agreement.reviews_missed(after, date(2026, 7, 1)) == missed[missed.index(since) + 1 :]
        )


def test_a_yearly_review_comes_back_to_the_leap_day() -> None:
    both = {team: Signature("Ada", date(2024, 2, 29)) for team in ("marketing", "sales")}
    yearly = attrs.evolve(SIGNED, review="FREQ=YEARLY", **both)
    missed = yearly.reviews_missed(date(2027, 1, 1), date(2029, 1, 1))
    assert missed == (date(2027, 2, 28), date(2028, 2, 29))


def test_no_review_is_missed_before_both_teams_have_signed() -> None:
    late = attrs.evolve(SIGNED, sales=Signature("Grace", date(2026, 6, 1)))
    late = attrs.evolve(late, reviewed=[date(2026, 3, 1)])  # in the pilot
    assert late.reviews_missed(date(2026, 1, 1), date(2026, 9, 2)) == (date(2026, 9, 1),)
    for team in ("marketing", "sales"):
        alone = attrs.evolve(SIGNED, state="pilot", **{team: None})
        assert alone.reviews_missed(date(2026, 1, 1), date(2028, 1, 1)) == ()


def test_a_rule_from_long_ago_is_followed_at_once() -> None:
    def signed(on: date, rule: str) -> Agreement:
        both = {team: Signature("Ada", on) for team in ("marketing", "sales")}
        return attrs.evolve(SIGNED, review=rule, **both)

    def cost(agreement: Agreement) -> float:
        start = time.process_time()
        for _ in range(50):
            agreement.reviews_missed(date(2026, 1, 1), date(2026, 1, 15))
        return time.process_time() - start

    for rule in ("FREQ=WEEKLY", "FREQ=MONTHLY"):
        old, new = signed(date.min, rule), signed(date(2025, 12, 1), rule)
        assert min(cost(old) for _ in range(3)) < 20 * min(cost(new) for _ in range(3))
        assert old.reviews_missed(date(2026, 1, 1), date(2026, 1, 15))
        assert old.reviews_missed(date(9999, 12, 1), date.max) == tuple(
            day for day in _every(rule) if date(9999, 12, 1) <= day < date.max
        )


def _every(rule: str) -> list[date]:
    if rule == "FREQ=MONTHLY":
        return [date(9999, 12, 1)]
    return [date.fromordinal(1 + 7 * n) for n in range(date.max.toordinal() // 7 + 1)]


@given(last=st.dates(), day=st.integers(1, 28), interval=st.integers(1, 120))
def test_a_review_on_a_day_of_the_month(last: date, day: int, interval: int) -> None:
    due = next_review(f"FREQ=MONTHLY;INTERVAL={interval};BYMONTHDAY={day}", last)
    assert due is None or (due > last and due.day == day)


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ("FREQ=SECONDLY", "a review comes FREQ=WEEKLY, FREQ=MONTHLY or FREQ=YEARLY"),
        ("FREQ=DAILY", 'not FREQ="DAILY"'),
        ("FREQ=", "not FREQ=blank"),
        ("INTERVAL=3", "a review rule starts with FREQ"),
        ("FREQ=MONTHLY;INTERVAL=0", "INTERVAL of a review rule is a whole number from 1 to 120"),
        ("FREQ=MONTHLY;INTERVAL=121", 'not "121"'),
        ("FREQ=MONTHLY;INTERVAL=-1", 'not "-1"'),
        ("FREQ=MONTHLY;INTERVAL=1.5", 'not "1.5"'),
        ("FREQ=MONTHLY;INTERVAL=٣", "INTERVAL of a review rule"),
        ("FREQ=MONTHLY;INTERVAL=" + "9" * 4_000, "INTERVAL of a review rule"),
        ("FREQ=MONTHLY;INTERVAL=" + "0" * 4_000 + "3", "INTERVAL of a review rule"),
        ("FREQ=MONTHLY;INTERVAL=0000000019999", "INTERVAL of a review rule"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=31",
            "BYMONTHDAY of a review rule is a whole number from 1 to 28",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=1,2", 'not "1,2"'),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY goes with FREQ=MONTHLY"),
        ("FREQ=YEARLY;BYMONTHDAY=1", "for a year say INTERVAL=12"),
        ("FREQ=YEARLY;BYMONTH=2", 'not "BYMONTH"'),
        ("FREQ=MONTHLY;COUNT=0", 'not "COUNT"'),
        ("FREQ=MONTHLY;UNTIL=20200101", 'not "UNTIL"'),
        ("DTSTART:20260101\nRRULE:FREQ=MONTHLY", "a review rule has FREQ, INTERVAL and BYMONTHDAY"),
        ("FREQ=MONTHLY;FREQ=YEARLY", "the review rule says FREQ twice"),
        ("FREQ=MONTHLY;;INTERVAL=3", "not blank"),
        ("", "wanted text of 1 to 4,096 characters, not blank"),
        ("F" * 5_000, "wanted text of 1 to 4,096 characters"),
    ],
)
def test_review_rules_of_strangers_are_refused(rule: str, error: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        Agreement(definition="d", version="1", review=rule)
    assert error in str(caught.value)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("freq=monthly; interval=3", QUARTERLY),
        ("INTERVAL=3;FREQ=MONTHLY;", QUARTERLY),
        ("FREQ=MONTHLY;INTERVAL=03", QUARTERLY),
        ("FREQ=WEEKLY;INTERVAL=1", "FREQ=WEEKLY"),
        ("BYMONTHDAY=5;FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=5"),
    ],
)
def test_a_review_rule_has_one_spelling(written: str, kept: str) -> None:
    assert Agreement(definition="d", version="1", review=written).review == kept


def test_a_review_is_counted_from_the_last_signature_or_review() -> None:
    assert SIGNED.review_due(date(2026, 3, 1)) == date(2026, 4, 20)
    reviewed = attrs.evolve(SIGNED, reviewed=[date(2026, 7, 1), date(2026, 4, 2)])
    assert reviewed.reviewed == (date(2026, 4, 2), date(2026, 7, 1))
    assert reviewed.review_due(date(2026, 8, 1)) == date(2026, 10, 1)
    # What comes after the day asked about does not exist.
    assert reviewed.review_due(date(2026, 6, 30)) == date(2026, 7, 2)
    assert reviewed.review_due(date(2026, 1, 17)) == date(2026, 4, 15)
    assert reviewed.review_due(date(2026, 1, 1)) is None


def test_overdue_starts_the_day_after() -> None:
    assert not SIGNED.is_overdue(date(2026, 4, 20))
    assert SIGNED.is_overdue(date(2026, 4, 21))
    assert not SIGNED.is_overdue(datetime(2026, 4, 20, 23, 59, tzinfo=UTC))
    assert SIGNED.is_overdue(datetime(2026, 4, 21, tzinfo=UTC))
    assert not Agreement(definition="d", version="1").is_overdue(date(2026, 4, 21))


def test_a_day_is_read_in_utc_and_never_guessed() -> None:
    west = datetime.fromisoformat("2026-04-20T20:00:00-05:00")  # the 21st in UTC
    assert SIGNED.is_overdue(west)
    with pytest.raises(NaiveTimeError):
        SIGNED.review_due(datetime(2026, 4, 20))
    with pytest.raises(KindError, match="wanted a date such as"):
        SIGNED.review_due("2026-04-20")  # type: ignore[arg-type]


# -- what it reports ---------------------------------------------------------------------------


def test_one_in_force_has_no_problems() -> None:
    day = date(2026, 3, 1)
    assert SIGNED.problems("b2b-saas", "2026.4", day, fingerprint="mq1-abc") == ()
    assert SIGNED.problems("b2b-saas", "2026.4", day) == ()  # no digest given: name and version
    unpinned = attrs.evolve(SIGNED, fingerprint="")
    assert unpinned.problems("b2b-saas", "2026.4", day, fingerprint="mq1-other") == ()


@pytest.mark.parametrize(
    ("changes", "used", "day", "problems"),
    [
        ({}, ("other", "1", "mq1-x"), date(2026, 3, 1), (
            "it was made for definition 'b2b-saas', not 'other'",
            "it was made for version '2026.4', not '1'",
            "it was made for content 'mq1-abc', not 'mq1-x'",
        )),
        ({"state": "pilot"}, None, date(2026, 3, 1), ("it is a pilot",)),
        ({"state": "pilot", "sales": None}, None, date(2026, 3, 1), (
            "it is a pilot", "it is unsigned by sales",
        )),
        ({"state": "draft", "sales": None, "marketing": None}, None, date(2026, 3, 1), (
            "it is a draft", "it is unsigned by marketing", "it is unsigned by sales",
        )),
        ({}, None, date(2026, 4, 21), ("its review is overdue since 2026-04-20",)),
        ({}, None, date(2026, 1, 17), ("it is signed by sales only from 2026-01-20 on",)),
    ],
)  # fmt: skip
def test_problems_in_words(
    changes: dict[str, Any],
    used: tuple[str, str, str] | None,
    day: date,
    problems: tuple[str, ...],
) -> None:
    name, version, content = used or ("b2b-saas", "2026.4", "mq1-abc")
    agreement = attrs.evolve(SIGNED, **changes)
    assert agreement.problems(name, version, day, fingerprint=content) == problems


# -- what it refuses ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "kind", "error"),
    [
        ({"sales": None}, DefinitionError, "has two signatures, and sales did not sign"),
        (
            {"sales": None, "marketing": None},
            DefinitionError,
            "and marketing and sales did not sign; add it, or say state 'draft' or 'pilot'",
        ),
        ({"state": "draft"}, DefinitionError, "both teams signed this draft"),
        ({"state": "final"}, DefinitionError, 'is draft, pilot or signed, not "final"'),
        ({"state": ["draft"]}, DefinitionError, "is draft, pilot or signed, not"),
        ({"definition": " "}, DefinitionError, "wanted text of 1 to 4,096 characters, not blank"),
        ({"version": 2026.4}, KindError, "wanted text, not 2026.4"),
        ({"fingerprint": None}, KindError, "wanted text, not blank"),
        ({"objectives": "more"}, KindError, 'lists of texts, not "more"'),
        ({"objectives": [1]}, KindError, "wanted text, not 1"),
        ({"feedback": ["x"] * 101}, DefinitionError, "a list has at most 100 texts, not 101"),
        ({"follow_up": ["call"]}, KindError, 'wanted text, not ["call"]'),
        ({"marketing": "Ada"}, KindError, 'wanted a Signature or nothing, not "Ada"'),
        ({"reviewed": date(2026, 1, 1)}, KindError, "reviewed is a list of dates"),
        ({"reviewed": ["2026-01-01"]}, KindError, 'wanted a date such as 2026-11-21, not "2026'),
        ({"reviewed": [datetime(2026, 1, 1, tzinfo=UTC)]}, KindError, "wanted a date"),
    ],
)
def test_faulty_agreements_are_refused(
    changes: dict[str, Any], kind: type[Exception], error: str
) -> None:
    with pytest.raises(kind) as caught:
        attrs.evolve(SIGNED, **changes)
    assert error in str(caught.value)


def test_faulty_signatures_are_refused() -> None:
    with pytest.raises(DefinitionError, match="wanted text"):
        Signature("", date(2026, 1, 1))
    with pytest.raises(KindError, match="wanted a date such as"):
        Signature("Ada", datetime(2026, 1, 1, tzinfo=UTC))


# -- a value -----------------------------------------------------------------------------------


def test_it_is_a_value() -> None:
    again = eval(
        repr(SIGNED),
        {"Agreement": Agreement, "Signature": Signature, "datetime": datetime_module},
    )
    assert again == SIGNED
    assert pickle.loads(pickle.dumps(SIGNED)) == SIGNED
    assert hash(again) == hash(SIGNED)
    assert fingerprint(again) == fingerprint(SIGNED)
    assert fingerprint(SIGNED) != fingerprint(attrs.evolve(SIGNED, reviewed=[date(2026, 4, 2)]))


def test_text_is_kept_in_one_form() -> None:
    composed, apart = (attrs.evolve(SIGNED, follow_up=f"caf{e}") for e in ("é", "é"))
    assert composed == apart


def test_a_draft_is_the_default() -> None:
    draft = Agreement(definition="d", version="1")
    assert draft.state == STATES[0] == "draft"
    assert draft.review == QUARTERLY
    assert draft.unsigned == ("marketing", "sales")
