"""
A plan as one generated Python function: the fast way to the reference engine's answers.
"""

from .engine import Engine, compile, engine_of
from .program import Program, Way
from .rows import Rows

__all__ = ["Engine", "Program", "Rows", "Way", "compile", "engine_of"]
