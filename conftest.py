"""
Every example is a test: the blocks of README.md and docs, and doctests in src.

The blocks of one document share a namespace and a fresh folder, and run from top to bottom:

- ``python`` runs; ``output`` is what the blocks before it printed.
- ``console`` runs each ``$`` line that starts with one of `COMMANDS` and compares what it prints,
  unless the block has commands only; a line of ``...`` stands for any lines. A command may fail
  only before ``$ echo $?``.
- ``csv``, ``json``, ``jsonl``, ``toml``, ``yaml`` and ``python`` are saved when the line above them
  names a file, such as `leads.csv`.

A block that is not to run carries another language: ``text``.
"""

import contextlib
import importlib
import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from sybil import Example, Sybil
from sybil.document import PythonDocStringDocument
from sybil.evaluators.doctest import DocTestEvaluator
from sybil.evaluators.python import PythonEvaluator
from sybil.integration.pytest import SybilItem
from sybil.parsers.abstract.doctest import DocTestStringParser
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

COMMANDS = ("mqlkit", "cat", "head", "echo", "ls", "pytest")
SAVED = ("csv", "json", "jsonl", "toml", "yaml")
FILE = re.compile(rf"`([\w.-]+\.(?:{'|'.join((*SAVED, 'py'))}))`")


class PrintingParser(PythonCodeBlockParser):
    """Python blocks, with what they print kept for the next ``output`` block."""

    def __init__(self) -> None:
        self.doctest_parser = DocTestStringParser(DocTestEvaluator())
        self.codeblock_parser = CodeBlockParser("python", self.evaluate)

    def evaluate(self, example: Example) -> None:
        name = save_file(example)
        if name.startswith("test_"):
            return  # A console block runs it.
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            if name:  # A module of its own: what it defines can be pickled.
                example.namespace.update(vars(importlib.import_module(Path(name).stem)))
                del example.namespace["__builtins__"]
            else:
                PythonEvaluator()(example)
        before = example.namespace.get("printed", "")
        example.namespace["printed"] = before + printed.getvalue()


def check_output(example: Example) -> str | None:
    """An ``output`` block is what was printed since the one before."""
    printed = example.namespace.pop("printed", "")
    return None if tidy(printed) == tidy(example.parsed) else f"printed was:\n{printed}"


def check_console(example: Example) -> str | None:
    """The commands of a ``console`` block print what stands below them."""
    shown, failed = transcript(example.parsed)
    differs = shows(example.parsed) and not re.fullmatch(any_lines(example.parsed), shown)
    return f"the commands print:\n{shown}" if differs or failed else None


def shows(block: str) -> bool:
    """Whether a block has more than commands and their further lines."""
    return any(not line.startswith(("$ ", "    ")) for line in block.splitlines())


def transcript(block: str) -> tuple[str, bool]:
    """The commands of a block with what they print, and whether one failed that should not."""
    shown, code, failed = [], 0, False
    commands = re.findall(r"^\$ (?:.*\\\n)*.*", block, flags=re.MULTILINE)
    for command in commands:
        shown.append(command)
        word = command.split()[1]
        failed |= code != 0 and word != "echo"
        if word in COMMANDS:
            code, printed = run(command.removeprefix("$ "), code)
            shown += [tidy(printed)] if printed else []
    return "\n".join(shown), failed or code != 0


def run(command: str, code: int) -> tuple[int, str]:
    """The exit code of a command and what it prints, run after one that ended with *code*."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-c", f"(exit {code}); {command}"],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1"},
    )
    return done.returncode, done.stdout + done.stderr


def tidy(text: str) -> str:
    """*text* without spaces at the ends of its lines, nor blank lines at its end."""
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip("\n")


def any_lines(expected: str) -> str:
    """A pattern for *expected*, in which a line of ``...`` stands for any lines."""
    lines = tidy(expected).split("\n")
    return "\n".join("(?s:.*)" if line == "..." else re.escape(line) for line in lines)


def save_file(example: Example) -> str:
    """Save a block under the name in the line above it, if there is one; answers that name."""
    above = example.document.text[: example.region.start].rstrip().rpartition("\n")[2]
    named = FILE.findall(above)
    if not named:
        return ""
    Path(named[-1]).write_text(example.parsed, encoding="utf-8")
    return str(named[-1])


def save_silently(example: Example) -> None:
    """A block that is only a file."""
    save_file(example)


def enter_folder(namespace: dict[str, Any]) -> None:
    namespace["_left"] = contextlib.ExitStack()
    folder = namespace["_left"].enter_context(tempfile.TemporaryDirectory())
    namespace["_left"].enter_context(contextlib.chdir(folder))
    sys.path.insert(0, folder)
    namespace["_left"].callback(sys.path.remove, folder)
    namespace["_left"].callback(forget_modules, folder)


def forget_modules(folder: str) -> None:
    """Two documents may each have a module of the same name."""
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(folder):
            del sys.modules[name]


def leave_folder(namespace: dict[str, Any]) -> None:
    namespace["_left"].close()


pages = Sybil(
    parsers=[
        PrintingParser(),
        CodeBlockParser("output", check_output),
        CodeBlockParser("console", check_console),
        *(CodeBlockParser(language, save_silently) for language in SAVED),
        SkipParser(),
    ],
    patterns=["README.md", "docs/**/*.md", "docs/*.md"],
    excludes=["docs/_build/**"],
    setup=enter_folder,
    teardown=leave_folder,
)
docstrings = Sybil(
    parsers=[DocTestParser()],
    patterns=["src/mqlkit/*/*/*.py", "src/mqlkit/*/*.py", "src/mqlkit/*.py"],
    document_types={".py": PythonDocStringDocument},
)
pytest_collect_file = (pages + docstrings).pytest()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the examples of one document in order: pytest-randomly has shuffled them."""
    examples = [item for item in items if isinstance(item, SybilItem)]
    tests = [item for item in items if not isinstance(item, SybilItem)]
    examples.sort(key=lambda item: (str(item.path), item.example.region.start))
    items[:] = [*tests, *examples]
