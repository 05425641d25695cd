"""
Write the pages of the reference that are made from the code.

`python docs/generate.py` writes them; a test says when one is out of date.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import attrs

import mqlkit
from mqlkit import bulk, criterion, decay, registry, vocabulary
from mqlkit.bulk.dialects import DIALECTS
from mqlkit.labels import KINDS_OF_MQL
from mqlkit.measure import LabelMeasure, Measure
from mqlkit.presets import preset_names, preset_text
from mqlkit.rules.base import BaseRule
from mqlkit.spec.unstructure import Unstructure
from mqlkit.value import listing

REFERENCE: Final = Path(__file__).parent / "reference"

KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
"""A key that TOML takes without quotes."""

HEAD: Final = "<!-- Made by docs/generate.py: change that, not this page. -->\n\n"

EXAMPLES: Final[Mapping[str, str]] = {
    "all": 'known("email") & known("phone")',
    "any": 'known("email") | known("phone")',
    "assume": 'attribute("is_customer").is_true().if_unknown(Verdict.NO)',
    "at_least": 'attribute("employees") >= 50',
    "at_least_of": 'at_least(2, known("email"), known("phone"), known("company"))',
    "at_most": 'attribute("employees") <= 500',
    "attribute": 'attribute("employees")',
    "between": 'attribute("employees").between(50, 500)',
    "by_band": 'Rule.by_band("size", attribute("employees"), '
    "[Band(10, below=50), Band(25, at_least=50)])",
    "by_value": 'Rule.by_value("industry", "industry", {"software": 20, "retail": 5})',
    "cases": 'Rule.first_of("reach", (known("phone"), 10), (known("email"), 5))',
    "contains_any": 'attribute("title").contains_any("vp", "chief")',
    "count": 'activity("page_view").count()',
    "days_in_stage": "days_in_stage()",
    "days_since": 'attribute("signed_up").days_since()',
    "days_since_first": 'activity("page_view").days_since_first()',
    "days_since_last": 'activity("page_view").days_since_last()',
    "distinct": 'activity("page_view").distinct("page")',
    "domain_is": 'attribute("email").domain_is("rival.example")',
    "each": 'Rule.each("pricing page", activity("page_view", page="/pricing"), 20, at_most=2)',
    "ends_with": 'attribute("website").ends_with(".edu")',
    "equals": 'attribute("is_customer").is_true()',
    "exactly": 'exactly(1, known("email"), known("phone"))',
    "expires": "expires(days=90)",
    "grade": 'grade("fit", {"A": 60, "B": 40}, lowest="C")',
    "half_life": "half_life(days=30)",
    "has_all": 'attribute("products").all_of("crm", "mail")',
    "has_any": 'attribute("products").any_of("crm", "mail")',
    "if": 'if_(known("company"), attribute("employees") >= 50, known("phone"))',
    "is_in": 'attribute("industry").is_in("software", "fintech")',
    "known": 'known("phone")',
    "latest": 'Rule.latest("webinar", activity("webinar_attended"), 25, decay=linear(days=90))',
    "less_than": 'attribute("employees") < 50',
    "linear": "linear(days=90)",
    "matches": 'attribute("title").matches("(?i)^head of")',
    "matrix": 'matrix(grade("fit", {"A": 60}, lowest="B"), grade("heat", {"1": 50}, lowest="2"))',
    "max": 'activity("intent").max("strength")',
    "min": 'activity("order_completed").min("amount")',
    "missing": 'missing("phone")',
    "more_than": 'attribute("employees") > 50',
    "not": '~attribute("country").equals("US")',
    "one_of": 'stage().is_in("recycled", "lead")',
    "people": 'people(Scorecard(Rule("has a phone", known("phone"), 10))).top(3)',
    "score": 'score("fit")',
    "sequence": 'activity("trial_started").then(activity("product_used"), days=7)',
    "stage": "stage()",
    "starts_with": 'attribute("phone").starts_with("+49")',
    "steps": "steps({30: 0.5, 60: 0.25})",
    "sum": 'activity("order_completed").sum("amount")',
    "when": 'Rule("has a phone", known("phone"), 10)',
}
"""For each tag how it comes about in Python; the spelling in a file is made from it."""

FAMILIES: Final[Mapping[str, type]] = {
    "Criteria": criterion.Criterion,
    "Measures": Measure,
    "Labels": LabelMeasure,
    "Rules": BaseRule,
    "Decays": decay.Decay,
}


def built(tag: str) -> Any:
    """The value that the example of a tag makes."""
    return eval(EXAMPLES[tag], {name: getattr(mqlkit, name) for name in mqlkit.__all__})


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def code(text: str) -> str:
    """*text* as code in a cell of a table."""
    return f"`{text}`".replace("|", "\\|")


def first_line(thing: object) -> str:
    """The first sentence of a docstring, with its code as Markdown has it."""
    line = str(thing.__doc__).strip().split("\n\n")[0].replace("\n", " ")
    return line.replace("``", "`").replace("|", "\\|")


def criteria() -> Iterator[str]:
    """Every registered tag."""
    yield "# Criteria, measures, rules and decays\n\n"
    yield (
        "All that a definition can be made of, in Python and in a model file. The tag is the key\n"
        "by which a file tells one from another; your own classes get theirs by `register`.\n"
    )
    for family, base in FAMILIES.items():
        tags = [e.tag for e in registry.entries(base) if e.cls.__module__.startswith("mqlkit.")]
        yield f"\n## {family}\n\n"
        yield table(
            ("tag", "in Python", "in a model file", "what it is"),
            (
                (code(tag), code(EXAMPLES[tag]), code(spelling(built(tag))), first_line(entry.cls))
                for tag in tags
                if (entry := registry.entry(tag)) is not None
            ),
        )


def spelling(value: object) -> str:
    """How a TOML file spells a part of a definition."""
    return toml(Unstructure(vocabulary.SHIPPED_LISTS).plain(value))


def toml(value: Any) -> str:
    """Plain data in one line of TOML."""
    match value:
        case dict():
            keys = ((key if KEY.fullmatch(key) else json.dumps(key)) for key in value)
            pairs = (f"{k} = {toml(v)}" for k, v in zip(keys, value.values(), strict=True))
            return f"{{ {', '.join(pairs)} }}" if value else "{}"
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case _:
            return json.dumps(value)


def words() -> Iterator[str]:
    """The shipped vocabulary."""
    yield "# Vocabulary\n\n"
    yield (
        "The words that shipped models and the kinds of MQL use. Your application may call its\n"
        "activities as it likes; one that uses these names can take them as they are.\n"
    )
    yield "\n## Kinds of activities\n\n"
    kinds = vocabulary.ACTIVITY_KINDS.values()
    yield table(
        ("kind", "the lead", "properties"),
        ((code(k.name), k.meaning, ", ".join(map(code, k.properties))) for k in kinds),
    )
    yield "\n## Properties\n\n"
    yield table(
        ("property", "says"), ((code(n), says) for n, says in vocabulary.PROPERTIES.items())
    )
    yield "\n## Content by buying stage\n\n"
    yield table(
        ("stage", "the reader", "`content_type`"),
        (
            (stage, meaning, ", ".join(map(code, vocabulary.content_for(stage))))
            for stage, meaning in vocabulary.BUYING_STAGES.items()
        ),
    )
    yield "\n## Kinds of MQL\n\n`labels=KINDS_OF_MQL` tells them beside the decision.\n\n"
    yield table(
        ("label", "when", "next play"),
        ((name, label.when.describe(), label.play) for name, label in KINDS_OF_MQL.items()),
    )
    yield "\n## Named lists\n\n"
    yield table(
        ("list", "entries"),
        ((code(n), f"{len(one.values)}") for n, one in vocabulary.SHIPPED_LISTS.items()),
    )


def presets() -> Iterator[str]:
    """The shipped models, whole, each after what it says of itself."""
    yield "# Presets\n\n"
    yield (
        "Ready-made model files. `mqlkit decide b2b-saas` takes one by its name, `load_preset` of\n"
        "`mqlkit.presets` loads one, `preset_text` gives the file to copy. They are starting\n"
        "points: put in your own industries, competitors and figures, and a name of your own.\n"
    )
    for name in preset_names():
        text = preset_text(name)
        head = re.match(r"(?:#.*\n)+", text)
        about, model = ("", text) if head is None else (head.group(), text[head.end() :])
        prose = re.sub(r"^# ?", "", about, flags=re.MULTILINE)
        yield f"\n## {name}\n\n{prose}\n```toml\n{model.strip()}\n```\n"


def engines() -> Iterator[str]:
    """What each engine can do, found out by asking it."""
    yield "# Engines\n\n"
    tried = listing([kind.title for kind in DIALECTS.values() if kind.tried], "and")
    parsed = listing([kind.title for kind in DIALECTS.values() if not kind.tried], "and")
    yield _ABOUT_ENGINES.format(tried=tried, parsed=parsed)
    refused: dict[str, list[str]] = {}
    for family, parts in engine_parts():
        rows: list[tuple[str, ...]] = []
        for name, mql in parts:
            cells = [refusal(mql, kind.name) for kind in DIALECTS.values()]
            for kind, told in zip(DIALECTS.values(), cells, strict=True):
                if told:
                    refused.setdefault(told, []).append(kind.title)
            rows.append((name, "yes", *("no" if told else "yes" for told in cells)))
        yield f"\n## {family}\n\n"
        titles = (kind.title for kind in DIALECTS.values())
        yield table(("part", "reference, compiled", *titles), rows)
    yield "\n## What is refused, and why\n\n"
    everybody = len(DIALECTS)
    yield table(
        ("refused", "by"),
        (
            (
                why.replace("|", "\\|"),
                "all" if len(set(by)) == everybody else ", ".join(dict.fromkeys(by)),
            )
            for why, by in refused.items()
        ),
    )
    yield _OWN_IN_BULK


_ABOUT_ENGINES: Final = """\
An engine computes answers. All engines give the same ones, to the last digit, or refuse a
definition before they start and name the part that they cannot do. None approximates.

