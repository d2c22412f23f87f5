"""A large question asked side by side: on two connections, each on a core of its own.

Each finds the sessions of half of the days, then each counts half of the visitors.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from psycopg.adapt import Dumper
from psycopg.pq import Format

from sql.database import AsyncConnection, connect_beside
from sql.scope import Scope
from sql.text import query

WORTHWHILE_SESSIONS = 200_000
"""In a range; fewer are read sooner than a connection is made."""


@dataclass(frozen=True)
class Half:
    """What one of the two connections is asked."""

    scope: Scope
    """The days whose sessions it finds."""
    which: str
    """A condition on the visitors that it counts."""


def halves_of(scope: Scope) -> tuple[Half, Half]:
    """The halves of a scope of two days or more."""
    middle = scope.first + timedelta(days=scope.days // 2)
    return (
        Half(replace(scope, last=middle - timedelta(days=1), cut=None), "visitor_id < 0"),
        Half(replace(scope, first=middle), "visitor_id >= 0"),
    )


async def can_be_halved(conn: AsyncConnection, scope: Scope, many: int) -> bool:
    """Whether a scope has days, and `many` sessions, selected or not, to divide."""
    if scope.days < 2:
        return False
    given = {**scope.parameters, "many": many}
    row = await (await conn.execute(query("selection/has_many"), given)).fetchone()
    return row == (True,)


@asynccontextmanager
async def beside(conn: AsyncConnection) -> AsyncIterator[AsyncConnection]:
    """Another connection to the same database, in a transaction that sees the same.

    The connection must be in a transaction of its own that is REPEATABLE READ, and no savepoint.
    Until the end both do without parallel workers, whose cores they take themselves.
    """
    row = await (await conn.execute("SELECT pg_export_snapshot()")).fetchone()
    assert row is not None
    async with await connect_beside(conn) as other, other.transaction(force_rollback=True):
        await other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await other.execute(f"SET TRANSACTION SNAPSHOT '{row[0]}'")
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
    """Adds the rows of a table to those of the table that has its name on another connection."""
    async with (
        source.cursor() as reading,
        target.cursor() as writing,
        reading.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as found,
        writing.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as kept,
    ):
        async for block in found:
            await kept.write(block)


async def exchange(
    conns: tuple[AsyncConnection, AsyncConnection], rows: tuple[str, str], table: str
) -> None:
    """Adds the rows that each of two SELECTs has on its connection to a table on the other one.

    Many rows go by column: one by one they would take longer to hand over than to find. The
    columns, which the SELECTs name as the table does, must be of a type that has arrays.
    """
    looked = await conns[0].execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
        (table,),
    )
    columns = await looked.fetchall()
    taken = ", ".join(f"array_agg({name})" for name, _ in columns)
    given = ", ".join(f"%s::{kind}[]" for _, kind in columns)
    found: list[list[_Column | None]] = [[], []]

    async def read(at: int) -> None:
        cursor = conns[at].cursor(binary=True)
        await cursor.execute(f"SELECT {taken} FROM ({rows[at]}) AS rows")
        assert cursor.pgresult is not None
        values = [cursor.pgresult.get_value(0, column) for column in range(len(columns))]
        found[at] = [None if value is None else _Column(value) for value in values]

    async def write(at: int) -> None:
        conns[at].adapters.register_dumper(_Column, _ColumnDumper)
        await conns[at].execute(f"INSERT INTO {table} SELECT * FROM unnest({given})", found[1 - at])

    await both(read(0), read(1))
    await both(write(0), write(1))


class _Column(bytes):
    """An array as the server sent it."""


class _ColumnDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Column) -> bytes:
        return obj
