"""
Boundary cases that live as data files: one meaning for the reference and for every engine.
"""

import pytest
from bulk.boundary import NAMES, boundary, stated, told
from bulk.identity import WAYS, differences
from bulk.tabular import DuckDBStore

from mqlkit import Decision


@pytest.fixture(scope="module")
def duckdb_store():
    return DuckDBStore()


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_says_what_the_file_states(name):
    cases = boundary(name)
    wrong = []
    for row in cases.world.leads:
        right = stated(cases.wanted[row.id])
        found = told(Decision.of(cases.model, cases.world.lead(row), row.as_of))
        wrong += [
            f"{row.id}: {key} is {found.get(key)}, stated {value}"
            for key, value in right.items()
            if found.get(key) != value
        ]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("way", WAYS)
def test_duckdb_agrees(duckdb_store, name, way):
    cases = boundary(name)
    assert differences(duckdb_store, cases.model, cases.world, way) == []


def test_every_rule_and_lead_of_a_file_is_stated():
    """No file holds a rule of which nothing is stated, nor a lead of which nothing is."""
    for name in NAMES:
        cases = boundary(name)
        rules = {rule.name for group in cases.model.cards[0].groups for rule in group.rules}
        stated_of = {key for lead in cases.wanted.values() for key in lead.get("gives", {})}
        assert rules == stated_of, name
        assert all(stated(lead) for lead in cases.wanted.values()), name