The **reference** engine walks the definition for one lead at a time. It is written to be obvious
before fast, and it is the meaning; it also tells the reasons. The **compiled** engine prints one
Python function for a definition and is what `decide` runs;
[what a decision costs](../explanation/performance.md) tells what that is worth. These two accept
everything that can be said in Python, so there is nothing to choose.

The **bulk** engines print a definition as one statement of SQL, for many leads at once: see
[decide many leads](../how-to/decide-in-bulk.md). {tried} run it in the tests of mqlkit and are
compared there with the reference engine, lead by lead. What is printed for {parsed} is only parsed
there, and says so in its first lines.
"""
_OWN_IN_BULK: Final = """
A criterion of your own is printed by the function that `bulk.prints` registers for its class;
without one it is refused by name. Explanations and gaps are asked of the reference engine:
`run.explain(lead_id)` of a bulk run, too.
"""


def engine_parts() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Definitions of one part each, by family."""
    for family, base in FAMILIES.items():
        tags = [e.tag for e in registry.entries(base) if e.cls.__module__.startswith("mqlkit.")]
        yield family, [(code(tag), definition(built(tag))) for tag in tags]
    further: dict[str, Any] = {
        "a window in calendar months": mqlkit.activity("view").within(calendar_months=1).happened(),
        "a criterion of your own, unregistered": YourOwn(),
        "text with letters beyond ASCII": mqlkit.attribute("title").contains("größe"),
        "an account's activities": mqlkit.activity("view").of_account().happened(),
        "a property of activities of any kind": mqlkit.activity(page="/").happened(),
    }
    yield "And further", [(name, definition(part)) for name, part in further.items()]


