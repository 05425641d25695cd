"""
Deciding tables of leads, and what a run can be asked for.

Nothing is computed until rows are asked for, and each time they are computed anew.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from functools import partial
from itertools import count as numbers
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Final, Unpack, overload

import attrs

from ..decision import Decision
from ..errors import DefinitionError, KindError
from ..lead import Lead
from ..qualification import Qualification
from ..tables import FileMapping, read_mapping
from ..tables.output import replaced
from ..value import instant, moment_at, printable, show
from .answer import Answer, Counts, UnknownLeadError, private, tally
from .deciding import Course, Deciding, Only
from .earlier import NEEDED, Earlier, Since
from .engines import Asked, AsOf, DatabaseConnection, DuckDBConnection, SparkFrame, SparkSession
from .kept import check_manifest, identity, versions
from .memory import MOST_BUCKETS, TIMES_UNASKED, Bucket, buckets_of, count_for, memory_in_bytes
from .outputs import RecordBatch
from .own import own_of
from .question import INPUTS_HASH, Question, keys_of, scanned
from .refusals import BulkError
from .sessions import Inputs, Session, Sessions, check_installed
from .spark import is_spark
from .statement import Statement

if TYPE_CHECKING:
    from ..spec import Model
    from .database import DatabaseRun
    from .reading import DataFault

_DUCKDB: Final = frozenset(("duckdb", "_duckdb"))
_NUMBER: Final = numbers()


@attrs.frozen
class Manner:
    """
    How a run goes, whatever it answers.

    Args:
        ordered: Whether rows come in the order of leads and instants.
        buckets: Into how many the leads are divided; None leaves it to the size of the inputs.
        memory: Bytes that the whole process may take, by which buckets are chosen.
        progress: Called with the share done, from 0 to 1.
        resume: The folder in which finished buckets stay.
    """

    ordered: bool = False
    buckets: int | None = None
    memory: int | None = None
    progress: Callable[[float], None] | None = None
    resume: Path | None = None


class Run(Answer[Session]):
    """
    The decisions about tables of leads; `decide` makes one.

    Iterating gives batches of Arrow as they come. Whatever it is asked for, it computes then, and
    each time anew; only `counts` knows what came last. It keeps a connection of its own until it
    is closed, as by ``with``, or forgotten.

    >>> import pyarrow as pa
    >>> from datetime import UTC, datetime
    >>> from mqlkit import Qualification, attribute, bulk
    >>> mql = Qualification("fit", version="1", when=attribute("employees") >= 50)
    >>> leads = pa.table({"lead_id": ["ada", "bob", "cy"], "employees": [80, None, 7]})
    >>> run = bulk.decide(mql, leads=leads, as_of=datetime(2026, 3, 1, tzinfo=UTC))
    >>> for (status, reasons), count in run.counts().reasons.items():
    ...     print(count, status, reasons)
    1 needs data
    1 not qualified unmet: employees is at least 50
    1 qualified fit
    >>> print(run.explain("cy"))  # doctest: +ELLIPSIS
    cy is NOT QUALIFIED...
    >>> print(run.verify())
    3 rows checked, none differs
    """

    def __init__(
        self,
        sessions: Sessions,
        question: Question,
        manner: Manner,
        *,
        notes: tuple[str, ...] = (),
        since: Since | None = None,
    ) -> None:
        super().__init__()
        self._sessions, self._question, self._manner = sessions, question, manner
        self._since = since
        self.notes = notes
        """What the reader of the answer must know beside it, such as that nobody has signed."""
        self._statement  # noqa: B018 - what cannot be asked is refused now

    # -- what it is --------------------------------------------------------------------------

    def _print(self) -> Statement:
        with self._source() as session:
            printed = self._question.statement(session.opened.tables)
            _check_own(session, self._question.qualification, printed.text)
            return printed

    @property
    def _folder(self) -> Path:
        return self._sessions.folder

    def _source(self) -> AbstractContextManager[Session]:
        return self._sessions.one()

    def __repr__(self) -> str:
        q = self._question.qualification
        return f"<a bulk run of {q.name!r} version {q.version!r}>"

    # -- rows --------------------------------------------------------------------------------

    def batches(self) -> Generator[RecordBatch]:
        counted: Counter[tuple[str, str]] = Counter()
        with self._under_way() as (deciding, count):
            for batch in deciding.rows(count):
                counted.update(tally(batch))
                yield batch
        self._done(counted, deciding.course)

    def to_parquet(self, path: str | Path) -> None:
        """
        Write the rows to a Parquet file, which is replaced when all are there and not before.

        Rows that need no order are written by the engine itself.

        Raises:
            TableError: The place cannot be written to.
        """
        place = Path(path)
        if self._manner.ordered or (place.exists() and not place.is_file()):
            super().to_parquet(path)
            return
        with self._under_way() as (deciding, count):
            if deciding.session.writes:
                with replaced(place) as binary:
                    written = Path(binary.name)
                    deciding.into(count, written)
                    counted = _tally_of(deciding.session, written)
                self._done(counted, deciding.course)
                return
        super().to_parquet(path)

    @contextmanager
    def _under_way(self) -> Generator[tuple[Deciding, Sequence[Bucket]]]:
        """A run that can be stopped until it is done."""
        course = Course(self._manner.progress)
        with (
            self._stoppable() as stopped,
            self._deciding(stopped, course) as (deciding, count),
        ):
            course(0.0)
            yield deciding, count

    def _done(self, counted: Mapping[tuple[str, str], int], course: Course) -> None:
        self._counted = Counts.of(counted)
        course(1.0)

    @contextmanager
    def _deciding(
        self, stopped: Event, course: Course
    ) -> Generator[tuple[Deciding, Sequence[Bucket]]]:
        manner = self._manner
        with ExitStack() as stack:
            session = stack.enter_context(self._sessions.one())
            only = stack.enter_context(self._only(session))
            count = self._count(session)
            folder = scratch = stack.enter_context(private(self._sessions.folder))
            if manner.resume is not None:
                folder = manner.resume
                count = check_manifest(folder, self._facts(session), count, manner.buckets)
            yield (
                Deciding(
                    session,
                    self._question,
                    self._statement,
                    only,
                    manner.ordered,
                    scratch,
                    folder,
                    manner.resume is not None,
                    stopped,
                    course,
                ),
                buckets_of(count),
            )

    @contextmanager
    def _only(self, session: Session) -> "Generator[Only | None]":
        if self._since is None:
            yield None
            return
        with self._since.only(session, self._question, self.columns) as only:
            yield only

    def _count(self, session: Session) -> int:
        manner = self._manner
        if manner.buckets is not None:
            return manner.buckets
        size = session.opened.size
        if manner.memory is not None:
            return count_for(size, manner.memory)
        setting = "SELECT current_setting('memory_limit')"
        own = memory_in_bytes(session.connection.execute(setting).fetchall()[0][0])
        return count_for(size, own, TIMES_UNASKED)

    def _facts(self, session: Session) -> dict[str, str]:
        """All that the rows depend on."""
        inputs, tables = self._sessions.inputs, session.opened.tables
        connection, activities = session.connection, tables.activities
        facts = {
            **versions(),
            **self._question.facts(),
            "columns": ", ".join(f"{out.name} {out.kind}" for out in self.outputs),
            "mapping": repr(inputs.mapping),
            "unique_ids": str(inputs.unique_ids),
            "leads": identity(inputs.leads, tables.leads.relation, connection),
        }
        if inputs.as_of_column is not None:
            facts["as_of"] += f", in the column {show(inputs.as_of_column)}"
        if activities is not None:
            facts["activities"] = identity(inputs.activities, activities.relation, connection)
        return facts

    # -- what it says of all of them ---------------------------------------------------------

    def faults(self) -> "list[DataFault]":
        with self._sessions.one() as session:
            return session.opened.faults()

    # -- what it says of one -----------------------------------------------------------------

    def decision(self, lead_id: str, as_of: datetime | None = None) -> Decision:
        at = None if as_of is None else instant(as_of, "as_of")
        with self._sessions.one() as session:
            at = self._instant_of(session, lead_id) if at is None else at
            lead = None if at is None else self._lead(session, lead_id, at)
        if lead is None or at is None:
            raise UnknownLeadError(lead_id)
        return Decision.of(self._question.qualification, lead, at, self.notes)

    def _instant_of(self, session: Session, lead_id: str) -> datetime | None:
        """The instant at which a lead is decided, the last of several; None when there is none."""
        as_of = self._question.as_of
        if as_of is not None:
            return as_of[-1] if isinstance(as_of, tuple) else as_of
        leads = session.opened.tables.leads
        text = f"SELECT MAX({leads.as_of}) FROM {leads.relation} WHERE {leads.id} = ?"
        micros = session.connection.execute(text, [lead_id]).fetchall()[0][0]
        return None if micros is None else moment_at(micros)

    def _lead(self, session: Session, lead_id: str, as_of: datetime) -> Lead | None:
        if self._question.as_of is None:
            return session.opened.lead(lead_id, as_of)
        return session.opened.lead(lead_id)

    # -- whether it is right -----------------------------------------------------------------

    def _sample(self, source: Session, sample: int | None, seed: int) -> set[str]:
        """The keys whose digests are the least: the same ones whatever the order of the rows."""
        with self._only(source) as only:
            text = keys_of(source.opened.tables)
            if only is not None and only.beside is None:
                text = only.keys
            if sample is not None:
                order = f"MD5(CONCAT('{seed:d}:', lead_id)), lead_id"
                text = f"SELECT lead_id FROM ({text}) AS leads ORDER BY {order} LIMIT {sample:d}"
            return {key for (key,) in source.connection.execute(text).fetchall()}

    def _decided(self, source: Session, rows: list[dict[str, Any]]) -> list[Decision | None]:
        """The decisions about the leads of some rows, in process."""
        opened, q = source.opened, self._question.qualification
        known: dict[str, list[Lead]] = {}
        for lead in opened.leads(sorted({row["lead_id"] for row in rows})):
            known.setdefault(lead.id, []).append(lead)
        decided: list[Decision | None] = []
        for row in rows:
            key, at = row["lead_id"], row["as_of"]
            leads = known.get(key, [])
            # Of several rows for one lead only the tables can tell which is of that instant.
            one = leads[0] if len(leads) == 1 else opened.lead(key, at)
            decided.append(None if one is None else q.decide(one, as_of=at))
        return decided

    # -- what is new -------------------------------------------------------------------------

    def changed(self, since: Any, *, merged: bool = False) -> "Run":
        """
        The same run over those leads only whose answer may be another than it was.

        These are leads that are new, of which anything known has changed, came or went, and those
        whose `changes_at` has come. After a change of the definition, or of what is asked of it,
        that is every lead.

        Args:
            since: The earlier answer, made with ``changes_at=True`` and ``inputs_hash=True``: the
                path of a Parquet file, a table of Arrow, a frame, or a `Run`. A row for each lead.
            merged: Give also the rows that stay as they were, with this run's instant: together
                they are what the whole run would give, and come for less.

        Raises:
            BulkError: An answer lacks what tells whether it still holds, or has several rows for
                one lead, or the run has several instants.
        """
        question = self._question
        asked = {"changes_at": question.changes_at, INPUTS_HASH: question.inputs_hash}
        faults = [f"{name}: decide with {name}=True" for name, given in asked.items() if not given]
        if not isinstance(question.as_of, datetime):
            faults.append("as_of: what changed is told of one instant for all leads")
        if faults:
            raise BulkError(faults)
        if isinstance(since, Run):
            path = self._sessions.folder / f"earlier-{next(_NUMBER)}.parquet"
            since.to_parquet(path)
            since = path
        return Run(
            self._sessions,
            question,
            attrs.evolve(self._manner, resume=None),
            notes=self.notes,
            since=Since(Earlier.of(since, NEEDED, self.outputs), merged),
        )

    # -- its end -----------------------------------------------------------------------------

    def close(self) -> None:
        """Let go of connections that are the run's own, and of its temporary files."""
        self._sessions.close()


