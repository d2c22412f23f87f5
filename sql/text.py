"""The .sql files of this package, read once."""

from functools import cache
from importlib.resources import files


@cache
def load_sql(name: str) -> str:
    """Text of the file `name` below the package, such as "queries/traffic/overview.sql".

    Raises FileNotFoundError when there is none.
    """
    return files("sql").joinpath(name).read_text(encoding="utf-8")


@cache
def query(name: str) -> str:
    """Text of the query `name`, such as "traffic/overview"."""
    return load_sql(f"queries/{name}.sql")
