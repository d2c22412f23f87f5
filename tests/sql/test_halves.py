"""Halves of the visitors asked side by side: the same instant, failures and cancelling."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import psycopg
import pytest

from sql.database import AsyncConnection, connect, make_pool
from sql.halves import HALVES, Half, ask_halves
from tests.servers import TestServers

Ask = Callable[[AsyncConnection, Half], Awaitable[None]]


@pytest.fixture(scope="module")
def database_url(servers: TestServers) -> Iterator[str]:
    with servers.database() as url:
        yield url


def asking(database_url: str, ask: Ask, before: Callable[[], None] = lambda: None) -> list[Any]:
    """The rows that `ask` left in the table `found`; `before` runs once the instant is fixed."""

    async def run() -> list[Any]:
        async with (
            make_pool(database_url, size=1) as pool,
            pool.connection() as conn,
            conn.transaction(),
        ):
            await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            await conn.execute("SELECT 1")
            before()
            await ask_halves(conn, ask, ("found",))
            return await (await conn.execute("TABLE found")).fetchall()

    return asyncio.run(run())


async def count_labels(conn: AsyncConnection, half: Half) -> None:
    await conn.execute(
        "CREATE TEMPORARY TABLE found ON COMMIT DROP AS"
        " SELECT %s AS half, pg_backend_pid() AS pid, count(*), current_setting('plan_cache_mode')"
        " FROM labels",
        (half.of_visitors,),
    )


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


def test_both_halves_are_asked_about_the_same_instant_in_the_same_way(database_url: str) -> None:
    def insert() -> None:
        with connect(database_url, application="writing") as conn:
            conn.execute(
                "INSERT INTO labels (site_id, hash, value) VALUES (1, gen_random_uuid(), 'late')"
            )

    found = asking(database_url, count_labels, insert)
    assert sorted(half for half, *_ in found) == sorted(half.of_visitors for half in HALVES)
    assert len({pid for _, pid, *_ in found}) == 2
    (counted,) = {count for _, _, count, _ in found}
    (later,) = {count for _, _, count, _ in asking(database_url, count_labels)}
    assert later == counted + 1
    assert {how for *_, how in found} == {"force_custom_plan"}


@pytest.mark.parametrize("failing", HALVES)
def test_a_half_that_fails_ends_the_other(database_url: str, failing: Half) -> None:
    async def ask(conn: AsyncConnection, half: Half) -> None:
        await conn.execute("SELECT 1 / 0" if half is failing else "SELECT pg_sleep(30)")

    async def bounded() -> None:
        async with asyncio.timeout(10):
            await asyncio.to_thread(asking, database_url, ask)

    with pytest.raises(psycopg.errors.DivisionByZero):
        asyncio.run(bounded())
    assert backends(database_url, 0) == 0


def test_whoever_gives_up_ends_both(database_url: str) -> None:
    async def ask(conn: AsyncConnection, half: Half) -> None:
        await conn.execute("SELECT pg_sleep(30)")

    async def give_up() -> None:
        async with (
            make_pool(database_url, size=1) as pool,
            pool.connection() as conn,
            conn.transaction(),
        ):
            asked = asyncio.create_task(ask_halves(conn, ask, ()))
            await asyncio.sleep(0.5)
            assert backends(database_url, 2) == 2
            asked.cancel()
            async with asyncio.timeout(10):
                await asyncio.wait([asked])
            assert asked.cancelled()

    asyncio.run(give_up())
    assert backends(database_url, 0) == 0
