"""
Doing work again after a trouble that passes.
"""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

ATTEMPTS: Final = 5
_FIRST_PAUSE: Final = 0.01
"""Seconds; each pause is four times the one before: with five attempts not a second in all."""


def again(attempt: Callable[[], T], passing: Callable[[Exception], bool]) -> T:
    """
    What *attempt* returns, after at most five attempts.

    Args:
        attempt: What to do. What it raises in the end is raised.
        passing: Whether an error may be gone the next time.
    """
    for number in range(ATTEMPTS - 1):
        try:
            return attempt()
        except Exception as error:
            if not passing(error):
                raise
        time.sleep(_FIRST_PAUSE * 4**number)
    return attempt()
