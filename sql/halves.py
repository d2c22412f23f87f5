"""Two halves of a site's visitors, asked side by side: each on a connection and core of its own.

What is found of each adds up, also people: nobody is in both.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sql.database import AsyncConnection, connect_beside
from sql.scope import Scope
from sql.text import query

WORTHWHILE_SESSIONS = 200_000
"""In a range; fewer are read sooner than a connection is made."""


@dataclass(frozen=True)
class Half:
    """Conditions that say the same: one that an index of visitors serves, and one that none does.

    Half of the sessions are not looked up one by one, whatever the planner expects.
    """

    of_visitors: str
    of_sessions: str


HALVES = tuple(
    Half(which, f"(sessions.{which}) IS TRUE") for which in ("visitor_id < 0", "visitor_id >= 0")
)

Ask = Callable[[AsyncConnection, Half], Awaitable[None]]


async def has_many(conn: AsyncConnection, scope: Scope, many: int) -> bool:
    """Whether the days of a scope have so many sessions, selected or not."""
    given = {**scope.parameters, "many": many}
    row = await (await conn.execute(query("selection/has_many"), given)).fetchone()
    return row == (True,)


async def ask_halves(conn: AsyncConnection, ask: Ask, tables: Iterable[str]) -> None:
    """Asks about each half, and brings the rows of the temporary tables that it fills together.

    The connection must be in a transaction of its own that is REPEATABLE READ, and no savepoint.
    """
    async with _beside(conn) as other:
        tasks = [
            asyncio.ensure_future(_alone(each, ask, half))
            for each, half in zip((conn, other), HALVES, strict=True)
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for table in tables:
            await _bring(other, conn, table)


async def _alone(conn: AsyncConnection, ask: Ask, half: Half) -> None:
    """Asks without parallel workers: the other half has the other core."""
    await conn.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    await ask(conn, half)
    await conn.execute("SET LOCAL max_parallel_workers_per_gather TO DEFAULT")


@asynccontextmanager
async def _beside(conn: AsyncConnection) -> AsyncIterator[AsyncConnection]:
    """Another connection to the same database, in a transaction that sees the same."""
    row = await (await conn.execute("SELECT pg_export_snapshot()")).fetchone()
    assert row is not None
    async with await connect_beside(conn) as other, other.transaction(force_rollback=True):
        await other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await other.execute(f"SET TRANSACTION SNAPSHOT '{row[0]}'")
        yield other


async def _bring(source: AsyncConnection, target: AsyncConnection, table: str) -> None:
    """Adds the rows of a table to those of the table that has its name on another connection."""
    async with (
        source.cursor() as reading,
        target.cursor() as writing,
        reading.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as found,
        writing.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as kept,
    ):
        async for block in found:
            await kept.write(block)
