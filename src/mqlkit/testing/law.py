"""
The laws that every criterion keeps, as values to check one's own criteria by.

A law has a name that a sales person would accept and, mostly, a number in the list of laws. A law
is left out only for a stated reason.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import attrs
from hypothesis import HealthCheck, Phase, given, reject, seed, settings
from hypothesis import strategies as st

from ..criterion import Criterion
from ..errors import DefinitionError, KindError, MqlkitError
from ..lead import Lead
from ..value import is_blank, show
from ..verdict import Verdict
from .case import Case, moments_of
from .statements import STATEMENTS, Statement
from .strategies.leads import leads as any_leads
from .strategies.leads import sample_leads
from .strategies.literals import literals_of
from .strategies.vocabulary import NOW

_BATCHES: Final = 12
_BATCH: Final = 25
"""So many cases at a time, and so often, are looked at for an answer that was not met yet."""

Subject: TypeAlias = Criterion | type[Criterion]
Subjects: TypeAlias = Subject | Iterable[Criterion] | st.SearchStrategy[Criterion]
Leads: TypeAlias = Iterable[Lead] | st.SearchStrategy[Lead]


@attrs.frozen
class Law:
    """
    One law about some criteria, ready to check.

    Args:
        name: The law in words.
        number: Its number in the project's list of laws; None where it has none there.
    """

    name: str
    number: int | None
    _run: Callable[[], None] = attrs.field(repr=False, eq=False, alias="run")

    def check(self) -> None:
        """
        Look for a criterion and a lead that break the law.

        Raises:
            AssertionError: there are; the message shows the smallest found.
        """
        self._run()

    def __str__(self) -> str:
        return self.name if self.number is None else f"{self.name} (law {self.number})"


def laws_for(
    criteria: Subjects,
    leads: Leads | None = None,
    *,
    exempt: Mapping[int | str, str] | None = None,
) -> list[Law]:
    """
    The laws that criteria of your own must keep.

    Args:
        criteria: A criterion, a class, several criteria, or a Hypothesis strategy for them.
        leads: Leads, or a strategy for them; each is also tried with its facts left blank, one
            and two at a time. By default generated ones, in which the fields that the criterion
            reads are good, blank or of the wrong kind, and often at or around a value that the
            criterion itself holds.
        exempt: Laws that do not hold for these, by number or name, each with the reason in
            words. Criteria that say they are `about_knowledge` need none for law 46.

    Returns:
        Laws to be checked one by one: ``for law in laws_for(mine): law.check()``.

    Raises:
        DefinitionError: an exemption names no law, or gives no reason.

    >>> from mqlkit import attribute
    >>> laws = laws_for(attribute("employees") >= 50, exempt={116: "never stored"})
    >>> print(laws[0])
    a criterion answers yes, no or unknown, whatever the data (law 70)
    >>> laws[0].check()
    """
    left_out = _exempted(exempt or {})
    subjects = _subjects(criteria)
    chosen = leads if leads is None or isinstance(leads, st.SearchStrategy) else tuple(leads)
    return [
        Law(s.name, s.number, _runner(s, subjects, chosen))
        for s in STATEMENTS
        if s.number not in left_out and s.name not in left_out
    ]


def _exempted(exempt: Mapping[int | str, str]) -> set[int | str]:
    known: set[Any] = {s.number for s in STATEMENTS} | {s.name for s in STATEMENTS}
    for law, reason in exempt.items():
        if law not in known:
            raise DefinitionError(f"there is no law {law!r} about criteria to be exempt from")
        if not isinstance(reason, str) or is_blank(reason):
            raise DefinitionError(f"to be exempt from law {law!r} give a reason in words")
    return set(exempt)


def _subjects(given: Subjects) -> list[st.SearchStrategy[Criterion]]:
    """One strategy for each thing to be checked at length."""
    if isinstance(given, st.SearchStrategy):
        return [given]
    if isinstance(given, Criterion):
        return [st.just(given)]
    if isinstance(given, type):
        return [_instances(given)]
    found = list(given)
    for one in found:
        if not isinstance(one, Criterion):
            raise KindError(f"laws_for wants criteria, not {show(one)}")
    if not found:
        raise DefinitionError("laws_for wants at least one criterion")
    return [st.just(one) for one in found]


@st.composite
def _instances(draw: st.DrawFn, cls: type[Criterion]) -> Criterion:
    try:
        return draw(st.builds(cls))
    except MqlkitError:  # refused at definition, such as a blank field name
        reject()


def _runner(
    statement: Statement,
    subjects: Sequence[st.SearchStrategy[Criterion]],
    leads: tuple[Lead, ...] | st.SearchStrategy[Lead] | None,
) -> Callable[[], None]:
    look = _look if statement.of_all is None else _look_at_all

    def run() -> None:
        for subject in subjects:
            look(statement, subject, leads, len(subjects))

    return run


def _look(
    statement: Statement,
    subject: st.SearchStrategy[Criterion],
    leads: tuple[Lead, ...] | st.SearchStrategy[Lead] | None,
    subjects: int,
) -> None:
    """Look for a case that breaks one law, as long as the profile of Hypothesis says."""
    each = len(leads) if isinstance(leads, tuple) and leads else 1
    most = max(10, settings().max_examples // subjects // each)
    slow = {Phase.explain} if statement.most is None else {Phase.explain, Phase.shrink}
    phases = [phase for phase in settings().phases if phase not in slow]

    @settings(
        max_examples=min(most, statement.most or most),
        phases=phases,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.data())
    def look(data: st.DataObject) -> None:
        criterion = data.draw(subject, label="criterion")
        for case in _cases(data, criterion, subject, leads):
            if statement.applies(case):
                statement.test(case)

    look()


def _look_at_all(
    statement: Statement,
    subject: st.SearchStrategy[Criterion],
    leads: tuple[Lead, ...] | st.SearchStrategy[Lead] | None,
    _: int,
) -> None:
    """Collect answers until both are met; the same cases each time, so that none comes and goes."""
    met: set[Verdict] = set()
    asked: list[Criterion] = []
    for number in range(_BATCHES):

        @seed(number)
        @settings(
            max_examples=_BATCH,
            phases=[Phase.generate],
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        @given(st.data())
        def look(data: st.DataObject) -> None:
            criterion = data.draw(subject, label="criterion")
            asked.append(criterion)
            for case in _cases(data, criterion, subject, leads):
                some = (case.lead, case.filled(case.lead))
                met.update(case.verdict(lead, at) for lead in some for at in (case.as_of, NOW))

        look()
        if {Verdict.YES, Verdict.NO} <= met:
            break
    if statement.of_all is not None and asked:
        statement.of_all(asked[0], met)


def _cases(
    data: st.DataObject,
    criterion: Criterion,
    subject: st.SearchStrategy[Criterion],
    leads: tuple[Lead, ...] | st.SearchStrategy[Lead] | None,
) -> Iterator[Case]:
    """The criterion with every given lead, or with a generated one."""
    if isinstance(leads, tuple):
        met: tuple[Lead, ...] = leads
    elif leads is not None:
        met = (data.draw(leads, label="lead"),)
    else:
        met = (
            Case(
                criterion, data.draw(any_leads()), moments_of(None)[0], subject, data.draw
            ).meeting(),
        )
    for lead in met or sample_leads():
        spans = literals_of(criterion).spans
        as_of = data.draw(st.sampled_from(moments_of(lead, spans)), label="as_of")
        yield Case(criterion, lead, as_of, subject, data.draw)