_AS_OF: Final = datetime(2026, 3, 1, tzinfo=UTC)


@attrs.frozen
class YourOwn(criterion.Criterion):
    """A criterion that nothing prints."""

    def judge(self, lead: Any) -> Any:
        return mqlkit.Verdict.UNKNOWN

    def describe(self) -> str:
        return "a criterion of your own"


def definition(part: Any) -> mqlkit.Qualification:
    """A definition that is about one part."""
    rules: list[Any] = [mqlkit.Rule("known", mqlkit.known("phone"), 10)]
    when: Any = mqlkit.score() >= 1
    match part:
        case LabelMeasure():
            when = part.equals(_LABELS[type(part).__name__])
        case Measure():
            when = part >= 1
        case BaseRule():
            rules.append(part)
        case decay.Decay():
            rules.append(mqlkit.Rule.latest("faded", mqlkit.activity("view"), 10, decay=part))
        case _:
            when = part
    heat = mqlkit.Group("heat", [mqlkit.Rule("mail", mqlkit.known("email"), 5)])
    card = mqlkit.Scorecard(mqlkit.Group("fit", rules), heat)
    return mqlkit.Qualification("part", version="1", when=when, card=card)


_LABELS: Final = {"Grade": "A", "Matrix": "A1", "Stage": "lead"}


def refusal(mql: Any, dialect: str) -> str:
    """What an engine says that it cannot do of a definition; "" where it can do all."""
    try:
        bulk.to_sql(mql, dialect=dialect, as_of=_AS_OF)
    except bulk.BulkError as error:
        place_and_what = error.faults[0].partition(": ")[2]
        return place_and_what.partition(" cannot do ")[2] or place_and_what
    return ""


PAGES: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    "criteria.md": criteria,
    "engines.md": engines,
    "presets.md": presets,
    "vocabulary.md": words,
}


def page(name: str) -> str:
    """The text of a page."""
    return HEAD + "".join(PAGES[name]())


if __name__ == "__main__":
    for name in PAGES:
        (REFERENCE / name).write_text(page(name), encoding="utf-8")
        sys.stdout.write(f"{name}\n")
