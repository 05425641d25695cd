"""How the pages are built: Sphinx, furo, MyST."""

from importlib.metadata import version as installed
from typing import Any

from pygments.lexers.data import JsonLexer
from pygments.lexers.special import TextLexer

project = "mqlkit"
author = "the mqlkit authors"
copyright = "the mqlkit authors"
version = release = installed("mqlkit")

default_role = "py:obj"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "mqlkit"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = True
napoleon_numpy_docstring = False


def setup(app: Any) -> None:
    """Languages that Pygments has under other names, or not at all."""
    app.add_lexer("csv", TextLexer)
    app.add_lexer("jsonl", JsonLexer)
