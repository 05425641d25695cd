"""A failing case is told in a few lines: what has no part in it is left out."""

from datetime import datetime

from engines.modelling import Cases
from engines.own_parts import Trap, everything_in
from engines.shrinking import small

from mqlkit import Lead, Qualification


def trapped(model: Qualification, lead: Lead, as_of: datetime) -> bool:
    """Stands for a bug that needs one part of a model and one fact of a lead."""
    return "revenue" in lead.attributes and any(isinstance(p, Trap) for p in everything_in(model))


def test_a_case_is_made_small() -> None:
    cases = next(c for c in map(Cases, range(1_000)) if trapped(c.model, *c.case(0)))
    model, lead, as_of = small(cases.model, *cases.case(0), trapped)
    assert trapped(model, lead, as_of)
    assert (list(lead.attributes), lead.activities, lead.account, lead.people) == (
        ["revenue"],
        None,
        None,
        None,
    )
    assert sum(isinstance(part, Trap) for part in everything_in(model)) == 1
    assert len(repr(model)) < 700 < len(repr(cases.model))
