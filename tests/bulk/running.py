"""What tests of bulk runs share."""

from pathlib import Path


def files_left(folder: Path) -> list[str]:
    """Every file in a folder and below, by its path there."""
    return sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())
