"""
One statement for a definition: a step for each block, and one row for each lead.

    read_activities   the rows that count, as the core reads them
    once              one id counts once
    e                 what had happened by then, with its age
    ...               which activities each question is about
    found             what is found out about each lead's timeline
    read_leads        the leads' fields
    known             leads with what was found
    ...               the answers, then the points, in the order in which one needs the other

No step is called as a table may well be: some engines would take it for itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias

import attrs

from ..definition import Definition
from ..value import micros_of, moment_text
from .activities import KEY, Pass, Timelines
from .body import Body
from .dialects.base import Dialect, Refused
from .looking_ahead import LookingAhead
from .missing import MissingFields
from .points import Points
from .sql import Column, slug
from .tables import ActivityTable, Tables

Instants: TypeAlias = datetime | Sequence[datetime] | str | None
Kind: TypeAlias = Literal["text", "points", "moment", "flag"]

_INDENT: Final = "  "


@attrs.frozen
class Output:
    """
    A column of the answer.

    Args:
        name: What it is called.
        kind: What it holds; points are exact to the thousandth.
        sql: Its expression.
        of: What it tells, for names in the answer are made plain: ``("score", "fit", "low")``,
            ``("grade", "fit")``, ``("rule", "total", "pricing page", "points")``. By default its
            name alone.
    """

    name: str
    kind: Kind
    sql: str
    of: tuple[str, ...] = attrs.field(
        default=attrs.Factory(lambda self: (self.name,), takes_self=True)
    )


@attrs.frozen
class Statement:
    """
    The SQL of a definition.

    Args:
        text: All of it.
        columns: What it answers with, in order.
    """

    text: str
    columns: tuple[Output, ...]


def statement(
    definition: Definition,
    tables: Tables,
    dialect: Dialect,
    as_of: Instants = None,
    *,
    rules: bool = False,
    ordered: bool = False,
    changes_at: bool = False,
    missing: bool = True,
) -> Statement:
    """
    The SQL of a definition over tables.

    Args:
        definition: What is decided.
        tables: What is read.
        dialect: For which engine.
        as_of: The instant for all; or several, which gives a row for each lead and instant; or a
            template's text for one, such as ``{{ run_started_at }}``; None where each row of the
            leads has its own.
        rules: Whether to answer with what each rule gives, too.
        ordered: Whether rows come in the order of leads and instants.
        changes_at: Whether to answer with the next instant to look again at, too.
        missing: Whether to answer with the fields that are not known.

    Raises:
        BulkError: The engine or the tables cannot do it; tells everything that they cannot.
    """
    printer = _Printer(definition, tables, dialect, as_of)
    return printer.statement(rules=rules, ordered=ordered, changes_at=changes_at, missing=missing)


class _Printer:
    def __init__(
        self, definition: Definition, tables: Tables, dialect: Dialect, as_of: Instants
    ) -> None:
        self._tables, self._dialect, self._as_of = tables, dialect, as_of
        self._many = as_of is None or (isinstance(as_of, Sequence) and not isinstance(as_of, str))
        self._key = (KEY, "as_of_us") if self._many else (KEY,)
        self._body = Body(definition, tables, dialect, self._key)
        self._definition = definition

    def statement(
        self, *, rules: bool, ordered: bool, changes_at: bool, missing: bool
    ) -> Statement:
        self._body.timelines.ahead = changes_at
        outputs: tuple[Output, ...] = ()
        try:
            outputs = tuple(self._outputs(rules=rules, missing=missing))
        except Refused as refused:  # of a name, which stands in no part of the definition
            self._body.faults.add(refused)
        self._body.faults.check()
        steps = list(self._steps())
        last = self._last(outputs, ordered=ordered)
        text = f"{self._header()}WITH {', '.join(steps)}\n{last}{self._dialect.ending}\n"
        return Statement(text, outputs)

    def _header(self) -> str:
        q, d = self._definition, self._dialect
        lines = [
            f"{q.name} version {q.version} ({q.fingerprint})",
            f"for {d.title}{'' if d.tried else '; parsed in tests, not run there'}",
        ]
        told = " ".join(self._told_instant().split())  # a template is filled in here, too
        return "".join(f"{d.comment(line)}\n" for line in lines) + f"{d.comment('as of')} {told}\n"

    def _told_instant(self) -> str:
        match self._as_of:
            case datetime():
                return moment_text(self._as_of)
            case str():
                return self._as_of
            case None:
                return "each row's own instant"
            case _:
                return f"{len(self._as_of)} instants"

    # -- what it answers with ----------------------------------------------------------------

    def _outputs(self, *, rules: bool, missing: bool) -> Iterator[Output]:
        body, dialect = self._body, self._dialect
        yield Output("lead_id", "text", "lead_id")
        yield Output("as_of", "moment", dialect.instant("as_of_us"))
        yield Output("decision", "text", body.status.text)
        yield Output("reasons", "text", body.reasons.text)
        taken: set[str] = set()
        for name in self._definition.score_names:
            told = _free(_score_name(name), taken)
            yield from self._points(body.points(name), told, ("score", name))
        for name, sql in body.grades.items():
            yield Output(_free(slug(name, "grade"), taken), "text", sql.text, ("grade", name))
        yield Output("labels", "text", body.label_names.text)
        if missing and not body.faults:  # what stands in the way of it is told already
            yield Output("missing", "text", MissingFields(body).names())
        if rules:
            for (total, name), points in body.all_rules():
                told = _free(slug(name, "rule"), taken)
                yield from self._points(points, told, ("rule", total, name))
        q = self._definition
        for name, text in (
            ("name", q.name),
            ("version", q.version),
            ("fingerprint", q.fingerprint),
        ):
            yield Output(name, "text", dialect.text(text))
        if body.timelines.ahead:
            yield Output("changes_at", "moment", LookingAhead(body).instant().text)

    def _points(self, points: Points, name: str, of: tuple[str, ...]) -> Iterator[Output]:
        for which, end in zip(("low", "points", "high"), points, strict=True):
            told = name if which == "points" else f"{name}_{which}"
            yield Output(told, "points", self._dialect.points(end.text), (*of, which))

    # -- steps -------------------------------------------------------------------------------

    def _steps(self) -> Iterator[str]:
        step = self._dialect.step
        timelines = self._body.timelines
        passes = list(timelines.passes)
        table = self._tables.activities
        yield step("read_leads", self._leads(), used=2 if self._many and passes else 1)
        if passes and table is not None:
            yield from self._activities(table, timelines)
            last = "e"
            for number, layer in enumerate(timelines.bits.columns(), 1):
                yield step(f"e{number}", self._layer(last, layer), used=len(passes))
                last = f"e{number}"
            for one in passes:
                yield from self._pass(one, last)
        yield step("known", self._known(passes))
        last = "known"
        for number, layer in enumerate(self._body.layers.columns(), 1):
            yield step(f"k{number}", self._layer(last, layer))
            last = f"k{number}"
        self._final = last

    def _leads(self) -> str:
        leads = self._tables.leads
        columns = [(leads.id, KEY)]
        if leads.as_of is not None and self._as_of is None:
            columns.append((leads.as_of, "as_of_us"))
        elif isinstance(self._as_of, datetime):
            columns.append((str(micros_of(self._as_of)), "as_of_us"))
        elif isinstance(self._as_of, str):
            columns.append((self._dialect.micros(self._dialect.moment(self._as_of)), "as_of_us"))
        if leads.stage is not None:
            columns.append((leads.stage, "stage"))
        if leads.stage_since is not None:
            columns.append((leads.stage_since, "stage_since_us"))
        reader = self._body.reader
        columns += [(leads.fields[field].sql, name) for field, name in reader.used.items()]
        if not self._many or self._as_of is None:
            return _select(columns, leads.relation)
        columns.append(("instant.as_of_us", "as_of_us"))
        return _select(columns, f"{leads.relation} CROSS JOIN ({self._instants()}) AS instant")

    def _instants(self) -> str:
        several = () if self._as_of is None or isinstance(self._as_of, datetime) else self._as_of
        micros = sorted({micros_of(one) for one in several if isinstance(one, datetime)})
        first, *others = (f"SELECT {count}" for count in micros)
        return " UNION ALL ".join([f"{first} AS as_of_us", *others])

    def _activities(self, table: ActivityTable, timelines: Timelines) -> Iterator[str]:
        step = self._dialect.step
        once = not self._tables.unique_ids and table.id is not None
        reader = timelines.reader
        if once:  # whatever tells two of one id apart counts, whether it is asked for or not
            for field in sorted(table.fields):
                if table.fields[field].held != "items":
                    reader.stored(field)
        columns = [(table.lead, KEY), (table.kind, "kind"), (table.at, "us")]
        if once and table.id is not None:
            columns.append((table.id, "id"))
        columns += [(table.fields[field].sql, name) for field, name in reader.used.items()]
        where = () if timelines.ahead else self._earlier(table)
        rows = _select(columns, table.relation, where)
        if timelines.parted and not once:  # one id counts once by a window over all of a lead
            rows = self._dialect.together(rows, KEY)
        used = len(list(timelines.passes))
        yield step("read_activities", rows, used=used if not once else used + 2)
        source = "read_activities"
        if once:
            yield from self._dialect.once(source, KEY, self._order(), used)
            source = "once"
        yield step("e", self._happened(source, timelines, reader.used.values()), used=used)

    def _earlier(self, table: ActivityTable) -> tuple[str, ...]:
        """What leaves out rows after the instant, before anything is computed."""
        if table.before is None or not isinstance(self._as_of, datetime):
            return ()
        instant = self._dialect.moment(self._as_of.isoformat())
        return (table.before.replace("{as_of}", instant),)

    def _order(self) -> tuple[str, ...]:
        """By what activities of one id are sorted: the first one counts."""
        text = self._dialect.compared
        cells = self._body.timelines.reader.cells
        order = ["us ASC", f"{text('kind')} ASC"]
        for field, name in sorted(self._body.timelines.reader.used.items()):
            if cells[field].held != "items":
                column = text(name) if cells[field].held == "text" else name
                order.append(self._dialect.ordered(column))
        return tuple(order)

    def _happened(self, source: str, timelines: Timelines, names: Iterable[str]) -> str:
        text, reach = self._dialect.text, timelines.reach
        names = (KEY, "kind", "us", *names)
        if not self._many:
            as_of = self._as_of_text()
            age = f"{as_of} - us"
            happened = "us IS NOT NULL" if timelines.ahead else f"us <= {as_of}"
            columns = [*((name, "") for name in names), (age, "age")]
            return _select(columns, source, [happened, reach.condition("kind", age, text)])
        age = "l.as_of_us - a.us"
        happened = "a.us IS NOT NULL" if timelines.ahead else "a.us <= l.as_of_us"
        keys = f"(SELECT DISTINCT {KEY}, as_of_us FROM read_leads)"
        joined = f"{source} AS a JOIN {keys} AS l ON l.{KEY} = a.{KEY}"
        own = [(f"a.{name}", name) for name in names]
        columns = [*own, ("l.as_of_us", "as_of_us"), (age, "age")]
        return _select(columns, joined, [happened, reach.condition("a.kind", age, text)])

    def _as_of_text(self) -> str:
        if isinstance(self._as_of, datetime):
            return str(micros_of(self._as_of))
        return self._dialect.micros(self._dialect.moment(str(self._as_of)))

    def _pass(self, one: Pass, last: str) -> Iterator[str]:
        step = self._dialect.step
        if one.where is not None:
            yield step(f"{one.name}_e", _select([("*", "")], last, [one.where.text]))
            last = f"{one.name}_e"
        for number, layer in enumerate(one.layers.columns(), 1):
            yield step(f"{one.name}_w{number}", self._layer(last, layer))
            last = f"{one.name}_w{number}"
        columns = [(key, "") for key in self._key]
        columns += [(found.sql, found.name) for found in one.aggregates.values()]
        yield step(one.name, f"{_select(columns, last)}\n{_INDENT}GROUP BY {', '.join(self._key)}")

    def _known(self, passes: Sequence[Pass]) -> str:
        """Leads with what was found; of a lead without activities nothing is found."""
        if not passes:
            return _select([("*", "")], "read_leads")
        names = [*self._leads_columns()]
        columns = [(f"read_leads.{name}", name) for name in names]
        joined = "read_leads"
        for one in passes:
            for found in one.aggregates.values():
                column = f"{one.name}.{found.name}"
                sql = column if found.none is None else f"COALESCE({column}, {found.none})"
                columns.append((sql, found.name))
            on = " AND ".join(f"{one.name}.{key} = read_leads.{key}" for key in self._key)
            joined += f"\n{_INDENT}LEFT JOIN {one.name} ON {on}"
        return _select(columns, joined)

    def _leads_columns(self) -> Iterator[str]:
        leads = self._tables.leads
        yield from (KEY, "as_of_us")
        if leads.stage is not None:
            yield "stage"
        if leads.stage_since is not None:
            yield "stage_since_us"
        yield from self._body.reader.used.values()

    def _layer(self, source: str, layer: Sequence[Column]) -> str:
        """All columns of a step and some more."""
        lines = [f"{_INDENT}SELECT {source}.*"]
        for column in layer:
            note = f"  {self._dialect.comment(column.note)}" if column.note else ""
            lines.append(f"{_INDENT * 2}, {column.sql} AS {column.name}{note}")
        return "\n".join([*lines, f"{_INDENT}FROM {source}"])

    def _last(self, outputs: Sequence[Output], *, ordered: bool) -> str:
        quoted = self._dialect.quoted
        columns = [(out.sql, quoted(out.name)) for out in outputs]
        text = _select(columns, self._final).replace(f"\n{_INDENT}", "\n").removeprefix(_INDENT)
        if not ordered:
            return text
        return f"{text}\nORDER BY {self._dialect.compared(KEY)} ASC, as_of_us ASC"


def _select(columns: Sequence[tuple[str, str]], source: str, where: Sequence[str] = ()) -> str:
    """A query of a step: a column a line."""
    shown = [sql if name in ("", sql) else f"{sql} AS {name}" for sql, name in columns]
    joined = f"\n{_INDENT * 2}, ".join(shown)
    text = f"{_INDENT}SELECT {joined}\n{_INDENT}FROM {source}"
    if where:
        text += f"\n{_INDENT}WHERE {' AND '.join(where)}"
    return text


def _score_name(name: str) -> str:
    """The column of a score: ``score`` of the total, else ``score_fit``."""
    return "score" if name == "total" else slug(name, "score")


def _free(name: str, taken: set[str]) -> str:
    """A name that no other column has, nor has one for either end."""
    found, number = name, 1
    while not taken.isdisjoint(ends := {found, f"{found}_low", f"{found}_high"}):
        number += 1
        found = f"{name}_{number}"
    taken |= ends
    return found
