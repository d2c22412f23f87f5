"""Connections on a real server that drops them."""

import asyncio

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
