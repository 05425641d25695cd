"""DESIGN 5: decisions, what they wait for, and when to look again."""

from datetime import timedelta
from itertools import pairwise, product

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqlkit import Criterion, Lead, Qualification, Snapshot, Status, Verdict
from mqlkit.testing import completions, instants, leads, qualifications
from mqlkit.testing.case import moments_of
from mqlkit.testing.strategies.vocabulary import MICROSECOND, NOW

T, U, F = Verdict.YES, Verdict.UNKNOWN, Verdict.NO


@attrs.frozen
class Always(Criterion):
    verdict: Verdict

    def judge(self, lead: Snapshot) -> Verdict:
        return self.verdict

    def describe(self) -> str:
        return f"always {self.verdict}"


TABLE = {
    (T, F): Status.DISQUALIFIED,
    (T, U): Status.DISQUALIFIED,
    (T, T): Status.DISQUALIFIED,
    (U, F): Status.NOT_QUALIFIED,
    (U, T): Status.NEEDS_DATA,
    (U, U): Status.NEEDS_DATA,
    (F, T): Status.QUALIFIED,
    (F, F): Status.NOT_QUALIFIED,
    (F, U): Status.NEEDS_DATA,
}


@pytest.mark.parametrize(("never", "when", "at_once"), list(product((F, U, T), repeat=3)))
def test_the_table_of_decisions(never, when, at_once):
    """DESIGN 5's table, every case; "at once or when" is their or."""
    q = Qualification(
        "q",
        version="1",
        when=Always(when),
        never={"blocked": Always(never)},
        at_once={"asked": Always(at_once)},
    )
    decision = q.decide(Lead("ada"), as_of=NOW)
    assert decision.status is TABLE[never, when | at_once]
    if decision.status is Status.DISQUALIFIED:
        assert decision.reasons == ("blocked",)


@given(qualifications(knowledge=False, unknowns=False), leads(), instants(), st.data())
def test_filling_a_blank_overturns_no_decision(q, lead, as_of, data):
    """Laws 42, 46: only a NOT_QUALIFIED lead may yet turn out DISQUALIFIED."""
    before = q.decide(lead, as_of=as_of).status
    after = q.decide(data.draw(completions(lead)), as_of=as_of).status
    assert before in (Status.NEEDS_DATA, after) or (before, after) == (
        Status.NOT_QUALIFIED,
        Status.DISQUALIFIED,
    )


@given(qualifications(), leads(), instants())
def test_what_is_settled_needs_no_data(q, lead, as_of):
    """``unknowns="no"`` never asks, and says that it assumed."""
    settled = attrs.evolve(q, unknowns="no").decide(lead, as_of=as_of)
    assert settled.status is not Status.NEEDS_DATA
    assert any("counts as no" in note for note in settled.notes)
    for result in settled.scores.values():
        assert not result.millis.open


@given(qualifications(knowledge=False, unknowns=False), leads(), instants(), st.data())
def test_filling_all_that_is_missing_settles_it(q, lead, as_of, data):
    """Law 48: what waits is listed, and what is listed was unknown."""
    decision = q.decide(lead, as_of=as_of)
    assert bool(decision.missing) or decision.status is not Status.NEEDS_DATA
    full = q.decide(data.draw(completions(lead, every=True)), as_of=as_of)
    # A wrong kind inside a list is no blank either, and filling mends neither.
    if not full.faults and "5" not in str(lead.attributes.get("interests")):
        assert full.status is not Status.NEEDS_DATA
        assert full.missing == ()


# -- when to look again ------------------------------------------------------------------------


@given(qualifications(), leads(), instants(), st.data())
def test_nothing_changes_before_the_instant_named(q, lead, as_of, data):
    """Law 82: for windows, decay, ages, histories, months, overrides and what is to come."""
    decision = q.decide(lead, as_of=as_of)
    until = decision.changes_at
    assert until is None or until > as_of
    horizon = until or as_of + timedelta(days=400)
    edges = [at for at in moments_of(lead) if as_of < at < horizon]
    probes = [horizon - MICROSECOND, *(data.draw(st.sampled_from(edges)) for _ in edges[:3])]
    for probe in probes:
        if probe > as_of:
            assert q.decide(lead, as_of=probe).outcome == decision.outcome


