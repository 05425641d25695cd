"""`import mqlkit` is light, and its public names are all there."""

import subprocess
import sys

import pytest

import mqlkit

# Loaded only when first asked for; most are extras.
LATE = ("cattrs", "typer", "rich", "hypothesis", "pyarrow", "yaml", "re2", "sqlalchemy", "duckdb")


def test_importing_mqlkit_loads_no_heavy_library() -> None:
    program = f"import sys, mqlkit; print(*sorted(sys.modules.keys() & set({LATE})))"
    # -I: whatever the caller's folder and variables hold, it plays no part.
    run = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []


@pytest.mark.parametrize("name", mqlkit.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert hasattr(mqlkit, name)


def test_a_name_that_is_not_there_is_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match=r"^module 'mqlkit' has no attribute 'lodas'$"):
        _ = mqlkit.lodas


def test_names_that_load_late_are_listed() -> None:
    assert set(mqlkit.__all__) <= set(dir(mqlkit))


def test_public_names_are_sorted() -> None:
    assert list(mqlkit.__all__) == sorted(mqlkit.__all__)
