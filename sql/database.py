"""Connections: one for a job, a pool for readers."""

from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool

SyncConnection = psycopg.Connection[Any]
AsyncConnection = psycopg.AsyncConnection[Any]
AsyncPool = AsyncConnectionPool[AsyncConnection]

Disconnected = psycopg.OperationalError
"""Raised when the server is away, shuts down or drops the connection."""

DataError = psycopg.DataError
"""Raised when the server refuses a value."""


def connect(database_url: str, *, application: str = "tideline") -> SyncConnection:
    """A connection in autocommit mode, for jobs and the command line. Raises Disconnected."""
    return psycopg.connect(
        make_conninfo(database_url, application_name=application, connect_timeout=5),
        autocommit=True,
    )


def make_pool(database_url: str, *, size: int = 8) -> AsyncPool:
    """A closed pool of autocommit connections for readers; open it on the loop that uses it."""
    return AsyncConnectionPool(
        make_conninfo(database_url, application_name="tideline", connect_timeout=5),
        min_size=1,
        max_size=size,
        kwargs={"autocommit": True},
        open=False,
        timeout=10,
        check=AsyncConnectionPool.check_connection,
    )
