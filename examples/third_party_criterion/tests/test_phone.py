from datetime import UTC, datetime
from pathlib import Path

import pytest
from mqlkit_phone import PhoneCountry

from mqlkit import Lead, Status, Verdict
from mqlkit.spec import load
from mqlkit.testing import laws_for

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LEADS = [
    Lead(f"with phone {phone!r}", {"phone": phone})
    for phone in ("+49 30 1234", "+43 1 1234", "030 1234", "", None, 49301234)
]


@pytest.mark.parametrize("law", laws_for(PhoneCountry("49"), LEADS), ids=str)
def test_it_is_lawful(law):
    law.check()


@pytest.mark.parametrize("law", laws_for(PhoneCountry("49")), ids=str)
def test_it_is_lawful_on_any_lead(law):
    law.check()


def test_a_number_without_a_country_is_unknown():
    answers = [PhoneCountry("49").judge(lead.at(NOW)) for lead in LEADS]
    assert answers == [Verdict.YES, Verdict.NO, *[Verdict.UNKNOWN] * 4]


def test_it_stands_in_a_model_file():
    model = load(Path(__file__).parent.parent / "model.toml")
    assert model.decide(LEADS[0], as_of=NOW).status is Status.QUALIFIED
    assert model.decide(LEADS[2], as_of=NOW).status is Status.NEEDS_DATA
