"""
A decision about one lead: the answer, what would change it, and why.

It carries the name, version and fingerprint of the definition that it was made by.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

import attrs

from .asking import Missing, to_ask
from .criteria.label import Score
from .criterion import AllOf, Criterion, earliest
from .definition import ENGINE, OUTLOOK, Definition
from .errors import KindError, UnknownNameError
from .explanation import Reason
from .lazily import lazily
from .lead import Lead, Seen, Snapshot, no_history
from .measure import LabelMeasure, OneOf
from .points import TOTAL, Triple, plain_points
from .scorecard import ScoreBook, Scorecard, ScoreResult, asked_scores, within_limits
from .status import Status, decide
from .value import instant, listing, moment_text, printable, show
from .verdict import Verdict, answered, any_of

if TYPE_CHECKING:
    from .compiled import Engine
    from .compiled.outlook import Outlook
    from .gap import Gap, Gaps
    from .plan.watching import Wanted


_VERDICT: Final[Mapping[bool | None, Verdict]] = {
    True: Verdict.YES,
    False: Verdict.NO,
    None: Verdict.UNKNOWN,
}


_LASTING: Final = (
    "qualification",
    "lead",
    "as_of",
    "_given_notes",
    "_by_reference",
    "_told",
    "status",
)


class Decision:
    """
    What was decided about one lead, and why.

    Nothing is explained until it is asked for.
    """

    qualification: Definition
    as_of: datetime
    _grown: Callable[[], Lead]
    _given_notes: tuple[str, ...] = ()
    _by_reference: bool = False

    @staticmethod
    def made(
        definition: Definition, lead: Lead, as_of: datetime, notes: tuple[str, ...] = ()
    ) -> "Decision":
        """
        The decision by the compiled engine, at once.

        Args:
            definition: By what.
            lead: About whom.
            as_of: In UTC.
            notes: What its reader must know beside it.
        """
        draft = _Draft()  # set part by part, then sealed: a million a minute are made so
        draft.qualification = definition
        draft.lead = lead
        draft.as_of = as_of
        if notes:
            draft._given_notes = notes
        try:
            engine: Engine = definition.__dict__.get(ENGINE) or draft._engine
            draft._told = told = engine.answers(draft)
            draft.status = told[0]
        except Exception:  # of a criterion of the user's own: the reference raises it in its place
            draft._told = None
        draft.__class__ = Decision  # type: ignore[assignment]
        return draft

    @staticmethod
    def tracked(
        definition: Definition,
        lead: Callable[[], Lead],
        as_of: datetime,
        answers: "Callable[[Decision], tuple[Any, ...]]",
    ) -> "Decision":
        """The decision about a lead that is only put together when somebody asks for it."""
        draft = _Draft()
        draft.qualification = definition
        draft.as_of = as_of
        draft._grown = lead
        try:
            draft._told = told = answers(draft)
            draft.status = told[0]
        except Exception:  # as above
            draft._told = None
        draft.__class__ = Decision  # type: ignore[assignment]
        return draft

    @staticmethod
    def of(
        definition: Definition, lead: Lead, as_of: datetime, notes: tuple[str, ...] = ()
    ) -> "Decision":
        """
        The decision by the reference engine, which is what every other engine must agree with.

        Raises:
            NaiveTimeError: *as_of* has no time zone.
        """
        draft = _Draft()
        draft.qualification, draft.lead, draft.as_of = definition, lead, instant(as_of, "as_of")
        draft._given_notes = notes
        draft._by_reference = True
        draft.__class__ = Decision  # type: ignore[assignment]
        return draft

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise attrs.exceptions.FrozenInstanceError

    def __repr__(self) -> str:
        return (
            f"Decision(qualification={self.qualification.name!r}, lead={self.lead.id!r}, "
            f"as_of={self.as_of!r})"
        )

    def __getstate__(self) -> dict[str, object]:
        """What it was made of, and its answer; all else, kept by identity, is found anew."""
        facts = {**vars(self), "lead": self.lead}
        return {name: facts[name] for name in _LASTING if name in facts}

    def again(self, lead: Lead, as_of: datetime) -> "Decision":
        """The decision by the same definition and engine about another lead or instant."""
        make = Decision.of if self._by_reference else Decision.made
        return make(self.qualification, lead, as_of)

    @property
    def _engine(self) -> "Engine":
        engine: Engine | None = self.qualification.__dict__.get(ENGINE)
        if engine is None:
            from .compiled import engine_of  # a program that only defines never needs it

            engine = engine_of(self.qualification)
        return engine

    @lazily
    def _told(self) -> tuple[Any, ...] | None:
        """What the compiled engine says; None where the reference engine answers."""
        return None

    # -- the answer --------------------------------------------------------------------------

    @lazily
    def lead(self) -> Lead:
        """The lead, as it was known then."""
        return self._grown()

    @lazily
    def book(self) -> ScoreBook:
        """Every score with its breakdown."""
        names = dict(self.qualification.score_names)
        snapshot = self.lead.at(self.as_of)
        return ScoreBook(self.qualification.cards, snapshot, settle=self._settles, names=names)

    @property
    def snapshot(self) -> Snapshot:
        """The lead as of the decision's instant; scores can be asked for in it."""
        return self.book.lead

    @property
    def _settles(self) -> bool:
        return self.qualification.unknowns == "no"

    def _answer(self, asking: Criterion) -> Verdict:
        verdict = answered(asking.judge(self.snapshot), asking.describe)
        return Verdict.of(verdict.settle(unknown=False)) if self._settles else verdict

    def _answers(self, section: str, place: int) -> dict[str, Verdict]:
        asked: Mapping[str, Criterion] = getattr(self.qualification, section)
        if self._told is None:
            return {name: self._answer(asking) for name, asking in asked.items()}
        return dict(zip(asked, map(_VERDICT.__getitem__, self._told[place]), strict=True))

    @lazily
    def never(self) -> dict[str, Verdict]:
        """The disqualifiers, each with its answer."""
        return self._answers("never", 2)

    @lazily
    def at_once(self) -> dict[str, Verdict]:
        """What qualifies at once, each with its answer."""
        return self._answers("at_once", 3)

    @lazily
    def when(self) -> Verdict:
        """Whether the definition holds."""
        told = self._told
        return self._answer(self.qualification.when) if told is None else _VERDICT[told[1]]

    @lazily
    def status(self) -> Status:
        """QUALIFIED, NOT_QUALIFIED, DISQUALIFIED or NEEDS_DATA."""
        return decide(any_of(self.never.values()), any_of([self.when, *self.at_once.values()]))

    @property
    def reasons(self) -> tuple[str, ...]:
        """In short why: the disqualifiers met, what qualified it, or what it falls short of."""
        if self.status is Status.DISQUALIFIED:
            return _met(self.never)
        if self.status is Status.QUALIFIED:
            definition = (self.qualification.name,) if self.when is Verdict.YES else ()
            return (*_met(self.at_once), *definition)
        if self.status is Status.NOT_QUALIFIED:
            return tuple(f"unmet: {part}" for part in self._shortfalls())
        return ()

    def _shortfalls(self) -> Iterator[str]:
        """The parts of the definition that do not hold."""
        when = self.qualification.when
        for part in when.parts() if isinstance(when, AllOf) else (when,):
            verdict = answered(part.judge(self._at_hand), part.describe)
            if verdict is Verdict.NO or (self._settles and verdict is Verdict.UNKNOWN):
                yield part.describe()

    @lazily
    def _at_hand(self) -> Snapshot:
        """The lead's snapshot, in which the compiled engine's scores need no book."""
        if self._told is None:
            return self.snapshot
        return self.lead.at(self.as_of).with_scores(_AtHand(self))

    @lazily
    def scores(self) -> dict[str, ScoreResult]:
        """Every score by name; ``"total"`` is that of an only card."""
        return {name: self._score(name) for name in self.qualification.score_names}

    @property
    def score(self) -> ScoreResult:
        """
        The total of the only card.

        Raises:
            UnknownNameError: there is no card, or there are several.
        """
        told = self._told
        if told is None or told[5] is None:
            return self.book.score(TOTAL)
        return ScoreResult(TOTAL, tuple.__new__(Triple, told[5]), self)

    def _score(self, name: str) -> ScoreResult:
        told = self._told
        if told is None:
            return self.book.score(name)
        place = self._engine.places.get(name)
        if place is None:
            return self.book.score(name)  # which says what there is
        return ScoreResult(name, tuple.__new__(Triple, told[4][place]), self)

    @lazily
    def grades(self) -> dict[str, str]:
        """Each grade's letter; several joined by "or" where an unknown leaves it open."""
        return {
            name: listing(sorted(measure.labels(self.snapshot) or ("unknown",)))
            for name, measure in self.qualification.grades.items()
        }

    @lazily
    def labels(self) -> tuple[str, ...]:
        """The named kinds of lead that it is."""
        labels = self.qualification.labels.items()
        return tuple(n for n, label in labels if self._answer(label.when) is Verdict.YES)

    @property
    def plays(self) -> dict[str, str]:
        """The next play of each label that has one."""
        labels = self.qualification.labels
        return {name: labels[name].play for name in self.labels if labels[name].play}

    @property
    def outcome(self) -> tuple[object, ...]:
        """All that a reader would call the answer, to compare with another instant's."""
        scores = tuple((name, score.millis) for name, score in self.scores.items())
        return self.status, self.reasons, scores, self.labels, tuple(self.grades.items())

    # -- what would change it ----------------------------------------------------------------

    @lazily
    def changes_at(self) -> datetime | None:
        """
        The next instant at which an input of the answer crosses a boundary with no new data.

        The answer is the same until then; at it, decide again. None when there is none.
        """
        return self._next_change(self._changes_by_reference)

    def next_change(
        self, of: Criterion | LabelMeasure | Score | str | None = None
    ) -> datetime | None:
        """
        The next instant at which one thing may change with no new data; never late.

        Args:
            of: A criterion, such as the guard of a stage; a score, by its name or as
                ``score("fit")``; a grade or a matrix. By default the answer: scores that it does
                not ask for, labels and grades do not count, so it is at `changes_at` or later.

        Returns:
            In UTC; None when it never changes. The thing is the same until then; at it, ask again.

        Raises:
            KindError: *of* is none of these.
            UnknownNameError: it asks for a score that there is not.

        >>> from datetime import UTC, datetime
        >>> from mqlkit import Activity, Lead, Qualification, activity, attribute
        >>> visits = activity("page_view").within(days=30)
        >>> mql = Qualification(
        ...     "mql",
        ...     version="1",
        ...     when=attribute("employees") >= 50,
        ...     labels={"hot": visits.happened()},
        ... )
        >>> ada = Lead("ada", activities=[Activity("page_view", datetime(2026, 3, 1, tzinfo=UTC))])
        >>> decision = mql.decide(ada, as_of=datetime(2026, 3, 2, tzinfo=UTC))
        >>> print(decision.next_change(), decision.next_change(visits.happened()))
        None 2026-03-31 00:00:00+00:00
        """
        names = self.qualification.score_names
        for name in _scores_asked(of):
            if name not in names:
                raise UnknownNameError("score", name, names)
        return self._next_change(lambda: self._change_by_reference(of), of)

    def _next_change(
        self, by_reference: Callable[[], datetime | None], *of: "Wanted"
    ) -> datetime | None:
        if self._by_reference:
            return by_reference()
        try:
            outlook = vars(self._engine).get(OUTLOOK) if not of else None
            if outlook is None:
                from .compiled.outlook import outlook_of  # only who looks ahead needs it

                outlook = outlook_of(self.qualification, *of)
            return cast("Outlook", outlook).next(self)
        except Exception:  # of a part of the user's own: the reference raises it in its place
            return by_reference()

    def _changes_by_reference(self) -> datetime | None:
        snapshot = self.snapshot
        formulas = (asking.changes_at(snapshot) for _, asking in self.qualification.formulas())
        scores = (self.book.changes_at(name) for name in self.qualification.score_names)
        grades = (g.changes_at(snapshot) for g in self.qualification.grades.values())
        return earliest([*formulas, *scores, *grades])

    def _change_by_reference(
        self, of: Criterion | LabelMeasure | Score | str | None
    ) -> datetime | None:
        if isinstance(of, Score | str):
            return self.book.changes_at(of if isinstance(of, str) else of.score)
        q = self.qualification
        asked = (q.when, *q.at_once.values(), *q.never.values()) if of is None else (of,)
        return earliest(asking.changes_at(self.snapshot) for asking in asked)

    @lazily
    def missing(self) -> tuple[Missing, ...]:
        """
        The facts that are not known, in the order in which to ask for them.

        First those that the answer waits for, then by the points that hang on them. None for a
        disqualified lead: nothing that could be learned matters any more.
        """
        if self.status is Status.DISQUALIFIED or self._nothing_open():
            return ()
        formulas = ((formula, reason.unknowns()) for formula, reason in self._pending())
        return to_ask(formulas, self._open_lines())

    def _nothing_open(self) -> bool:
        """Whether the engine's answers alone tell that no blank matters; no need to ask why."""
        q = self.qualification
        if self._told is None or self.status is Status.NEEDS_DATA:
            return False
        if self._settles:  # every unknown counts as no
            return True
        if self.lead.overrides or not q.open_lines_show:
            return False
        for name, scored in q.score_names.items():
            millis = self._score(name).millis
            if millis.open or not within_limits(scored, millis):
                return False
        return True

    def _pending(self) -> Iterator[tuple[str, Reason]]:
        """The formulas that the answer still waits for."""
        if self.status is not Status.NEEDS_DATA:
            return
        wanted = any_of([self.when, *self.at_once.values()])
        for where, asking in self.qualification.formulas():
            settled = wanted is Verdict.YES and not where.startswith("never")
            if not settled and not where.startswith("label"):
                yield where, self._why(asking)

    def _open_lines(self) -> Iterator[tuple[int, Iterable[Seen]]]:
        """How much each open line can still move its card's total, with its blanks."""
        for card in self.qualification.cards:
            total = self.book.score(card.score_name)
            most = total.millis.high - total.millis.low
            for line in total.open_lines():
                moves = min(most, line.millis.high - line.millis.low)
                yield moves, line.unknowns(self.snapshot)

    @lazily
    def gaps(self) -> "Gaps":
        """
        The search for `gap`: what it found, and whether its budget ended it.

        It decides some hundred changed leads, so it costs as much.
        """
        from .gap import Gaps, gaps  # a search that few decisions are asked for

        q = self.qualification
        if self.status is Status.QUALIFIED:
            return Gaps((), 0, False)
        return gaps(
            self.lead,
            self.as_of,
            decides=self._would_qualify,
            wanted=(q.when, *q.at_once.values()),
            never=tuple(q.never.values()),
            cards=q.cards,
            names=q.score_names,
            settle=self._settles,
        )

    def _would_qualify(self, lead: Lead) -> bool:
        return self.again(lead, self.as_of).status is Status.QUALIFIED

    @property
    def gap(self) -> "tuple[Gap, ...]":
        """
        What would qualify it: at most five sets of changes, the smallest first.

        Each set was applied to the lead and decided again, and none of its changes can be left
        out. Empty for a qualified lead. Empty for another one means that none was found, not
        that there is none: `gaps` tells how the search ended.
        """
        return self.gaps.found

    # -- why ---------------------------------------------------------------------------------

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a decision is one of four answers and has no truth value; "
            "compare its status (decision.status is Status.QUALIFIED)"
        )

    def __str__(self) -> str:
        return printable(self._headline(), 400)

    def _repr_html_(self) -> str:
        return self.explain()._repr_html_()  # pyright: ignore[reportPrivateUsage]

    def explain(self, *, gap: bool = False, until: datetime | None = None) -> Reason:
        """
        The whole answer as a tree: print it, or show it as HTML or plain data.

        Args:
            gap: Also tell what would qualify it, the three smallest of `gap`. Not by default:
                that decides some hundred changed leads, which takes many times as long.
            until: Also tell what is to come up to this instant if nothing new is learned, with a
                drawing of each score in the HTML. Aware. By default nothing ahead is looked at.

        Raises:
            DefinitionError: *until* lies before the decision, or too far ahead for `forecast`.
        """
        gaps = self._gap_section() if gap and self.status is not Status.QUALIFIED else ()
        ahead = () if until is None else (self._forecast_section(until),)
        return Reason(self._headline(), parts=(self._by_what(), *self._sections(), *ahead, *gaps))

    def _forecast_section(self, until: datetime) -> Reason:
        from .forecast import Forecast  # few explanations look ahead

        return Forecast.of(self, lambda at: self.again(self.lead, at), until=until).explain()

    def _gap_section(self) -> Iterator[Reason]:
        told = [str(gap) for gap in self.gap[:3]] or ["nothing was found that would"]
        yield Reason("would qualify with", parts=tuple(map(Reason, told)))

    def _headline(self) -> str:
        because = [missing.field for missing in self.missing if missing.settles] or self.reasons
        why = f": {'; '.join(because)}" if because else ""
        return f"{self.lead.id} {_ANSWERS[self.status]}{why}"

    def _by_what(self) -> Reason:
        q = self.qualification
        return Reason(
            f"decided by {q.name!r} version {q.version} ({q.fingerprint}), "
            f"as of {moment_text(self.as_of)}"
        )

    def _sections(self) -> Iterator[Reason]:
        q = self.qualification
        if q.never:
            yield Reason("would be disqualified by any of", parts=self._named(q.never))
        if q.at_once:
            yield Reason("would qualify at once by any of", parts=self._named(q.at_once))
        yield Reason("qualifies when", parts=(self._settled(q.when),))
        for card in q.cards:
            yield self._breakdown(card)
        if q.grades:
            yield Reason("grades", parts=tuple(Reason(f"{n}: {g}") for n, g in self.grades.items()))
        if self.labels:
            plays = self.plays
            yield Reason(
                "kind of lead",
                parts=tuple(
                    Reason(name, Verdict.YES, aside=f"next: {plays[name]}" if name in plays else "")
                    for name in self.labels
                ),
            )
        if self.missing:
            yield Reason(
                "not known, in the order to ask", parts=tuple(m.explain() for m in self.missing)
            )
        notes = self.notes
        if notes:
            yield Reason("notes", parts=tuple(map(Reason, notes)))
        if self.changes_at is not None:
            yield Reason(f"look again at {moment_text(self.changes_at)}")

    def _named(self, section: Mapping[str, Criterion]) -> tuple[Reason, ...]:
        return tuple(
            Reason(name, self._answer(asking), parts=(self._settled(asking),))
            for name, asking in section.items()
        )

    def _settled(self, asking: Criterion) -> Reason:
        reason = self._why(asking)
        if self._settles and reason.verdict is Verdict.UNKNOWN:
            return Reason("not known, and assumed no", Verdict.NO, parts=(reason,))
        return reason

    @lazily
    def _whys(self) -> dict[int, Reason]:
        """What was explained already, by the identity of the formula or card."""
        return {}

    def _why(self, asking: Criterion) -> Reason:
        why = self._whys.get(id(asking))
        if why is None:
            why = self._whys[id(asking)] = asking.explain(self.snapshot)
        return why

    def _breakdown(self, card: Scorecard) -> Reason:
        why = self._whys.get(id(card))
        if why is None:
            why = self._whys[id(card)] = self.book.score(card.score_name).explain()
        return why

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know beside the answer: dirty data, assumptions, history."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        yield from self._given_notes
        for seen in self.faults:
            yield f"{seen.name} holds {seen.value}, {seen.fault}; counted as not known"
        for owner, lead in (("", self.lead), ("the account's ", self.lead.account)):
            if lead is not None and lead.timeline is not None and lead.timeline.conflicts:
                ids = [repr(conflict) for conflict in lead.timeline.conflicts]
                yield f"{owner}activities {listing(ids, 'and')} came with differing content"
        for override in self.lead.overrides:
            if override.score not in self.qualification.score_names:
                yield f"points by hand for {override.score!r} count nowhere: there is no such score"
        if self._settles:
            yield "what is not known counts as no, as this definition says"
        if warning := no_history(self.lead, self.as_of):
            yield warning

    @lazily
    def faults(self) -> tuple[Seen, ...]:
        """Values of the wrong kind that were met."""
        trees = [self._why(asking) for _, asking in self.qualification.formulas()]
        trees += map(self._breakdown, self.qualification.cards)
        return tuple({seen: None for tree in trees for seen in tree.faults()})

    def to_dict(self) -> dict[str, Any]:
        """The decision as plain data, for JSON: numbers exact to a thousandth."""
        q = self.qualification
        return {
            "lead": self.lead.id,
            "status": str(self.status),
            "reasons": list(self.reasons),
            "scores": {
                name: {end: plain_points(getattr(s.millis, end)) for end in _ENDS}
                for name, s in self.scores.items()
            },
            "grades": self.grades,
            "labels": list(self.labels),
            "missing": [m.field for m in self.missing],
            "name": q.name,
            "version": q.version,
            "fingerprint": q.fingerprint,
            "as_of": self.as_of.isoformat(),
            "changes_at": self.changes_at.isoformat() if self.changes_at else None,
        }


