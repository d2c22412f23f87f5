"""The .sql files of this package, read once."""

from collections.abc import Mapping
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


def filled(name: str, texts: Mapping[str, str]) -> str:
    """Text of the query `name` with texts in the places that it names in braces."""
    lines = query(name).splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith("--"))
    for place, given in texts.items():
        text = text.replace(f"{{{place}}}", given)
    return text