@given(qualifications(), leads(), instants(), st.data())
def test_the_forecast_is_the_decision_of_each_day(q, lead, as_of, data):
    """The staircase has every flip: between its steps each decision is that of the step before."""
    until = as_of + timedelta(days=40)
    steps = q.forecast(lead, as_of=as_of, until=until)
    for before, after in pairwise(steps):
        assert before.as_of < after.as_of <= until
        assert before.outcome != after.outcome
        just_before = q.decide(lead, as_of=after.as_of - MICROSECOND)
        assert just_before.outcome == before.outcome
    edges = [at for at in moments_of(lead) if as_of <= at <= until] or [until]
    probe = data.draw(st.sampled_from(edges))
    standing = [step for step in steps if step.as_of <= probe][-1:]
    assert not standing or q.decide(lead, as_of=probe).outcome == standing[0].outcome


@given(qualifications(), leads(), instants())
def test_what_comes_later_does_not_count_yet(q, lead, as_of):
    """Law 83: as of an instant, only what had happened by then; law 79 for whole decisions."""

    def until(one):
        done = None if one.activities is None else [a for a in one.activities if a.at <= as_of]
        return attrs.evolve(one, activities=done)

    account = None if lead.account is None else until(lead.account)
    known = attrs.evolve(until(lead), account=account)
    assert q.decide(known, as_of=as_of).outcome == q.decide(lead, as_of=as_of).outcome


@given(qualifications(), leads(), instants(), st.randoms())
def test_a_decision_is_a_function_of_what_is_known(q, lead, as_of, random):
    """Laws 71, 72, 111, 121: neither order, repeats nor explaining matter; the lead stays."""
    before = repr(lead)
    decision = q.decide(lead, as_of=as_of)
    text = str(decision.explain())
    assert str(q.decide(lead, as_of=as_of).explain()) == text
    if lead.activities is not None:
        told = [*lead.activities, *(a for a in lead.activities if a.id is not None)]
        random.shuffle(told)
        again = q.decide(attrs.evolve(lead, activities=told), as_of=as_of)
        assert again.outcome == decision.outcome
        assert str(again.explain()) == text
    assert repr(lead) == before


@given(qualifications(), leads(), instants())
def test_the_explanation_shows_what_was_read_and_nothing_a_terminal_obeys(q, lead, as_of):
    """Laws 106, 110: one tree; its text and its HTML are printable and escaped."""
    reason = q.decide(lead, as_of=as_of).explain()
    assert str(reason).replace("\n", "").isprintable()
    for one in reason.walk():
        for seen in one.seen:
            assert seen.value.isprintable()
    assert "<script" not in reason.to_html()


@given(qualifications(), leads(), leads(), instants(), instants())
def test_a_diff_lists_exactly_the_lines_that_differ(q, lead, other, as_of, later):
    """Law 112: of two breakdowns of one score, just the lines that give something else."""
    before, after = q.decide(lead, as_of=as_of), q.decide(other, as_of=later)
    for name, score in after.scores.items():
        changes = score.changed(since=before.scores[name])
        gives = [
            {(line.group, line.name): line.millis for line in of.lines if line.kind == "rule"}
            for of in (before.scores[name], score)
        ]
        changed = {place for place in gives[1] if gives[0][place] != gives[1][place]}
        assert changed == {(c.group, c.name) for c in changes} & gives[1].keys()
        assert all(change.before != change.after for change in changes)
        moved = sum((c.after.points if c.after else 0) for c in changes)
        moved -= sum((c.before.points if c.before else 0) for c in changes)
        assert moved == score.millis.points - before.scores[name].millis.points
        assert score.changed(since=score) == ()
