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

Refused: tuple[type[psycopg.Error], ...] = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.ProgramLimitExceeded,
)
"""Raised when the server refuses a row; catch them before Disconnected, which one of them is."""


_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}
"""After how many seconds a server that has vanished from the network counts as gone."""


def connect(database_url: str, *, application: str = "tideline") -> SyncConnection:
    """A connection in autocommit mode, for jobs and the command line. Raises Disconnected."""
    return psycopg.connect(
        make_conninfo(database_url, application_name=application, **_PATIENCE),
        autocommit=True,
    )


def make_pool(database_url: str, *, size: int = 8) -> AsyncPool:
    """A closed pool of autocommit connections for readers; open it on the loop that uses it."""
    return AsyncConnectionPool(
        make_conninfo(database_url, application_name="tideline", **_PATIENCE),
        min_size=1,
        max_size=size,
        kwargs={"autocommit": True},
        open=False,
        timeout=10,
        check=AsyncConnectionPool.check_connection,
    )
