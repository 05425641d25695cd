"""Finding the model that an argument names: a file, or one that is shipped."""

from pathlib import Path

from ..errors import UnknownNameError
from ..presets import load_preset, preset_names
from ..spec import Model, load
from ..tables import TableError


def find_model(name: str) -> Model:
    """
    The model in a file; where there is no such file, the shipped one of that name.

    Raises:
        ModelFileError: the file has faults.
        UnknownNameError: there is neither.
        TableError: the file cannot be read.
    """
    if Path(name).exists():
        try:
            return load(name)
        except OSError as error:
            raise TableError(f"{name}: {error.strerror or 'cannot be read'}") from None
    if name in preset_names():
        return load_preset(name)
    unknown = UnknownNameError("model", name, preset_names())
    unknown.add_note("a model is a file, or the name of a shipped one")
    raise unknown
