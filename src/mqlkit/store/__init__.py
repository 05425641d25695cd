"""
Where a funnel keeps what happened: in memory, in SQLite or in PostgreSQL.
"""
