"""The shipped words: each documented, consistent, and the released lists never changing."""

import hashlib
import re
from datetime import UTC, datetime

import pytest

from mqlkit import Activity, Lead, NamedList, Verdict, attribute
from mqlkit.vocabulary import (
    ACTIVITY_KINDS,
    BUYING_STAGES,
    CONTENT_TYPES,
    FREE_MAIL,
    PROPERTIES,
    SHIPPED_LISTS,
    SOCIAL,
    content_for,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_every_kind_of_activity_says_what_it_means() -> None:
    for name, kind in ACTIVITY_KINDS.items():
        assert name == kind.name
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)
        assert kind.meaning == kind.meaning.strip() != ""
        assert not kind.meaning.endswith(".")
        Activity(kind.name, NOW)  # a kind that activities may have
    meanings = [kind.meaning for kind in ACTIVITY_KINDS.values()]
    assert len(set(meanings)) == len(meanings)


def test_every_property_is_documented_and_used() -> None:
    used = {name for kind in ACTIVITY_KINDS.values() for name in kind.properties}
    assert used | {"currency"} == set(PROPERTIES)
    for kind in ACTIVITY_KINDS.values():
        assert len(set(kind.properties)) == len(kind.properties)


def test_the_kinds_that_the_field_scores_are_there() -> None:
    """What primers give points for has a name of its own."""
    assert {
        "page_view", "email_open", "email_click", "email_reply", "unsubscribe", "form_submit",
        "content_download", "webinar_registered", "webinar_attended", "demo_request",
        "trial_started", "social_click", "social_follow", "ad_click", "chat_started",
        "event_attended", "meeting_booked", "product_view", "cart_add", "checkout_started",
        "order_completed", "product_used", "intent",
    } <= set(ACTIVITY_KINDS)  # fmt: skip
    assert set(SOCIAL) <= set(ACTIVITY_KINDS)
    assert ACTIVITY_KINDS["intent"].properties == ("source", "topic", "strength")


def test_every_form_of_content_belongs_to_one_buying_stage() -> None:
    by_stage = {stage: set(content_for(stage)) for stage in BUYING_STAGES}
    assert set.union(*by_stage.values()) == set(CONTENT_TYPES)
    assert sum(map(len, by_stage.values())) == len(CONTENT_TYPES)
    for name, content in CONTENT_TYPES.items():
        assert name == content.name
        assert name in by_stage[content.stage]
    assert "blog post" in by_stage["symptom"]
    assert {"case study", "comparison", "ROI calculator", "pricing"} <= by_stage["solution"]


def test_tables_cannot_be_changed_by_their_users() -> None:
    for table in (ACTIVITY_KINDS, CONTENT_TYPES, PROPERTIES, SHIPPED_LISTS, BUYING_STAGES):
        with pytest.raises(TypeError):
            table["x"] = None  # type: ignore[index]


# -- free e-mail -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "free"),
    [
        ("ada@gmail.com", Verdict.YES),
        ("Ada@GMail.COM", Verdict.YES),
        ("ada@yahoo.co.uk", Verdict.YES),
        ("ada@mail.acme.example", Verdict.NO),
        ("ada@gmail.com.acme.example", Verdict.NO),
        ("ada", Verdict.UNKNOWN),
        (None, Verdict.UNKNOWN),
    ],
)
def test_free_mail(address: object, free: Verdict) -> None:
    private = attribute("email").domain_is(FREE_MAIL)
    assert private.judge(Lead("ada", {"email": address}).at(NOW)) is free


def test_shipped_lists_are_named_as_they_are_found() -> None:
    for name, values in SHIPPED_LISTS.items():
        assert isinstance(values, NamedList)
        assert values.name == name
    assert SHIPPED_LISTS["free_mail_2026_11"] is FREE_MAIL
    assert len(FREE_MAIL.values) > 100


def test_free_mail_holds_domains() -> None:
    for domain in FREE_MAIL.values:
        assert isinstance(domain, str)
        assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain)


def test_a_released_list_never_changes() -> None:
    """Definitions that name it keep their meaning; a change takes a new name."""
    text = "\n".join(map(str, FREE_MAIL.values))
    assert hashlib.sha256(text.encode()).hexdigest() == RELEASED["free_mail_2026_11"]
    assert set(RELEASED) == set(SHIPPED_LISTS)


RELEASED = {
    "free_mail_2026_11": "0fcc452c84b958bc3df47c5123f39c42e01fe8804c9bcfcf393ef7b00259dfad",
}
