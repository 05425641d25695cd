"""
The funnel: where a model becomes an application.
"""

from .funnel import Funnel, Recorded, Ticked

__all__ = ["Funnel", "Recorded", "Ticked"]
