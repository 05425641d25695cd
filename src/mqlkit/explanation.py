"""
Why an answer is what it is: one tree, shown as text, for a terminal, as HTML or as plain data.

A `Reason` is one statement with its verdict, what was read for it, and the reasons below it.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final, Protocol

import attrs

from .lazily import lazily
from .lead import Seen
from .value import printable
from .verdict import Verdict


class Figure(Protocol):
    """What can be drawn, once somebody wants to see it."""

    def to_svg(self) -> str:
        """One SVG element that may stand in a page: no script, every text in it escaped."""
        ...


@attrs.frozen(slots=False)
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

    _above: ClassVar["dict[object, Reason] | None"] = None
    """What is told above it, for a reason that is kept to be told again; see `kept_by`."""

    def __getstate__(self) -> dict[str, object]:
        """What it says; what is kept for speed is made anew where it arrives."""
        return {name: self.__dict__[name] for name in _REASON}

    def above(self, key: object, tell: "Callable[[], Reason]") -> "Reason":
        """
        What is told with this one below it, or what was told before where this one is kept.

        Args:
            key: All else that it depends on; hashable.
            tell: Makes it.
        """
        known = self._above
        if known is None:
            return tell()
        found = known.get(key)
        return kept_by(known, key, tell()) if found is None else found

    def under(self, text: str) -> "Reason":
        """A statement with the same answer, and this one as its only reason."""
        return self.above(text, lambda: Reason(text, self.verdict, parts=(self,)))

    def walk(self) -> Iterator["Reason"]:
        """This reason and all below it, outermost first."""
        pending: list[Reason] = [self]
        while pending:
            reason = pending.pop()
            yield reason
            pending.extend(reversed(reason.parts))

    def unknowns(self) -> Iterator[Seen]:
        """
        The blanks that this answer waits for; none when the answer is known.

        A part that is known by itself waits for nothing, so only UNKNOWN ones are followed.
        """
        pending: list[Reason] = [self]
        while pending:
            reason = pending.pop()
            if reason.verdict is Verdict.UNKNOWN:
                yield from (seen for seen in reason.seen if seen.missing)
                pending.extend(reversed(reason.parts))

    def faults(self) -> Iterator[Seen]:
        """Values of the wrong kind that were met."""
        return iter(self._faulty)

    @lazily
    def _faulty(self) -> tuple[Seen, ...]:
        """Kept, because a reason that many leads share is looked through again and again."""
        found = [seen for seen in self.seen if seen.fault]
        for part in self.parts:
            found += part._faulty
        return tuple(found)

    # -- four ways to show it ----------------------------------------------------------------

    def __str__(self) -> str:
        lines: list[str] = []
        self._write(lines, "")
        return "\n".join(lines)

    def _write(self, lines: list[str], indent: str) -> None:
        lines.append(indent + self._line)
        if self.parts:
            deeper = indent + "  "
            for part in self.parts:
                if part.parts:
                    part._write(lines, deeper)
                else:
                    lines.append(deeper + part._line)

    @lazily
    def _line(self) -> str:
        """The statement alone; kept, because one that many leads share is told again and again."""
        mark = _MARK[self.verdict]
        remark = self._remark()
        return f"{mark}{printable(self.text, 400)}{f'  ({remark})' if remark else ''}"

    def _remark(self) -> str:
        """What stands in brackets behind the statement; ``""`` for nothing."""
        read = self._read() if self.seen else ""
        if not self.aside:
            return read
        aside = printable(self.aside, 400)
        return f"{read}; {aside}" if read else aside

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
            data["seen"] = [
                {name: held for name in _SEEN if (held := getattr(seen, name))}
                for seen in self.seen
            ]
        if self.aside:
            data["aside"] = self.aside
        if self.parts:
            data["parts"] = [part.to_dict() for part in self.parts]
        return data

    def to_html(self) -> str:
        """Nested lists with the figures in them; every text is escaped."""
        from html import escape  # brings every HTML entity along, so only who asks loads it

        pieces: list[str] = []
        self._write_html(pieces, escape)
        return "".join(pieces)

    def to_page(self, title: str = "") -> str:
        """
        A whole HTML page: `to_html` with a head and a few lines of style, light and dark.

        Args:
            title: Of the page; by default the statement itself.

        >>> print(Reason("big is QUALIFIED").to_page("big & co").splitlines()[1])
        <html lang="en"><head><meta charset="utf-8"><title>big &amp; co</title>
        """
        from html import escape  # as above

        shown = escape(printable(title or self.text, 400))
        return _PAGE.format(title=shown, body=self._repr_html_())

    def _write_html(self, pieces: list[str], escape: Callable[[str], str]) -> None:
        answer = "" if self.verdict is None else f" class='mqlkit-{self.verdict}'"
        remark = self._remark()
        small = f" <small>({escape(remark)})</small>" if remark else ""
        figure = "" if self.figure is None else self.figure.to_svg()
        text = escape(printable(self.text, 400))
        pieces.append(f"<li{answer}>{_MARK[self.verdict]}{text}{small}{figure}")
        if self.parts:
            pieces.append("<ul>")
            for part in self.parts:
                part._write_html(pieces, escape)
            pieces.append("</ul>")
        pieces.append("</li>")

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
            return Text(reason._line, style=_STYLE[reason.verdict])

        return grow(self, Tree(label(self)))


class Recalled:
    """What a part of a definition has said already: its sentence, and reasons by what was read."""

    __slots__ = ("reasons", "sentence")

    def __init__(self) -> None:
        self.reasons: dict[object, Reason] = {}
        self.sentence: str | None = None


class Recalling:
    """
    A frozen part of a definition that need not say the same thing twice.

    What it keeps is no part of the value: neither equality, copies nor pickles know of it. Only
    mqlkit's own classes keep anything: what somebody else's reads is not known.
    """

    __slots__ = ("_recalled",)

    _recalled: Recalled

    @property
    def recalled(self) -> Recalled:
        """What it has said already."""
        try:
            return self._recalled
        except AttributeError:
            found = Recalled()
            if type(self).__module__.startswith("mqlkit."):
                object.__setattr__(self, "_recalled", found)
            return found

    def recall(self, key: object, tell: Callable[[Any], Reason], lead: Any) -> Reason:
        """
        What was told where the same was read, or else what is told now.

        Args:
            key: What was read: hashable, and all that the reason depends on. None: not known.
            tell: Makes the reason.
            lead: What it is made from.
        """
        if key is None:
            return tell(lead)
        reasons = self.recalled.reasons
        why = reasons.get(key)
        return kept_by(reasons, key, tell(lead)) if why is None else why


def kept_by(known: dict[object, Reason], key: object, reason: Reason) -> Reason:
    """*reason*, kept among some others to be told again; they are never many."""
    if len(known) >= _MOST_KEPT:
        known.clear()
    reason.__dict__.setdefault("_above", {})
    known[key] = reason
    return reason


_MOST_KEPT: Final = 256
_PAGE: Final = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }}
ul {{ list-style: none; padding-left: 1.5em }} small {{ opacity: .75 }}
li {{ color: CanvasText }} svg {{ display: block; max-width: 100%; height: auto }}
.mqlkit-yes {{ color: #176117 }} .mqlkit-no {{ color: #8a1f11 }}
.mqlkit-unknown {{ color: #7a5b00 }}
@media (prefers-color-scheme: dark) {{
.mqlkit-yes {{ color: #7fd67f }} .mqlkit-no {{ color: #ff9d8a }}
.mqlkit-unknown {{ color: #e6c35c }}
}}
</style></head><body>{body}</body></html>
"""
_MARK = {Verdict.YES: "yes: ", Verdict.NO: "no: ", Verdict.UNKNOWN: "? ", None: ""}
"""Words, not ticks: a disqualifier that does not hold is good news."""
_STYLE = {Verdict.YES: "green", Verdict.NO: "red", Verdict.UNKNOWN: "yellow", None: ""}
_REASON = tuple(field.name for field in attrs.fields(Reason))
_SEEN = tuple(field.name for field in attrs.fields(Seen))
