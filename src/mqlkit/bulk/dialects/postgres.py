"""PostgreSQL."""

from collections.abc import Callable, Sequence

from .base import Dialect


class Postgres(Dialect):
    """
    The SQL of PostgreSQL 14 and later.

    Every text is compared letter by letter, whatever the collation of its column. A column of
    instants is a TIMESTAMP WITH TIME ZONE or a DATE.
    """

    name = "postgres"
    title = "PostgreSQL"
    inline = "NOT MATERIALIZED"
    ascii_lower = True
    listed = "(CAST(ARRAY[{values}] AS BIGINT[]))[CAST({place} + 1 AS INTEGER)]"

    def spelled(self, value: str) -> str:
        # A backslash is itself or an escape, as a setting says; within E'' it is one always.
        if "\\" not in value:
            return super().spelled(value)
        return "E" + super().spelled(value.replace("\\", "\\\\"))

    def compared(self, text: str) -> str:
        return f'{text} COLLATE "C"'

    def not_blank(self, text: str) -> str:
        # In "C" texts are equal only if each letter is, and LOWER knows ASCII letters only.
        return f"CASE WHEN LTRIM({text}) <> '' THEN {self.cast(text, 'TEXT')} COLLATE \"C\" END"

    def lowered(self, text: str, stand_in: str) -> str:
        return f'LOWER({text} COLLATE "C")'

    def folded_wholly(self, text: str) -> str:
        return super().folded_wholly(text).replace(f"LOWER({text})", self.lowered(text, ""))

    def any_member(self, items: str, holds: Callable[[str], str]) -> str:
        return f"EXISTS (SELECT 1 FROM UNNEST({items}) AS listed(member) WHERE {holds('member')})"

    def gathered(self, text: str, condition: str) -> str:
        return f"ARRAY_AGG(DISTINCT {text}) FILTER (WHERE {condition})"

    def merged(self, parts: Sequence[tuple[str, str]], lists: Sequence[tuple[str, str]]) -> str:
        some = ", ".join(self.told(parts))
        found = " || ".join(f"CASE WHEN {when} THEN {column} END" for when, column in lists)
        told = self.compared("told")
        joined = f"STRING_AGG(DISTINCT {told}, '; ' ORDER BY {told})"
        every = f"UNNEST(CAST(ARRAY[{some}] AS TEXT[]) || {found})"
        return f"(SELECT COALESCE({joined}, '') FROM {every} AS names(told))"

    def micros(self, moment: str) -> str:
        calendar = f"{moment} BETWEEN '0001-01-01 00:00:00+00' AND '9999-12-31 23:59:59.999999+00'"
        count = f"EXTRACT(EPOCH FROM {moment}) * 1000000"
        return f"CASE WHEN {calendar} THEN {self.cast(count, 'BIGINT')} END"

    def instant(self, micros: str) -> str:
        # Multiples of a second and of a microsecond: a double holds each of them.
        seconds = f"{micros} / 1000000 * INTERVAL '1 second'"
        rest = f"{micros} % 1000000 * INTERVAL '1 microsecond'"
        return f"(TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00+00' + {seconds} + {rest})"

    def step(self, name: str, body: str, *, used: int = 1) -> str:
        # A step that is read once is put into the next one, and a column that stands there ten
        # times is computed ten times, and so on with every step.
        if name.startswith("k"):
            return f"{name} AS MATERIALIZED (\n{body}\n)"
        return super().step(name, body, used=used)
