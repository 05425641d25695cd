"""The built-in criteria and measures, one family a file."""
