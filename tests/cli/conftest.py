"""The command line over a folder of small files."""

import io
from pathlib import Path
from typing import Any

import pytest
from small_market import ACTIVITIES, LEADS, MAPPING, MODEL, Result

from mqlkit.cli import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, content in {
        "model.toml": MODEL,
        "map.toml": MAPPING,
        "leads.csv": LEADS,
        "activities.csv": ACTIVITIES,
    }.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs ``mqlkit`` with arguments; the files are given unless stated otherwise."""

    def runner(*arguments: str, files: bool = True, stdin: str | None = None) -> Result:
        usual = (
            ("--leads", "leads.csv", "--activities", "activities.csv", "--map", "map.toml")
            if files
            else ()
        )
        if stdin is not None:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        monkeypatch.setattr("sys.argv", ["mqlkit", *arguments, *usual])
        with pytest.raises(SystemExit) as exit_:
            main()
        return Result(int(exit_.value.code or 0), *capsys.readouterr())

    return runner
