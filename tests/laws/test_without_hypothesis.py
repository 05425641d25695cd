"""Without the `testing` extra, `mqlkit.testing` says what to install."""

import subprocess
import sys

import pytest

# None in sys.modules makes an import fail as if nothing of that name were installed.
PROGRAM = """
import sys
sys.modules["hypothesis"] = None
from mqlkit.testing import {name}
"""


@pytest.mark.parametrize("name", ["laws_for", "leads"])
def test_a_missing_extra_is_named(name: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(name=name)], capture_output=True, text=True
    )
    assert run.returncode == 1
    assert "pip install 'mqlkit[testing]'" in run.stderr.splitlines()[-1]
