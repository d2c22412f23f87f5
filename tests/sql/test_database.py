"""Connections on a real server: one that drops them, and what they set there."""

import asyncio

import pytest
from psycopg.conninfo import make_conninfo

from sql.database import connect, make_pool


def test_a_pool_gives_no_connection_that_the_server_has_closed(database_url: str) -> None:
    async def ask() -> tuple[int, int]:
        async with make_pool(database_url, size=1) as pool:
            async with pool.connection() as conn:
                before = conn.info.backend_pid
            with connect(database_url) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (before,))
            async with pool.connection() as conn:
                await conn.execute("SELECT 1")
                return before, conn.info.backend_pid

    before, after = asyncio.run(ask())
    assert before != after


@pytest.mark.parametrize(
    ("own", "shown"),
    [(None, ("32MB", "0")), ("-c temp_buffers=4MB -c statement_timeout=7s", ("4MB", "7s"))],
)
def test_what_the_url_sets_wins(database_url: str, own: str | None, shown: tuple[str, str]) -> None:
    url = make_conninfo(database_url, options=own)
    look = "SELECT current_setting('temp_buffers'), current_setting('statement_timeout')"

    async def ask() -> tuple[tuple[str, str] | None, tuple[str] | None]:
        async with make_pool(url, size=1) as pool, pool.connection() as conn:
            mine = await (await conn.execute(look)).fetchone()
            return mine, await (await conn.execute("SHOW plan_cache_mode")).fetchone()

    with connect(url) as conn:
        assert conn.execute(look).fetchone() == shown
    assert asyncio.run(ask()) == (shown, ("force_custom_plan",))
