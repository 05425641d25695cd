"""How the pages are built: Sphinx, furo, MyST."""

from importlib.metadata import version as installed

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
