"""Databricks; its text is parsed in tests, and run there as Spark's, not on Databricks itself."""

from .spark import Spark


class Databricks(Spark):
    """The SQL of Databricks, which is Spark's."""

    name = "databricks"
    title = "Databricks"
    tried = False
