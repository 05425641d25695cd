"""
Why an answer is what it is: one tree, shown as text, for a terminal, as HTML or as plain data.

A `Reason` is one statement with its verdict, what was read for it, and the reasons below it.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import attrs

from .lead import Seen
from .value import printable
from .verdict import Verdict


class Figure(Protocol):
    """What can be drawn, once somebody wants to see it."""

    def to_svg(self) -> str:
        """One SVG element that may stand in a page: no script, every text in it escaped."""
        ...


@attrs.frozen
class Reason:
    """
    One statement about a lead.

    Args:
        text: The statement, in the reader's words.
        verdict: Its answer; None where the statement is not a question.
        seen: What was read for it.
        parts: The reasons below it.
        aside: A short remark, such as the points it gave.
        figure: The same as a drawing, for HTML alone: the text and the parts say all that it says.
    """

    text: str
    verdict: Verdict | None = None
    seen: tuple[Seen, ...] = ()
    parts: tuple["Reason", ...] = ()
    aside: str = ""
    figure: Figure | None = None

    def walk(self) -> Iterator["Reason"]:
        """This reason and all below it, outermost first."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def unknowns(self) -> Iterator[Seen]:
        """
        The blanks that this answer waits for; none when the answer is known.

        A part that is known by itself waits for nothing, so only UNKNOWN ones are followed.
        """
        if self.verdict is not Verdict.UNKNOWN:
            return
        yield from (seen for seen in self.seen if seen.missing)
        for part in self.parts:
            yield from part.unknowns()

    def faults(self) -> Iterator[Seen]:
        """Values of the wrong kind that were met."""
        for reason in self.walk():
            yield from (seen for seen in reason.seen if seen.fault)

    # -- four ways to show it ----------------------------------------------------------------

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self, indent: str = "") -> Iterator[str]:
        mark = f"{_MARK[self.verdict]} " if self.verdict is not None else ""
        remark = "; ".join(filter(None, [self._read(), printable(self.aside, 400)]))
        yield f"{indent}{mark}{printable(self.text, 400)}{f'  ({remark})' if remark else ''}"
        for part in self.parts:
            yield from part._lines(indent + "  ")

    def _read(self) -> str:
        """What was read, unless the statement says it already."""
        return ", ".join(
            (f"{printable(seen.name)} {'holds' if seen.fault else 'is'} " if seen.field else "")
            + seen.value
            + (f", {seen.fault}" if seen.fault else "")
            for seen in self.seen
        )

    def to_dict(self) -> dict[str, Any]:
        """The tree as plain data, for JSON."""
        data: dict[str, Any] = {"text": self.text}
        if self.verdict is not None:
            data["verdict"] = str(self.verdict)
        if self.seen:
            data["seen"] = [attrs.asdict(s, filter=lambda _, value: bool(value)) for s in self.seen]
        if self.aside:
            data["aside"] = self.aside
        if self.parts:
            data["parts"] = [part.to_dict() for part in self.parts]
        return data

    def to_html(self) -> str:
        """Nested lists with the figures in them; every text is escaped."""
        from html import escape  # brings every HTML entity along, so only who asks loads it

        answer = "" if self.verdict is None else f" class='mqlkit-{self.verdict}'"
        mark = f"{_MARK[self.verdict]} " if self.verdict is not None else ""
        remark = "; ".join(filter(None, [self._read(), printable(self.aside, 400)]))
        small = f" <small>({escape(remark)})</small>" if remark else ""
        figure = self.figure.to_svg() if self.figure is not None else ""
        below = "".join(part.to_html() for part in self.parts)
        nested = f"<ul>{below}</ul>" if below else ""
        return f"<li{answer}>{mark}{escape(printable(self.text, 400))}{small}{figure}{nested}</li>"

    def _repr_html_(self) -> str:
        return f"<ul class='mqlkit'>{self.to_html()}</ul>"

    def __rich__(self) -> Any:
        """For ``rich.print``; built only when rich asks, and no text is read as markup."""
        from rich.text import Text
        from rich.tree import Tree

        def grow(reason: Reason, tree: Tree) -> Tree:
            for part in reason.parts:
                grow(part, tree.add(label(part)))
            return tree

        def label(reason: Reason) -> Text:
            line = next(reason._lines())
            return Text(line, style=_STYLE[reason.verdict])

        return grow(self, Tree(label(self)))


_MARK = {Verdict.YES: "yes:", Verdict.NO: "no:", Verdict.UNKNOWN: "?"}
"""Words, not ticks: a disqualifier that does not hold is good news."""
_STYLE = {Verdict.YES: "green", Verdict.NO: "red", Verdict.UNKNOWN: "yellow", None: ""}