def _tally_of(session: Session, path: Path) -> dict[tuple[str, str], int]:
    """The same of a file."""
    rows = session.connection.execute(
        f"SELECT decision, reasons, COUNT(*) FROM {scanned(path)} GROUP BY ALL"
    ).fetchall()
    return {(decision, reasons): count for decision, reasons, count in rows}


def _check_own(session: Session, definition: Qualification, text: str) -> None:
    """
    What prints criteria of one's own can print anything, so the engine reads it before it runs.

    Raises:
        BulkError: The engine cannot read it.
    """
    own = own_of(definition)
    if not own:
        return
    import duckdb

    try:
        session.connection.execute(f"EXPLAIN {text}")
    except duckdb.Error as error:
        names = " and ".join(sorted(own))
        told = printable(" ".join(str(error).split()), 300)
        raise BulkError([f"DuckDB cannot read what is printed for {names}: {told}"]) from error


# -- beginning ---------------------------------------------------------------------------------


@overload
def decide(
    mql: "Qualification | Model",
    leads: SparkFrame,
    activities: Any = None,
    *,
    connection: SparkSession | None = None,
    **asked: Unpack[Asked],
) -> Any: ...
@overload
def decide(
    mql: "Qualification | Model",
    leads: Any,
    activities: SparkFrame,
    *,
    connection: SparkSession | None = None,
    **asked: Unpack[Asked],
) -> Any: ...
@overload
def decide(
    mql: "Qualification | Model",
    leads: str,
    activities: str | None = None,
    *,
    connection: SparkSession,
    **asked: Unpack[Asked],
) -> Any: ...
@overload
def decide(
    mql: "Qualification | Model",
    leads: str,
    activities: str | None = None,
    *,
    connection: DatabaseConnection,
    **asked: Unpack[Asked],
) -> "DatabaseRun": ...
@overload
def decide(
    mql: "Qualification | Model",
    leads: Any,
    activities: Any = None,
    *,
    connection: DuckDBConnection | None = None,
    inputs_hash: bool = False,
    memory: str | int | None = None,
    buckets: int | None = None,
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
    resume: str | Path | None = None,
    **asked: Unpack[Asked],
) -> Run: ...
def decide(
    mql: "Qualification | Model",
    leads: Any,
    activities: Any = None,
    *,
    as_of: AsOf,
    mapping: FileMapping | str | Path | None = None,
    connection: Any = None,
    rules: bool = False,
    changes_at: bool = False,
    missing: bool = True,
    inputs_hash: bool = False,
    ordered: bool = False,
    unique_ids: bool = False,
    memory: str | int | None = None,
    buckets: int | None = None,
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
    resume: str | Path | None = None,
) -> Any:
    """
    The decisions about all leads of some tables.

    The tables are checked against the definition at once; nothing is computed before rows are
    asked for. DuckDB does the work, unless a connection or frames of another engine are given.

    Args:
        mql: A definition, or a model that was loaded.
        leads: The path of a file (CSV, Parquet, JSON Lines), a pattern such as
            ``"leads/*.parquet"`` or a list of paths; a frame of Polars, pandas, Arrow or Spark.
            With a connection the name of a table, a query, or a relation of DuckDB.
        activities: The same; None means not loaded, so that what is asked of them is unknown.
        as_of: The instant to decide at, aware; several give a row for each lead and instant; a text
            is the column of leads with the instant of each.
        mapping: Which column is what, or the path of a file that says it.
        connection: Where to run: of DuckDB, SQLite or PostgreSQL, or a session of Spark. Its
            settings stay as they are. By default a private one of DuckDB.
        rules: Answer with the points that each rule gives, too.
        changes_at: Answer with the instant at which to decide again though nothing new is known.
        missing: Answer with the fields that are not known.
        inputs_hash: Answer with a digest of what is known of the lead, for `Run.changed`.
        ordered: Give rows in the order of leads and instants: the same inputs give the same bytes.
        unique_ids: No activity id repeats; skips that check.
        memory: How much the whole process may take, such as ``"700MB"``: a run that needs more is
            divided into buckets of leads. By default the engine may take four fifths of the
            machine's. What the process holds beside the run, such as frames, is not counted, and a
            connection that is given keeps its own limit.
        buckets: Into how many, from 1 to 4,096; by default as many as the memory needs. Before the
            first of several, the inputs are divided in one pass among temporary files, about one
            and a half times as large as they; the first rows come when that bucket is done.
        threads: How many the engine may use, 1 or more; by default one for each processor.
        progress: Called with the share done, from 0 to 1, in the thread that takes the rows.
        resume: A folder in which finished buckets stay, so that an interrupted run goes on there.
            Of one process at a time: it removes what a killed one left half written.

    Returns:
        A `Run`, or what the engine of the connection or frames gives instead.

    Raises:
        BulkError: The tables or the engine cannot do it; tells everything that they cannot.
        NaiveTimeError: *as_of* has no time zone.
        ResumeError: The folder keeps buckets of another run; told when rows are asked for.
        MissingExtraError: DuckDB or pyarrow is not installed.

    >>> import pyarrow as pa
    >>> from datetime import UTC, datetime
    >>> from mqlkit import Qualification, attribute, bulk
    >>> mql = Qualification("fit", version="1", when=attribute("employees") >= 50)
    >>> leads = pa.table({"lead_id": ["ada", "bob"], "employees": [80, None]})
    >>> now = datetime(2026, 3, 1, tzinfo=UTC)
    >>> with bulk.decide(mql, leads=leads, as_of=now, ordered=True) as run:
    ...     for row in run.to_arrow().select(["lead_id", "decision", "missing"]).to_pylist():
    ...         print(row)
    {'lead_id': 'ada', 'decision': 'qualified', 'missing': ''}
    {'lead_id': 'bob', 'decision': 'needs data', 'missing': 'employees'}
    """
    qualification = _definition(mql)
    at = _instants(as_of)
    if not isinstance(mapping, FileMapping):
        mapping = FileMapping() if mapping is None else read_mapping(mapping)
    own = {
        "memory": memory,
        "buckets": buckets,
        "threads": threads,
        "progress": progress,
        "resume": resume,
        INPUTS_HASH: inputs_hash or None,
    }
    elsewhere = _elsewhere(leads, activities, connection)
    if elsewhere is not None:
        given = [name for name, value in own.items() if value is not None]
        if given:
            raise BulkError(f"{name}: only a run on DuckDB knows of it" for name in given)
        return elsewhere(
            qualification,
            leads=leads,
            activities=activities,
            as_of=at,
            mapping=mapping,
            rules=rules,
            changes_at=changes_at,
            missing=missing,
            ordered=ordered,
            unique_ids=unique_ids,
        )
    if connection is not None and threads is not None:
        raise BulkError(["threads: a connection that is given keeps its settings"])
    check_installed()
    limit = memory_in_bytes(memory)
    column = at if isinstance(at, str) else None
    inputs = Inputs(
        leads, activities, mapping, qualification, column, unique_ids, connection, limit,
        _count_of(threads, "threads", 1_024),
    )  # fmt: skip
    question = Question(
        qualification, None if isinstance(at, str) else at, rules, changes_at, missing, inputs_hash,
        salt=f"{versions()['mqlkit']} {unique_ids}",
    )  # fmt: skip
    manner = Manner(
        ordered, _count_of(buckets, "buckets", MOST_BUCKETS), limit, progress,
        None if resume is None else Path(resume),
    )  # fmt: skip
    sessions = Sessions(inputs)
    try:
        return Run(sessions, question, manner, notes=_notes(mql, at))
    except BaseException:
        sessions.close()
        raise


