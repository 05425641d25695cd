"""No value of a file is turned into another kind."""

import json
from typing import Any

import pytest

from mqlkit import loads
from mqlkit.errors import ModelFileError


def asked(**keys: Any) -> dict[str, Any]:
    return {"when": {"attribute": "x", **keys}}


def counted(**keys: Any) -> dict[str, Any]:
    return {"when": {"count": keys, "at_least": 1}}


REFUSED = {
    "when.case_sensitive": [asked(equals=1, case_sensitive=v) for v in ("false", 0, "no", [])],
    "when.count.within.days": [counted(within={"days": v}) for v in (1.9, 1.0, "1", True, [1])],
    "when.count.kinds": [counted(kinds=v) for v in ("page_view", {"page_view": 1}, True)],
    "when.count.where": [counted(where={"attribute": "x", "equals": 1})],
    "when.contains_any": [asked(contains_any=v) for v in ("vp", {}, 5)],
    "when.contains_any[0]": [asked(contains_any=[v]) for v in (5, True, ["vp"])],
    "when.at_least": [asked(at_least=v) for v in ([], {}, {"date": "2026-01-01", "x": 1})],
    "when.at_least.date": [asked(at_least={"date": v}) for v in ("2026-1-1", "20260101", "10")],
    "when.at_least.instant": [
        asked(at_least={"instant": v}) for v in ("2026-01-01", "2026-01-01T00:00:00")
    ],
    "version": [{"version": v} for v in (1, 1.5, True, ["1"])],
    "card.cap": [{"card": {"cap": v}} for v in ("1", True, [1])],
    "never": [{"never": v} for v in ([], "x", 5)],
}
CASES = [(path, parts) for path, several in REFUSED.items() for parts in several]


@pytest.mark.parametrize(("path", "parts"), CASES, ids=str)
def test_a_value_of_another_kind_is_refused_in_its_place(path: str, parts: dict[str, Any]) -> None:
    whole = {"format": 1, "name": "n", "version": "1", "when": {"known": "x"}, **parts}
    with pytest.raises(ModelFileError) as caught:
        loads(json.dumps(whole), "json")
    assert [fault.path for fault in caught.value.faults] == [path]


def test_in_yaml_no_is_text_and_a_date_is_text() -> None:
    pytest.importorskip("yaml")
    words = loads(
        "format: 1\nname: n\nversion: '1'\n"
        "when: { attribute: country, is_in: [NO, 1:30, 2026-01-01, on] }",
        "yaml",
    )
    assert words.qualification.when.values == ("1:30", "2026-01-01", "NO", "on")  # type: ignore[attr-defined]
