"""How a shell comes to know the command, where it does not."""

import os
import shutil
import sys
from pathlib import Path


def activation() -> str | None:
    """The line that puts this environment's commands on the path; None when they are there."""
    script = Path(sys.prefix) / "bin" / "activate"
    if shutil.which("mqlkit") is not None or not script.is_file():
        return None
    near = os.path.relpath(script)
    return f". {script if near.startswith('..') else near}"
