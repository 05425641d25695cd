"""``python -m mqlkit.cli``."""

from . import main

main()
