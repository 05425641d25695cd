"""
Ready-made models, each a model file that says at its top where it comes from.

- ``primer``: the point tables that primers print, such as 20 for the pricing page.
- ``classic``: the definition in words, without points: size, industry, title, three engagements.
- ``b2b-saas``: fit and engagement, fading points, letters, kinds of MQL; `make demo` uses it.
- ``e-commerce``: repeated product views, carts, the value of orders.
- ``services``: the proposal guide, case studies, the budget.
- ``sales-ready``: who is ready for sales: asked, answered, or known to have a need.
- ``without-sal``: a lifecycle in which whom sales accepts is sales qualified at once.
- ``nurture-loop``: a lifecycle in which who is not ready goes back to marketing, and may return.
- ``standard-lifecycle``: that of `mqlkit.lifecycle.standard`, with a handoff to two people.

They are starting points. Copy one with `preset_text`, put in your own industries, competitors
and figures, give it your own name and version, and have both teams sign its agreement.
"""

from importlib.resources import files
from typing import Final

from ..errors import UnknownNameError
from ..spec import Model, loads

_SUFFIX: Final = ".toml"


def preset_names() -> tuple[str, ...]:
    """
    The names of all presets, sorted.

    >>> preset_names()[:4]
    ('b2b-saas', 'classic', 'e-commerce', 'nurture-loop')
    """
    found = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX)))


def preset_text(name: str) -> str:
    """
    A preset as its model file has it, to copy and change.

    Args:
        name: One of `preset_names`.

    Returns:
        TOML, with comments that say where its figures come from.

    Raises:
        UnknownNameError: there is no such preset.
    """
    # The name is looked up, not joined to a path: what is not a preset is not read.
    if name not in preset_names():
        raise UnknownNameError("preset", name, preset_names())
    return files(__name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8")


def load_preset(name: str) -> Model:
    """
    A preset, ready to decide with.

    Args:
        name: One of `preset_names`.

    Raises:
        UnknownNameError: there is no such preset.

    >>> load_preset("classic").qualification.when.describe()
    '(large enough) and (target industry) and (manager or above) and (engaged)'
    """
    return loads(preset_text(name))
