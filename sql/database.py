"""Connections: one for a job, a pool for readers."""

import asyncio
import select
import time
from typing import Any, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
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

_SCRATCH = "-c temp_buffers=32MB"
"""Temporary tables, which a rebuild or a pass reads again and again, stay in memory."""

_CONNECT_S = 20.0
_CONNECT_PAUSE_S = 0.25


def connect(database_url: str, *, application: str = "tideline") -> SyncConnection:
    """A connection in autocommit mode, for jobs and the command line. Raises Disconnected."""
    return psycopg.connect(_conninfo(database_url, application, _SCRATCH), autocommit=True)


def _conninfo(database_url: str, application: str, settings: str) -> str:
    """How to connect; what the URL sets itself wins."""
    own = conninfo_to_dict(database_url).get("options") or ""
    options = f"{settings} {own}".strip()
    return make_conninfo(database_url, application_name=application, options=options, **_PATIENCE)


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


_READING = f"{_SCRATCH} -c plan_cache_mode=force_custom_plan -c jit=off"
"""A plan for any site and range suits none, and compiling one takes longer than running it."""


def make_pool(database_url: str, *, size: int = 8) -> AsyncPool:
    """A closed pool of autocommit connections for readers; open it on the loop that uses it."""
    return AsyncConnectionPool[AsyncConnection](
        _conninfo(database_url, "tideline", _READING),
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
