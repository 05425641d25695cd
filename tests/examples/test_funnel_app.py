"""The small application around a funnel does what its page says."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "examples" / "funnel" / "app.py"


def test_an_offer_that_lapses_goes_to_the_next_and_each_is_told_once() -> None:
    run = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=True)
    *tasks, last = run.stdout.splitlines()
    assert tasks == [
        "08:00 rosa: ada@a.example offered",
        "08:30 rosa: ada@a.example lapsed",
        "08:35 sam: ada@a.example offered",
        "08:40 sam: ada@a.example accepted",
    ]
    assert last.startswith("ada@a.example stands at sal, after ")
    assert run.stderr == ""
