"""Hypothesis strategies over one small vocabulary, so that leads and criteria really meet."""
