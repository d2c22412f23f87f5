"""One API for a module's tests, with an empty stream for each of them."""

from collections.abc import Iterator

import pytest
import redis

from sql.database import connect
from sql.sites import ensure_site
from tests.api import RunningApi, running_api
from tests.servers import TestServers


@pytest.fixture(scope="module")
def collecting_api(servers: TestServers) -> Iterator[RunningApi]:
    """An API in open mode with the sites demo, shop and blog, for all tests of a module."""
    with servers.database() as database_url:
        with connect(database_url) as conn:
            ensure_site(conn, "demo")
            ensure_site(conn, "shop", allowed_origins=["https://shop.example"])
            ensure_site(conn, "blog", allowed_origins=["https://blog.example"])
        with running_api(database_url, servers.clean_redis()) as api:
            yield api


@pytest.fixture
def collecting(collecting_api: RunningApi) -> RunningApi:
    """The module's API, with nothing in Redis."""
    with redis.Redis.from_url(collecting_api.redis_url) as client:
        client.flushall()
    return collecting_api