def _definition(mql: object) -> Qualification:
    found = getattr(mql, "qualification", mql)
    if not isinstance(found, Qualification):
        raise KindError(f"wanted a Qualification or a model, not {show(mql)}")
    return found


def _instants(as_of: Any) -> datetime | tuple[datetime, ...] | str:
    """The instants in UTC, in order; or the name of a column."""
    if isinstance(as_of, str) or not isinstance(as_of, Iterable):
        return as_of if isinstance(as_of, str) else instant(as_of, "as_of")
    several = tuple(sorted({instant(one, "as_of") for one in as_of}))
    if not several:
        raise DefinitionError("as_of has no instant; give one or more")
    return several


def _notes(mql: Any, at: datetime | tuple[datetime, ...] | str) -> tuple[str, ...]:
    """What a model notes beside its decisions as of the last instant."""
    last = at[-1] if isinstance(at, tuple) else at
    if isinstance(last, str) or not hasattr(mql, "notes"):
        return ()
    notes: tuple[str, ...] = mql.notes(last)
    return notes


def _count_of(value: Any, what: str, most: int) -> int | None:
    if value is not None and (type(value) is not int or not 1 <= value <= most):
        raise DefinitionError(f"{what} are a whole number from 1 to {most:,}, not {show(value)}")
    return value


def _elsewhere(leads: Any, activities: Any, connection: Any) -> Callable[..., Any] | None:
    """What decides by another engine than DuckDB; None when that one does."""
    if any(map(is_spark, (leads, activities, connection))):
        return partial(_by_spark, connection)
    if connection is None or type(connection).__module__.partition(".")[0] in _DUCKDB:
        return None
    from .database import decide_in

    return partial(decide_in, connection)


def _by_spark(session: Any, mql: Qualification, **asked: Any) -> Any:
    from .spark import decide as decide_in_spark

    return decide_in_spark(mql, session=session, **asked)
