"""Every law is named by a test, but for the one about static costs."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
NUMBER = re.compile(r"\d+")
IN_A_NAME = re.compile(r"test_(1[23]\d)_")  # how tests/spec names the laws about files
NAMED = re.compile(r"[Ll]aws?[ _](?:\d+(?:,? and |, |_and_)?)+")

COSTS = {138}  # no cost is stated beforehand
LAWS = {*range(1, 177)} - COSTS


def named(path):
    """The numbers of the laws that the docstrings and test names of a file speak of."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Module | ast.ClassDef):
            name = getattr(node, "name", "")
            yield from map(int, IN_A_NAME.findall(name))
            for text in (ast.get_docstring(node) or "", name):
                for mention in NAMED.findall(text):
                    yield from map(int, NUMBER.findall(mention))


def test_every_law_is_named_by_a_test():
    found = {number for path in TESTS.rglob("test_*.py") for number in named(path)}
    assert sorted(LAWS - found) == []
