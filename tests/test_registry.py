"""Tags: one class has one, and every class finds its own."""

import attrs
import pytest
from building import refused

from mqlkit import Criterion, Rule, register
from mqlkit.criterion import AllOf
from mqlkit.errors import DefinitionError
from mqlkit.measure import Measure
from mqlkit.registry import Entry, entries, entry, entry_of, fields


def test_a_shipped_class_has_its_entry() -> None:
    assert entry("all") == Entry(AllOf, "all", "criteria", None)
    assert entry_of(AllOf) is entry("all")
    assert entry("no_such_tag") is entry_of(int) is None


def test_entries_are_listed_by_tag_below_a_base() -> None:
    tags = [e.tag for e in entries(Measure)]
    assert tags == sorted(tags)
    assert "count" in tags
    assert "all" not in tags
    assert all(issubclass(e.cls, Measure) for e in entries(Measure))


def test_a_tag_belongs_to_one_class() -> None:
    @attrs.frozen
    class Other:
        pass

    with refused(DefinitionError, "the tag 'all' belongs to AllOf already"):
        register("all")(Other)
    assert entry("all").cls is AllOf


def test_a_class_defined_again_takes_its_tag_along() -> None:
    """attrs builds a second class where it adds slots, and notebooks run a cell twice."""

    def define() -> type:
        @register("test_registry_twice", main="x", subject="y")
        @attrs.frozen
        class Twice:
            x: int = 0

        return Twice

    define()
    second = define()
    assert entry("test_registry_twice") == Entry(second, "test_registry_twice", "x", "y")


def test_the_fields_that_mean_something_are_those_that_are_given() -> None:
    assert [f.name for f in fields(AllOf)] == ["criteria"]
    assert [f.name for f in fields(Rule)] == ["name", "when", "points"]


@pytest.mark.parametrize("base", [Criterion, Measure])
def test_no_two_classes_share_a_tag(base: type) -> None:
    tags = [e.tag for e in entries(base)]
    assert len(set(tags)) == len(tags)
