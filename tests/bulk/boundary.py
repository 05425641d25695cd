"""
Boundary cases as data: a file of rules, leads, and what each rule gives to each lead.

    [fields], [properties]   columns and how they are stored
    [rules]                  by name, as in a model file; one point where none are stated
    [model]                  the rest of the definition; its card needs no groups
    [[leads]]                id, fields, activities, as_of, and gives, score, decision, ...

Points are one number, or least, points, most. ``{}`` in a list stands for a null.
"""

import json
import tomllib
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import attrs
from bulk.tabular import ActivityRow, LeadRow, World

from mqlkit import Decision, Qualification
from mqlkit.spec import loads

FOLDER: Final = Path(__file__).parent / "boundaries"
NAMES: Final = sorted(path.stem for path in FOLDER.glob("*.toml"))
_OWN: Final = ("kind", "at", "id")


@attrs.frozen
class Boundary:
    """
    The cases of one file.

    Args:
        model: Its rules.
        world: Its leads.
        wanted: What is stated of each lead.
        needs: What an engine must be able to do: ``"lists"``, ``"patterns"``.
    """

    name: str
    model: Qualification
    world: World
    wanted: dict[str, dict[str, Any]]
    needs: frozenset[str]


def boundary(name: str) -> Boundary:
    """The cases of a file."""
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    as_of, leads = _instant(data["as_of"]), data["leads"]
    world = World(
        [
            LeadRow(
                lead["id"],
                {key: _value(value) for key, value in lead.get("fields", {}).items()},
                lead.get("stage"),
                lead.get("stage_since"),
                _instant(lead.get("as_of", as_of)),
            )
            for lead in leads
        ],
        [_activity(lead["id"], one) for lead in leads for one in lead.get("activities", ())],
        data.get("fields", {}),
        data.get("properties", {}),
    )
    wanted = {lead["id"]: lead for lead in leads}
    return Boundary(name, _model(name, data), world, wanted, frozenset(data.get("needs", ())))


def _model(name: str, data: dict[str, Any]) -> Qualification:
    rules = [{"name": rule, **body} for rule, body in data["rules"].items()]
    for rule in rules:
        if not rule.keys() & {"by_band", "by_value", "cases"}:
            rule.setdefault("points", 1)
    document = {"format": 1, "name": name, "version": "1", "when": {"all": []}}
    document.update(data.get("model", {}))
    group = {"name": "points", "rules": rules}
    document["card"] = {**document.get("card", {}), "groups": [group]}
    return loads(json.dumps(document, default=_spelled), "json").qualification


def _spelled(value: Any) -> dict[str, str]:
    return {"instant" if isinstance(value, datetime) else "date": value.isoformat()}


def _activity(lead: str, one: dict[str, Any]) -> ActivityRow:
    at = one.get("at")
    properties = {key: _value(value) for key, value in one.items() if key not in _OWN}
    instant = None if at is None else _instant(at)
    return ActivityRow(lead, one.get("kind"), instant, one.get("id"), properties)


def _instant(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [None if item == {} else item for item in value]
    if isinstance(value, datetime):
        return _instant(value)
    return value if isinstance(value, date) or value == value else float("nan")


def millis(points: Any) -> list[int]:
    """Stated points at the three ends, in thousandths."""
    ends = points if isinstance(points, list) else [points] * 3
    return [int(Fraction(str(end)) * 1000) for end in ends]


def stated(lead: dict[str, Any]) -> dict[str, Any]:
    """What a file states of a lead, in one shape."""
    found = {f"gives {rule}": millis(points) for rule, points in lead.get("gives", {}).items()}
    if "score" in lead:
        found["score"] = millis(lead["score"])
    return {**found, **{key: lead[key] for key in ("decision", "grade", "labels") if key in lead}}


def told(decision: Decision) -> dict[str, Any]:
    """What the reference says of a lead, in the same shape."""
    found: dict[str, Any] = {}
    for line in decision.scores["points"].lines:
        if line.kind in ("rule", "decay"):
            name = f"gives {line.name.removesuffix(': faded with age')}"
            ends = found.setdefault(name, [0, 0, 0])
            found[name] = [a + b for a, b in zip(ends, line.millis, strict=True)]
    found["score"] = list(decision.scores["total"].millis)
    found["decision"] = str(decision.status)
    found["grade"] = decision.grades.get("letter")
    found["labels"] = "; ".join(decision.labels)
    return found
