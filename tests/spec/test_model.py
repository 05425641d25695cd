"""Loading, dumping, what no file can hold, and the criteria of others."""

import importlib.metadata
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest

from mqlkit import Criterion, Lead, Qualification, Verdict, attribute, dump, dumps, load, loads
from mqlkit.errors import DefinitionError, ModelFileError
from mqlkit.registry import register
from mqlkit.spec import load_plugins
from mqlkit.spec.plugins import GROUP

EXAMPLE = Path(__file__).with_name("example.toml")
GIVEN = {"target accounts": ["acme"]}
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@register("test_model_starts_with_x")
@attrs.frozen
class StartsWithX(Criterion):
    field: str
    times: int = 1

    def judge(self, lead):  # type: ignore[no-untyped-def]
        text = lead.text(self.field)
        return Verdict.UNKNOWN if text is None else Verdict.of(text.startswith("x" * self.times))

    def describe(self) -> str:
        return f"{self.field} starts with {self.times} x"


@attrs.frozen
class Untagged(StartsWithX):
    pass


def asking(criterion: Criterion) -> Qualification:
    return Qualification("n", version="1", when=criterion)


def test_a_criterion_of_ones_own_is_written_under_its_tag() -> None:
    text = dumps(asking(StartsWithX("name", 2)))
    assert 'when = { test_model_starts_with_x = { field = "name", times = 2 } }' in text
    assert loads(text).qualification.when == StartsWithX("name", 2)


def test_a_criterion_without_a_tag_is_refused_by_name() -> None:
    with pytest.raises(DefinitionError, match=r"^Untagged has no tag"):
        dumps(asking(Untagged("name")))


def test_two_criteria_of_one_name_are_refused() -> None:
    a, b = attribute("a").known().named("x"), attribute("b").known().named("x")
    with pytest.raises(DefinitionError, match=r"^two different criteria are called 'x'$"):
        dumps(asking(a & b))


def test_a_definition_too_deep_for_a_file_is_refused() -> None:
    deep = attribute("a").known()
    for _ in range(30):
        deep = ~(deep & attribute("b").known())
    with pytest.raises(DefinitionError, match="a model has at most 64"):
        dumps(asking(deep))


def test_an_agreement_that_is_not_signed_is_noted_on_each_decision() -> None:
    decision = load(EXAMPLE, lists=GIVEN).decide(Lead("ada", {}, ()), as_of=NOW)
    assert "the agreement: it is a draft; it is unsigned by sales" in tuple(decision.notes)


def test_the_suffix_says_the_format(tmp_path: Path) -> None:
    model = load(EXAMPLE, lists=GIVEN)
    for suffix in ("toml", "json", "yaml", "yml"):
        dump(model, tmp_path / f"m.{suffix}")
        assert load(tmp_path / f"m.{suffix}", lists=GIVEN) == model
    with pytest.raises(DefinitionError, match=r"^the suffix '.txt' names no format"):
        load(tmp_path / "m.txt")
    with pytest.raises(DefinitionError, match=r"^there is no format \"xml\""):
        loads("", "xml")  # type: ignore[arg-type]


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_bytes(b"a = 1\n\xff")
    with pytest.raises(ModelFileError, match=r"line 2: found a byte that is no UTF-8"):
        load(file)
    file.write_bytes(b"# " + "ü".encode() * 200_000)
    with pytest.raises(ModelFileError, match="at most 262,144"):
        load(file)


def test_criteria_of_other_packages_are_imported_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def entry_points(*, group: str) -> list[importlib.metadata.EntryPoint]:
        asked.append(group)
        return [importlib.metadata.EntryPoint("theirs", "json", GROUP)]

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    load_plugins.cache_clear()
    loads('format = 1\nname = "n"\nversion = "1"\nwhen = { known = "x" }')
    assert asked == []
    assert load_plugins() == load_plugins() == ("theirs",)
    assert asked == [GROUP]
    load_plugins.cache_clear()


def test_criteria_that_cannot_be_imported_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    point = importlib.metadata.EntryPoint("theirs", "no_such_module", GROUP)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda *, group: [point])
    load_plugins.cache_clear()
    with pytest.raises(DefinitionError, match=r"^the criteria of 'theirs' \(no_such_module\)"):
        load_plugins()
    load_plugins.cache_clear()
