"""
A plan as one generated Python function: the fast way to the reference engine's answers.
"""

from .engine import Engine, engine_of
from .program import Program

__all__ = ["Engine", "Program", "engine_of"]
