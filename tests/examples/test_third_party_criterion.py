"""The example package of a user's own criterion works, uninstalled and installed."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "third_party_criterion"


def run_its_tests(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull,
         "--rootdir", str(EXAMPLE), *options, str(EXAMPLE / "tests")],
        env={**os.environ, "PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def test_its_tests_pass_without_installing() -> None:
    """``-p mqlkit_phone`` imports it, as its entry point does once it is installed."""
    run = run_its_tests(EXAMPLE / "src", "-p", "mqlkit_phone")
    assert run.returncode == 0, run.stdout[-3_000:] + run.stderr[-3_000:]


@pytest.mark.slow
def test_it_installs_and_is_found_by_its_entry_point(tmp_path: Path) -> None:
    if find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed, and tests reach no network")
    source = shutil.copytree(EXAMPLE, tmp_path / "source")
    target = tmp_path / "target"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation",
         "--no-index", "--target", str(target), str(source)],
        check=True,
    )  # fmt: skip
    program = (
        "from mqlkit.spec import load; from mqlkit.registry import entry;"
        f"load({str(EXAMPLE / 'model.toml')!r}); print(entry('phone_country').cls.__module__)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "mqlkit_phone"
