"""
The handoff: the whole passage of a lead from marketing to sales, from the first offer to its end.
"""
