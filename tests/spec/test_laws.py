"""Laws 123 to 131: what a model file keeps, for generated definitions."""

import json
import os
import random
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from sections import calendars, handoffs, lifecycles, readiness

import mqlkit
from mqlkit import Model, Qualification, attribute, dump, dumps, load, loads, schema
from mqlkit.agreement import Agreement, Signature
from mqlkit.criteria.choices import NamedList
from mqlkit.errors import DefinitionError, ModelFileError, UnknownNameError
from mqlkit.spec.path import path_text
from mqlkit.testing import qualifications

pytest.importorskip("yaml")

FORMATS = ("toml", "json", "yaml")

few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
"""A whole definition is large, so an example takes long."""

SIGNED = Agreement(
    definition="generated",
    version="1",
    state="signed",
    marketing=Signature("Ada", date(2026, 1, 15)),
    sales=Signature("Grace", date(2026, 1, 20)),
    objectives=("fewer, better leads",),
)


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Generated definitions with every other part that a model may have, or without."""
    definition = draw(qualifications())
    when = definition.when.named("the definition")
    listed = NamedList("some", draw(st.lists(st.sampled_from(("a", "b", "ü ☃", '"')), min_size=1)))
    since = attribute("since")
    dated = draw(
        st.sampled_from(
            (since >= date(2026, 1, 1), since < datetime(2026, 1, 1, 5, 0, 0, 7, tzinfo=UTC))
        )
    )
    never = {**definition.never, "odd 'name'\t": (when | attribute("x").is_in(listed)).named("n")}
    changed = {"when": when & dated, "never": never}
    parts = {f: getattr(definition, f) for f in ("at_once", "labels", "grades", "unknowns")}
    whole = Qualification("generated", version="1", card=definition.cards, **parts, **changed)
    try:
        dumps(whole)
    except DefinitionError as error:  # Two different parts under one name: no file can hold them.
        if not str(error).startswith("two different "):
            raise
        reject()
    scores = tuple(whole.score_names)
    named = draw(st.dictionaries(st.sampled_from(("office", "on call, 'nights'")), calendars))
    shared = tuple(named.values())
    return Model(
        whole,
        draw(st.sampled_from((None, SIGNED))),
        draw(st.one_of(st.none(), readiness(whole))),
        draw(st.one_of(st.none(), lifecycles(scores, shared))),
        draw(st.one_of(st.none(), handoffs(scores, shared))),
        calendars=named,
    )


@few
@given(models(), st.sampled_from(FORMATS))
def test_123_what_was_dumped_loads_as_it_was(model: Model, format: str) -> None:
    assert loads(dumps(model, format), format) == model


@few
@given(models(), st.sampled_from(FORMATS))
def test_124_a_dump_is_canonical(model: Model, format: str) -> None:
    text = dumps(model, format)
    assert dumps(loads(text, format), format) == text


@few
@given(models())
def test_125_the_formats_load_alike_and_fingerprint_alike(model: Model) -> None:
    several = [loads(dumps(model, format), format) for format in FORMATS]
    assert several == [model] * 3
    assert {one.fingerprint for one in several} == {model.fingerprint}
    found = {one.qualification.fingerprint for one in several}
    assert found == {model.qualification.fingerprint}


def shuffled(data: Any, order: random.Random) -> Any:
    """The same data with the keys of every table in another order."""
    if isinstance(data, dict):
        keys = sorted(data)
        order.shuffle(keys)
        return {key: shuffled(data[key], order) for key in keys}
    return [shuffled(item, order) for item in data] if isinstance(data, list) else data


@few
@given(models(), st.randoms(use_true_random=False))
def test_130_the_order_of_keys_means_nothing(model: Model, order: random.Random) -> None:
    text = json.dumps(shuffled(json.loads(dumps(model, "json")), order))
    assert loads(text, "json") == model


EXAMPLE = Path(__file__).with_name("example.toml")


def test_130_comments_mean_nothing() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    bare = "\n".join(line.split("  #")[0] for line in text.split("\n"))
    assert bare != text
    assert loads(bare, lists=GIVEN).qualification.fingerprint == example().fingerprint


GIVEN = {"target accounts": ["acme"]}


def example() -> Qualification:
    return load(EXAMPLE, lists=GIVEN).qualification


PROGRAM = """
import sys
from mqlkit import load, dumps
for suffix in ("toml", "json", "yaml"):
    model = load(f"{sys.argv[1]}/example.{suffix}", lists={"target accounts": ["acme"]})
    print(model.qualification.fingerprint, len(dumps(model)))
