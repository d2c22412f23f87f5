"""Two connections side by side: the same instant, rows handed over, failures and cancelling."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import psycopg
import pytest

from sql.database import AsyncConnection, SyncConnection, connect, make_pool
from sql.halves import beside, both, bring, can_be_halved, exported_snapshot
from sql.scope import Scope
from sql.sites import Site, ensure_site, sites_by_id
from tests.servers import TestServers

ROWS = "CREATE TEMPORARY TABLE rows (visitor_id bigint, day date, device_id int) ON COMMIT DROP"


@pytest.fixture(scope="module")
def database_url(servers: TestServers) -> Iterator[str]:
    with servers.database() as url:
        yield url


@asynccontextmanager
async def pair(database_url: str) -> AsyncIterator[tuple[AsyncConnection, AsyncConnection]]:
    async with (
        make_pool(database_url, size=1) as pool,
        pool.connection() as conn,
        conn.transaction(force_rollback=True),
    ):
        await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        async with beside(conn, await exported_snapshot(conn)) as other:
            yield conn, other


def new_site(conn: SyncConnection, slug: str) -> Site:
    ensure_site(conn, slug, timezone="Europe/Berlin")
    return next(site for site in sites_by_id(conn).values() if site.slug == slug)


async def fetched(conn: AsyncConnection, text: str) -> list[Any]:
    return await (await conn.execute(text)).fetchall()


def backends(database_url: str, expected: int) -> int:
    """How many there are; those of a closed connection may take a moment to go."""
    deadline = time.monotonic() + 5
    with connect(database_url, application="looking") as conn:
        while True:
            row = conn.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'tideline'"
            ).fetchone()
            assert row is not None
            if row[0] == expected or time.monotonic() > deadline:
                return int(row[0])
            time.sleep(0.02)


def test_only_many_sessions_are_divided(database_url: str) -> None:
    with connect(database_url) as conn:
        site = new_site(conn, "many")
        conn.execute(
            "INSERT INTO session_value_days SELECT %s, day, dimension, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0"
            " FROM unnest('{2026-03-01,2026-03-02}'::date[]) AS day, unnest('{0,3}'::int[])"
            " AS dimension",
            (site.site_id,),
        )
    days = Scope(site, date(2026, 3, 1), date(2026, 3, 2))

    async def ask() -> list[bool]:
        async with make_pool(database_url, size=1) as pool, pool.connection() as conn:
            return [await can_be_halved(conn, days, many) for many in (6, 7)]

    assert asyncio.run(ask()) == [True, False]


def test_both_see_the_same_instant_in_the_same_way(database_url: str) -> None:
    look = "SELECT count(*), current_setting('plan_cache_mode') FROM labels"

    async def ask() -> tuple[list[Any], list[Any]]:
        async with pair(database_url) as (conn, other):
            mine = await fetched(conn, look)
            with connect(database_url, application="writing") as writing:
                writing.execute(
                    "INSERT INTO labels (site_id, hash, value)"
                    " VALUES (1, gen_random_uuid(), 'late')"
                )
            return mine, await fetched(other, look)

    mine, theirs = asyncio.run(ask())
    assert mine == theirs == [(mine[0][0], "force_custom_plan")]


def test_rows_are_handed_over(database_url: str) -> None:
    async def ask() -> tuple[list[Any], list[Any]]:
        async with pair(database_url) as (conn, other):
            for each, sign in ((conn, 1), (other, -1)):
                await each.execute(ROWS)
                await each.execute(
                    "INSERT INTO rows SELECT n * %s, DATE '2026-03-01', nullif(n, 2)"
                    " FROM generate_series(1, 2) AS n",
                    (sign,),
                )
            await bring(other, conn, "rows")
            order = "SELECT * FROM rows ORDER BY visitor_id"
            return await fetched(conn, order), await fetched(other, order)

    mine, theirs = asyncio.run(ask())
    day = date(2026, 3, 1)
    assert theirs == [(-2, day, None), (-1, day, 1)]
    assert mine == [*theirs, (1, day, 1), (2, day, None)]


@pytest.mark.parametrize("is_first", [True, False])
def test_one_that_fails_ends_the_other(database_url: str, is_first: bool) -> None:
    failing, sleeping = "SELECT 1 / 0", "SELECT pg_sleep(30)"

    async def ask() -> None:
        async with asyncio.timeout(10), pair(database_url) as (conn, other):
            await both(
                run(conn, failing if is_first else sleeping),
                run(other, sleeping if is_first else failing),
            )

    with pytest.raises(psycopg.errors.DivisionByZero):
        asyncio.run(ask())
    assert backends(database_url, 0) == 0


def test_whoever_gives_up_ends_both(database_url: str) -> None:
    async def ask() -> None:
        async with pair(database_url) as (conn, other):
            await both(run(conn, "SELECT pg_sleep(30)"), run(other, "SELECT pg_sleep(30)"))

    async def give_up() -> None:
        asked = asyncio.create_task(ask())
        assert await asyncio.to_thread(backends, database_url, 2) == 2
        asked.cancel()
        async with asyncio.timeout(10):
            await asyncio.wait([asked])
        assert asked.cancelled()

    asyncio.run(give_up())
    assert backends(database_url, 0) == 0


async def run(conn: AsyncConnection, text: str) -> None:
    await conn.execute(text)
