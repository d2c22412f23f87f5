"""Which engine a server is: plain PostgreSQL or TimescaleDB."""

from enum import StrEnum
from typing import Any

import psycopg


class Engine(StrEnum):
    """What wraps the same SQL: partitions and tables, or hypertables and continuous aggregates."""

    PLAIN = "postgresql"
    TIMESCALE = "timescaledb"


def engine_of(conn: psycopg.Connection[Any]) -> Engine:
    """The engine of the connected database; TimescaleDB once its extension is installed."""
    row = conn.execute("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'").fetchone()
    return Engine.TIMESCALE if row else Engine.PLAIN


def has_timescale_available(conn: psycopg.Connection[Any]) -> bool:
    """Whether the server could install the timescaledb extension into this database."""
    row = conn.execute(
        "SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'"
        " AND current_setting('shared_preload_libraries') LIKE '%timescaledb%'"
    ).fetchone()
    return row is not None
