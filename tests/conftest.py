"""How hard Hypothesis looks: `everyday`, or `long` with MQLKIT_PROFILE=long."""

import os

from hypothesis import settings

# On CI the same change gets the same verdict; at a desk, each run looks somewhere else.
# No deadline: a slow machine is not a broken law.
_on_ci = bool(os.environ.get("CI"))
settings.register_profile("everyday", deadline=None, max_examples=100, derandomize=_on_ci)
settings.register_profile("long", deadline=None, max_examples=2000, derandomize=_on_ci)
settings.load_profile(os.environ.get("MQLKIT_PROFILE", "everyday"))
