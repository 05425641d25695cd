"""Section I: definitions and leads are values."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
from hypothesis import given

from mqlkit import Activity, Lead, NamedList, Timeline, Verdict, attribute
from mqlkit.testing import criteria, instants, leads, qualifications
from mqlkit.testing.strategies.vocabulary import NOW


@given(qualifications())
def test_a_copy_of_a_definition_is_the_same_definition(q):
    """Laws 113, 115, 116: equal, equal hash, same fingerprint; and nobody can change it."""
    copies = [copy.copy(q), copy.deepcopy(q), attrs.evolve(q)]
    copies += [pickle.loads(pickle.dumps(q, protocol)) for protocol in (2, 3, 4, 5)]
    for other in copies:
        assert other == q
        assert hash(other) == hash(q)
        assert other.fingerprint == q.fingerprint
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        q.version = "2"


@given(criteria(), criteria())
def test_definitions_of_different_kinds_are_not_equal_and_never_raise(a, b):
    """Law 122."""
    for other in (b, attribute("x"), 1, None, "x", Verdict.YES):
        assert (a == other) in (True, False)
        if type(other) is not type(a):
            assert (a == other) is False


def test_one_and_true_are_told_apart_and_one_is_one_point_nought():
    """Law 114: equal means the same answer about every lead."""
    x = attribute("x")
    assert x.equals(1) != x.equals(True)
    assert x.equals(1) == x.equals(1.0)
    assert repr(x.equals(1)) == repr(x.equals(1.0))


@given(criteria())
def test_a_repr_is_the_same_for_equal_definitions(criterion):
    """Law 117: deterministic, and without addresses of this process."""
    assert repr(copy.deepcopy(criterion)) == repr(criterion)
    assert " at 0x" not in repr(criterion)


def test_a_repr_builds_it_again():
    """Law 117."""
    from mqlkit.criteria.attribute import Attribute
    from mqlkit.measure import AtLeast

    large = attribute("employees") >= 50
    assert eval(repr(large), {"AtLeast": AtLeast, "Attribute": Attribute}) == large


@given(qualifications(), leads(), instants())
def test_many_threads_get_one_answer(q, lead, as_of):
    """Law 120."""
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: q.decide(lead, as_of=as_of).outcome, range(4)))
    assert all(outcome == found[0] for outcome in found)


def test_nothing_that_was_given_can_change_it_later():
    """Law 115: containers are copied."""
    tags, properties, done, words = ["a"], {"page": "/a"}, [], ["vp"]
    lead = Lead("ada", {"tags": tags}, done)
    visit = Activity("visit", NOW, properties)
    named = NamedList("words", words)
    tags.append("b")
    properties["page"] = "/b"
    done.append(visit)
    words.append("chief")
    assert lead.attributes["tags"] == ("a",)
    assert lead.activities == ()
    assert visit.properties["page"] == "/a"
    assert named.values == ("vp",)


def test_ties_are_told_apart_by_content():
    """Laws 71, 73: the smallest example of an order that once showed."""
    a, b = Activity("visit", NOW, {"page": "/a"}), Activity("visit", NOW, {"page": "/b"})
    assert Timeline([a, b, a]) == Timeline([b, a, a])