"""


def test_126_the_fingerprint_is_the_same_in_every_process_and_format(tmp_path: Path) -> None:
    model = load(EXAMPLE, lists=GIVEN)
    for suffix in FORMATS:
        dump(model, tmp_path / f"example.{suffix}")
    answers = set()
    for seed, zone in (("0", "UTC"), ("1", "Asia/Tokyo"), ("77", "America/Los_Angeles")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        answers |= set(done.stdout.split("\n")) - {""}
    assert answers == {f"{model.qualification.fingerprint} {len(dumps(model))}"}


@few
@given(models(), st.data())
def test_126_a_changed_literal_changes_the_fingerprint(model: Model, data: st.DataObject) -> None:
    document = json.loads(dumps(model, "json"))
    numbers = [p for p, v in leaves(document) if type(v) is int and p[-1] in ("points", "cap")]
    if not numbers:
        return
    path = data.draw(st.sampled_from(numbers))
    put(document, path, at(document, path) + 1)
    try:
        changed = loads(json.dumps(document), "json")
    except ModelFileError:  # For example a cap that is now below the floor.
        return
    assert changed.fingerprint != model.fingerprint


def test_127_unknown_keys_tags_and_versions_are_refused() -> None:
    for change in ('format = 2\nname = "n"', 'format = 1\ncolour = "red"\nname = "n"'):
        with pytest.raises(ModelFileError):
            loads(f'{change}\nversion = "1"\nwhen = {{ known = "x" }}')
    with pytest.raises(ModelFileError):
        loads('format = 1\nname = "n"\nversion = "1"\nwhen = { is_known = "x" }')


# -- 128: the JSON Schema ----------------------------------------------------------------------

VALIDATOR = jsonschema.Draft202012Validator(schema())


@few
@given(models())
def test_128_what_can_be_loaded_is_valid_by_the_schema(model: Model) -> None:
    VALIDATOR.validate(json.loads(dumps(model, "json")))


STRUCTURAL = (
    "an unknown key",
    "is missing",
    "wanted a list",
    "wanted a table",
    "wanted text",
    "wanted true or false",
    "wanted a number",
    "wanted a rule",
    "wanted a decay",
    "null",
)


@few
@given(models(), st.data())
def test_128_a_mistake_of_structure_is_one_for_both(model: Model, data: st.DataObject) -> None:
    """What the schema accepts may still fail a check of meaning, and only such a one."""
    document = json.loads(dumps(model, "json"))
    path = data.draw(st.sampled_from([path for path, _ in leaves(document)]))
    put(document, path, data.draw(st.sampled_from((None, 1.5, "text", True, [], {}, {"x": 1}))))
    valid = VALIDATOR.is_valid(document)
    try:
        loads(json.dumps(document), "json")
    except ModelFileError as error:
        faults = [str(fault) for fault in error.faults]
        assert not valid or not any(word in text for text in faults for word in STRUCTURAL), faults
    else:
        assert valid


def test_128_the_schema_in_the_wheel_is_the_schema() -> None:
    # In another process: here, tests have registered criteria of their own.
    program = (
        "import json, mqlkit; print(json.dumps(mqlkit.schema(), indent=2, ensure_ascii=False))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    shipped = Path(mqlkit.__file__).with_name("model.schema.json")
    assert shipped.read_text(encoding="utf-8") == done.stdout
    jsonschema.Draft202012Validator.check_schema(json.loads(done.stdout))


# -- 129 and 131 -------------------------------------------------------------------------------


def test_129_the_first_version_of_the_format_loads_as_before() -> None:
    definition = example()
    assert definition.name == "b2b-saas"
    assert [rule.name for card in definition.cards for rule in card.all_rules()] == [
        "senior title",
        "size",
        "pricing page",
        "opened e-mail",
    ]


@few
@given(models(), st.data())
def test_131_correcting_what_the_path_names_removes_the_error(
    model: Model, data: st.DataObject
) -> None:
    document = json.loads(dumps(model, "json"))
    numbers = [p for p, v in leaves(document) if type(v) is int and p != ("format",)]
    if not numbers:
        return
    path = data.draw(st.sampled_from(numbers))
    right = at(document, path)
    put(document, path, {"broken": 1})
    with pytest.raises(ModelFileError) as caught:
        loads(json.dumps(document), "json")
    places = [fault.path for fault in caught.value.faults]
    assert places == [path_text(path)]
    put(document, path, right)
    assert loads(json.dumps(document), "json") == model


def test_lists_are_given_at_load_and_only_where_declared() -> None:
    model = load(EXAMPLE, lists=GIVEN)
    assert loads(dumps(model), lists=GIVEN) == model
    with pytest.raises(UnknownNameError, match="did you mean 'target accounts'"):
        load(EXAMPLE, lists={**GIVEN, "target acounts": []})


# -- walking plain data ------------------------------------------------------------------------


def leaves(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    """Everything that is no table and no list, with its path."""
    if isinstance(data, dict | list) and data:
        items = data.items() if isinstance(data, dict) else enumerate(data)
        return [leaf for key, item in items for leaf in leaves(item, (*path, key))]
    return [(path, data)]


def at(data: Any, path: tuple[Any, ...]) -> Any:
    """What stands at *path*."""
    for step in path:
        data = data[step]
    return data


def put(data: Any, path: tuple[Any, ...], value: Any) -> None:
    """Let *value* stand at *path*."""
    at(data, path[:-1])[path[-1]] = value
