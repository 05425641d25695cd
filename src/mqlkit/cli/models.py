"""Finding the model that an argument names: a file, or one that is shipped."""

from collections.abc import Sequence
from pathlib import Path

from ..errors import UnknownNameError
from ..presets import load_preset, preset_names
from ..spec import Model, load
from ..tables import TableError


def find_model(name: str, lists: Sequence[str] | None = None) -> Model:
    """
    The model in a file; where there is no such file, the shipped one of that name.

    Args:
        name: A path, or the name of a preset.
        lists: ``NAME=FILE`` for each list that the file leaves to be given.

    Raises:
        ModelFileError: the file has faults.
        UnknownNameError: there is neither, or the file has no such list to give.
        TableError: the file or a list cannot be read.
    """
    given = dict(_list(text) for text in lists or ())
    if Path(name).exists():
        try:
            return load(name, lists=given)
        except OSError as error:
            raise TableError(f"{name}: {error.strerror or 'cannot be read'}") from None
    if name not in preset_names():
        unknown = UnknownNameError("model", name, preset_names())
        unknown.add_note("a model is a file, or the name of a shipped one")
        raise unknown
    for list_name in given:
        raise UnknownNameError("list declared as given", list_name, ())
    return load_preset(name)


def _list(text: str) -> tuple[str, list[str]]:
    """A list's name and its values: one a line, blank lines left out."""
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise TableError(f"--list {text}: wanted NAME=FILE")
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise TableError(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise TableError(f"{path}: is no UTF-8") from None
    return name, [value for line in lines if (value := line.strip())]