class _Draft(Decision):
    """A decision that can still be set."""

    __setattr__ = object.__setattr__  # type: ignore[assignment]


@attrs.frozen
class _AtHand:
    """The scores of a decision, for a question in it: none is broken down unless it is open."""

    decision: Decision

    @property
    def settle(self) -> bool:
        return self.decision.qualification.unknowns == "no"

    def score(self, name: str) -> ScoreResult:
        return self.decision._score(name)  # pyright: ignore[reportPrivateUsage]

    def changes_at(self, name: str) -> datetime | None:
        return self.decision.book.changes_at(name)


_ANSWERS: Final[Mapping[Status, str]] = {
    Status.QUALIFIED: "is QUALIFIED",
    Status.NOT_QUALIFIED: "is NOT QUALIFIED",
    Status.DISQUALIFIED: "is DISQUALIFIED",
    Status.NEEDS_DATA: "NEEDS DATA",
}
_ENDS: Final = ("low", "points", "high")


def _scores_asked(of: object) -> Iterator[str]:
    """The scores that something of which the next change is wanted asks for, checked."""
    match of:
        case None:
            pass
        case str():
            yield of
        case Score():
            yield of.score
        case LabelMeasure():
            yield from asked_scores(OneOf(of, ()))
        case Criterion():
            yield from asked_scores(of)
        case _:
            hint = getattr(of, "to_ask", "")
            raise KindError(
                f"wanted a criterion, a score or its name, or a grade, not {show(of)}"
                f"{f'; {hint}' if hint else ''}"
            )


def _met(answers: Mapping[str, Verdict]) -> tuple[str, ...]:
    return tuple(name for name, verdict in answers.items() if verdict is Verdict.YES)
