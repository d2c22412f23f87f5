"""Connections: one for a job, a pool for readers."""

import asyncio
import select
import time
from typing import Any, Self

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

_CONNECT_S = 20.0
_CONNECT_PAUSE_S = 0.25


def connect(database_url: str, *, application: str = "tideline") -> SyncConnection:
    """A connection in autocommit mode, for jobs and the command line. Raises Disconnected."""
    return psycopg.connect(
        make_conninfo(database_url, application_name=application, **_PATIENCE),
        autocommit=True,
    )


class _PatientConnection(AsyncConnection):
    """Connects as soon as the server is back.

    A pool doubles its pauses while a server is away, and would then stay away as long again.
    """

    @classmethod
    async def connect(cls, conninfo: str = "", **options: Any) -> Self:
        give_up_at = time.monotonic() + _CONNECT_S
        while True:
            try:
                return await super().connect(conninfo, **options)
            except Disconnected:
                if time.monotonic() > give_up_at:
                    raise
            await asyncio.sleep(_CONNECT_PAUSE_S)


_READING = "-c plan_cache_mode=force_custom_plan -c jit=off -c temp_buffers=32MB"
"""A plan for any site and range suits none, and compiling one takes longer than running it.

Temporary tables that a pass reads again and again stay in memory.
"""


def make_pool(database_url: str, *, size: int = 8) -> AsyncPool:
    """A closed pool of autocommit connections for readers; open it on the loop that uses it."""
    return AsyncConnectionPool[AsyncConnection](
        make_conninfo(database_url, application_name="tideline", options=_READING, **_PATIENCE),
        min_size=1,
        max_size=size,
        connection_class=_PatientConnection,
        kwargs={"autocommit": True},
        open=False,
        timeout=10,
        reconnect_timeout=1,
        check=_check,
    )


async def connect_beside(conn: AsyncConnection) -> AsyncConnection:
    """Another connection to the server of one of a pool, just like it. Raises Disconnected."""
    info = conn.info
    return await AsyncConnection.connect(info.dsn, password=info.password, autocommit=True)


async def _check(conn: AsyncConnection) -> None:
    """Raises Disconnected when the server has closed a connection that the pool is about to give.

    That can be seen without asking the server, which would cost every reader a round trip.
    """
    waiting = select.poll()
    waiting.register(conn.fileno(), select.POLLIN)
    if waiting.poll(0):
        await AsyncConnectionPool.check_connection(conn)
