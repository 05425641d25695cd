"""Law 132: whatever stands in a model file, it ends soon, small, and in one kind of error."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hostile import CORPUS, TIMES

pytest.importorskip("yaml")
pytest.importorskip("re2")

MEBIBYTES = 64.0
LOADED = {
    "json: one long list often",
    "json: scores that double",
    "json: rules",
    "json: fifty patterns",
    "json: many words",
    "json: a chain of stages",
    "json: moves from anywhere",
    "json: overrides by the thousand",
    "json: a thousand reps",
}

DOCUMENTS = {
    f"{format}: {name}": (format, text)
    for format, documents in CORPUS.items()
    for name, text in documents.items()
}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple[float, float, str]]:
    """What became of each document, in one other process that must outlive them all."""
    given = "".join(json.dumps([name, *document]) + "\n" for name, document in DOCUMENTS.items())
    program = Path(__file__).with_name("hostile.py")
    done = subprocess.run(
        [sys.executable, str(program)], input=given, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {name: (times, size, answer) for name, times, size, answer in rows}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_file_ends_in_one_short_error(
    name: str, outcomes: dict[str, tuple[float, float, str]]
) -> None:
    times, size, answer = outcomes[name]
    assert times < TIMES
    assert size < MEBIBYTES
    assert answer.startswith("loaded " if name in LOADED else "refused ")
    text = answer.removeprefix("refused ")
    assert name in LOADED or len(text) <= 2_000
    assert text.replace("\n", "").isprintable()
