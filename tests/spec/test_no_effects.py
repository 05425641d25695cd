"""P1: loading a model runs nothing, imports nothing, opens nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("yaml")
pytest.importorskip("re2")

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from hostile import CORPUS, HEAD
from mqlkit import dumps, loads
from mqlkit.errors import ModelFileError

def read(text, format):
    try:
        return loads(text, format)
    except ModelFileError as error:
        str(error)

GOOD = HEAD + "at_once = { x = { attribute = 'a', matches = 'b' } }"
for format in ("toml", "json", "yaml"):
    read("", format)
    read(dumps(loads(GOOD), format), format)
try:
    loads("a: [", "yaml")
except ModelFileError as error:
    str(error)

seen = set()
FORBIDDEN = ("import", "open", "exec", "compile", "socket.", "subprocess.", "os.", "shutil.")
sys.addaudithook(lambda event, _: seen.add(event) if event.startswith(FORBIDDEN) else None)
for format, documents in CORPUS.items():
    for name, text in documents.items():
        read(text, format)
        assert not seen, (format, name, seen)
print("nothing happened")
"""


def test_loading_runs_imports_and_opens_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.stdout == "nothing happened\n", done.stderr[-2_000:]
