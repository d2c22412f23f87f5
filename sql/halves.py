"""A large question asked side by side: of half of the visitors each, on a core of its own."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from sql.database import AsyncConnection, connect_beside
from sql.scope import Scope
from sql.text import query

WORTHWHILE_SESSIONS = 200_000
"""In a range; fewer are read sooner than a connection is made."""

HALVES = ("visitor_id < 0", "visitor_id >= 0")
"""Conditions that part the visitors, whose ids are hashes, and with them all that is counted.

Sessions lie apart by them: to read those of one half, the other is not looked at.
"""


def are_many(shares: int, halved_from: int = WORTHWHILE_SESSIONS) -> bool:
    """Whether rows of a half's shares are sooner found in a pass of their table than one by one."""
    return shares >= halved_from // 10


async def can_be_halved(conn: AsyncConnection, scope: Scope, many: int) -> bool:
    """Whether a scope has `many` sessions, selected or not, to divide."""
    given = {**scope.parameters, "many": many}
    row = await (await conn.execute(query("selection/has_many"), given)).fetchone()
    return row == (True,)


async def exported_snapshot(conn: AsyncConnection) -> str:
    """The name of what the connection's transaction sees, as long as that lasts.

    It must be REPEATABLE READ, and in no savepoint.
    """
    row = await (await conn.execute("SELECT pg_export_snapshot()")).fetchone()
    assert row is not None
    return str(row[0])


@asynccontextmanager
async def beside(conn: AsyncConnection, snapshot: str) -> AsyncIterator[AsyncConnection]:
    """Another connection to the same database, in a transaction that sees the same.

    `snapshot`: the exported one of the connection's transaction. Until the end both do without
    parallel workers, whose cores they take themselves.
    """
    async with await connect_beside(conn) as other, other.transaction(force_rollback=True):
        await other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await other.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        for each in (conn, other):
            await each.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        yield other
        await conn.execute("SET LOCAL max_parallel_workers_per_gather TO DEFAULT")


async def both(mine: Coroutine[Any, Any, None], other: Coroutine[Any, Any, None]) -> None:
    """Waits for both; when one fails, or nobody waits any more, neither goes on."""
    tasks = [asyncio.ensure_future(mine), asyncio.ensure_future(other)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def bring(source: AsyncConnection, target: AsyncConnection, table: str) -> None:
    """Adds the rows of a table to those of the table that has its name on another connection.

    Few rows, if wide ones: each comes by itself.
    """
    async with (
        source.cursor() as reading,
        target.cursor() as writing,
        reading.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as found,
        writing.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as kept,
    ):
        await kept.write(b"".join([bytes(row) async for row in found]))
