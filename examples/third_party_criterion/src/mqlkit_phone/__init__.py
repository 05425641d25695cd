"""A criterion of our own: the country that a telephone number is of."""

import attrs

from mqlkit import Criterion, Snapshot, Verdict, register


@register("phone_country", main="code")
@attrs.frozen
class PhoneCountry(Criterion):
    """The international telephone number in *field* has the country code *code*."""

    code: str
    field: str = "phone"

    def judge(self, lead: Snapshot) -> Verdict:
        phone = lead.text(self.field)
        if phone is None or not phone.startswith("+"):
            return Verdict.UNKNOWN  # no number, or one that does not say its country
        return Verdict.of(phone.startswith(f"+{self.code}"))

    def describe(self) -> str:
        return f"{self.field} is of country +{self.code}"
