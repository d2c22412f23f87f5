"""What panels read, from a real database."""

import asyncio

from redis.asyncio import Redis

from dashboard_app.answers import Answers
from dashboard_app.data import ROW_CLASSES, Data
from sql.database import connect, make_pool
from sql.sites import ensure_site


def test_the_panels_of_a_page_look_up_the_sites_once(database_url: str, redis_url: str) -> None:
    async def look() -> tuple[set[str], int]:
        async with make_pool(database_url) as pool, Redis.from_url(redis_url) as redis:
            data = Data(pool, pool, Answers(redis, ROW_CLASSES))
            found = await asyncio.gather(*(data.look("?site=shop") for _ in range(9)))
            return {looked.site.slug for looked in found}, pool.get_stats()["requests_num"]

    with connect(database_url) as conn:
        ensure_site(conn, "shop")
    assert asyncio.run(look()) == ({"shop"}, 1)
