"""Questions about the same filtered scope are answered in one transaction."""

import asyncio
from datetime import date
from typing import Any

import psycopg

from dashboard_app.passes import Passes
from sql.database import AsyncConnection, AsyncPool, connect, make_pool
from sql.filters import parse_filters
from sql.scope import Scope
from sql.sites import ensure_site, site_by_slug

DAY = date(2026, 3, 10)


async def transaction(conn: AsyncConnection, scope: Scope) -> int:
    """The number of the transaction, which has the selection."""
    assert scope.is_shared
    row = await (await conn.execute("SELECT txid_current() FROM pg_class LIMIT 1")).fetchone()
    assert row is not None
    return int(row[0])


async def divide(conn: AsyncConnection, _scope: Scope) -> None:
    """Fails."""
    await conn.execute("SELECT 1 / 0")


async def opened(database_url: str) -> tuple[AsyncPool, Scope]:
    with connect(database_url) as conn:
        ensure_site(conn, "shop")
    pool = make_pool(database_url, size=2)
    await pool.open()
    async with pool.connection() as conn:
        site = await site_by_slug(conn, "shop")
    assert site is not None
    return pool, Scope(site, DAY, DAY, parse_filters(["is", "country", ["DE"]]))


def test_equal_keys_share_a_transaction_and_a_failure_is_its_own(database_url: str) -> None:
    async def ask() -> list[Any]:
        pool, scope = await opened(database_url)
        passes = Passes(pool)
        first = asyncio.gather(
            passes.ask("a", scope, transaction),
            passes.ask("a", scope, divide),
            passes.ask("a", scope, transaction),
            passes.ask("b", scope, transaction),
            return_exceptions=True,
        )
        found = [*await first, await passes.ask("a", scope, transaction)]
        await pool.close()
        return found

    one, failed, same, other, late = asyncio.run(ask())
    assert one == same == late
    assert other != one
    assert isinstance(failed, psycopg.errors.DivisionByZero)


def test_a_selection_that_cannot_be_fails_every_question(database_url: str) -> None:
    async def ask() -> list[Any]:
        pool, scope = await opened(database_url)
        with connect(database_url) as conn:
            conn.execute("DROP TABLE session_hours CASCADE")
        passes = Passes(pool)
        questions = [passes.ask("a", scope, transaction) for _ in range(2)]
        found = await asyncio.gather(*questions, return_exceptions=True)
        await pool.close()
        return found

    found = asyncio.run(ask())
    assert all(isinstance(each, psycopg.errors.UndefinedTable) for each in found)
