"""The doors: who is let in, in open mode and with keys."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

import httpx
import pytest

from ingest_api.answers import Message, Receive, Scope, Send
from ingest_api.doors import (
    Doors,
    client_address,
    is_cross_site,
    is_forwarded,
    is_origin,
    loopback_host,
    needed_scope,
    origin_host,
)
from ingest_api.sites import KeyRow, SiteCache, SiteRow
from sql.database import connect
from sql.keys import create_key, revoke_key
from sql.sites import ensure_site
from tests.api import RunningApi, running_api
from tests.servers import TestServers

EVENT = {"site_id": "shop", "name": "x"}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", "localhost"),
        ("LOCALHOST:8000", "localhost"),
        ("127.0.0.1:1", "127.0.0.1"),
        ("[::1]:8000", "[::1]"),
        (None, None),
        ("", None),
        ("localhost.", None),
        ("localhost.evil.example", None),
        ("evil.example:8000", None),
        ("127.0.0.2", None),
        ("localhost:80@evil.example", None),
        ("::1", None),
    ],
)
def test_only_this_machine_has_a_loopback_host(host: str | None, expected: str | None) -> None:
    assert loopback_host(host) == expected


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://Shop.example", "shop.example"),
        ("http://localhost:3000", "localhost"),
        ("http://[::1]:3000", "[::1]"),
        ("null", None),
        ("", None),
        ("file://", None),
        ("https://shop.example/path", None),
        ("https://user@shop.example", None),
        ("https://localhost:80#@evil.example", None),
    ],
)
def test_an_origin_has_a_host(origin: str, expected: str | None) -> None:
    assert origin_host(origin) == expected
    assert is_origin(origin) == (expected is not None)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({b"sec-fetch-site": b"same-origin"}, False),
        ({b"sec-fetch-site": b"none"}, False),
        ({b"sec-fetch-site": b"cross-site"}, True),
        ({b"origin": b"http://localhost:8050"}, False),
        ({b"origin": b"http://127.0.0.1:8050"}, True),
        ({b"origin": b"https://evil.example"}, True),
        ({b"origin": b"null"}, True),
    ],
)
def test_another_site_is_known_by_its_headers(headers: dict[bytes, bytes], expected: bool) -> None:
    assert is_cross_site(headers, "localhost") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (b"forwarded", True),
        (b"x-forwarded-for", True),
        (b"x-forwarded-prefix", True),
        (b"not-x-forwarded-for", False),
        (b"via", False),
    ],
)
def test_a_proxy_is_known_by_its_headers(name: bytes, expected: bool) -> None:
    assert is_forwarded({b"host": b"localhost", name: b"x"}) == expected


TRUSTED = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("connection", "forwarded", "expected"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1:5000", "198.51.100.1"),
        ("::1", "[2001:db8::1]:443", "2001:db8::1"),
        ("::1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "unknown", None),
        (None, "198.51.100.1", None),
    ],
)
def test_the_client_is_the_right_most_untrusted_address(
    connection: str | None, forwarded: str, expected: str | None
) -> None:
    assert client_address(connection, forwarded, TRUSTED) == expected


def test_without_trusted_proxies_nothing_is_believed() -> None:
    assert client_address("127.0.0.1", "6.6.6.6", ()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/api/v1/events", "collect"),
        ("GET", "/api/v1/dashboard", "read"),
        ("POST", "/api/v1/funnels/query", "read"),
        ("POST", "/api/v1/funnels", "admin"),
        ("DELETE", "/api/v1/sites/shop", "admin"),
        ("GET", "/openapi.json", "read"),
    ],
)
def test_each_route_needs_a_scope(method: str, path: str, scope: str) -> None:
    assert needed_scope(method, path) == scope


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({}, "/openapi.json", 200),
        ({"Host": "evil.example"}, "/openapi.json", 403),
        ({"Host": "evil.example"}, "/t.js", 403),
        ({"X-Forwarded-For": "1.2.3.4"}, "/openapi.json", 403),
        ({"Forwarded": "for=1.2.3.4"}, "/api/v1/events", 403),
        ({"Origin": "https://evil.example"}, "/openapi.json", 403),
        ({"Sec-Fetch-Site": "cross-site"}, "/openapi.json", 403),
        ({"Sec-Fetch-Site": "cross-site"}, "/t.js", 200),
        ({"Sec-Fetch-Site": "cross-site"}, "/api/v1/events", 405),
    ],
)
def test_open_mode_answers_this_machine_alone(
    collecting: RunningApi, headers: dict[str, str], path: str, status: int
) -> None:
    answer = collecting.client.get(path, headers=headers)
    assert answer.status_code == status
    if status >= 400:
        assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(
    ("host", "origin", "is_let_in"),
    [
        (b"localhost:8000", b"http://localhost:8050", True),
        (b"localhost:8000", b"https://evil.example", False),
        (b"evil.example", b"https://evil.example", False),
    ],
)
def test_websockets_pass_the_same_doors(host: bytes, origin: bytes, is_let_in: bool) -> None:
    came_in: list[str] = []
    sent: list[Message] = []

    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        came_in.append(scope["type"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def load() -> tuple[list[SiteRow], list[KeyRow]]:
        return [], []

    headers = [(b"host", host), (b"origin", origin)]
    doors = Doors(inside, sites=SiteCache(load), is_open=True)
    scope = {"type": "websocket", "path": "/api/v1/live", "headers": headers}
    asyncio.run(doors(scope, receive, send))
    assert came_in == (["websocket"] if is_let_in else [])
    assert [message["type"] for message in sent] == ([] if is_let_in else ["websocket.close"])


@dataclass(frozen=True)
class Guarded:
    """An API that asks for keys, with two sites and a key of each kind."""

    api: RunningApi
    keys: dict[str, str]

    def ask(self, method: str, path: str, key: str | None, **more: object) -> httpx.Response:
        """A request with the key of that name."""
        headers = {} if key is None else {"Authorization": f"Bearer {self.keys.get(key, key)}"}
        return self.api.client.request(method, path, headers=headers, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def guarded(servers: TestServers) -> Iterator[Guarded]:
    with servers.database() as url, connect(url) as conn:
        for slug in ("shop", "blog", "doomed"):
            ensure_site(conn, slug)
        keys = {
            "shop-collect": create_key(conn, site="shop", scope="collect"),
            "shop-read": create_key(conn, site="shop", scope="read"),
            "shop-admin": create_key(conn, site="shop", scope="admin"),
            "all-admin": create_key(conn, site=None, scope="admin"),
        }
        with running_api(url, servers.clean_redis(), auth="required") as api:
            yield Guarded(api, keys)


@pytest.mark.parametrize(
    ("method", "path", "key", "status"),
    [
        ("GET", "/t.js", None, 200),
        ("GET", "/api/v1/sites", None, 401),
        ("GET", "/docs", None, 401),
        ("GET", "/nowhere", None, 401),
        ("GET", "/api/v1/sites", "tl_guess", 401),
        ("GET", "/api/v1/sites", "shop-collect", 403),
        ("GET", "/api/v1/sites", "shop-read", 200),
        ("GET", "/openapi.json", "shop-admin", 200),
        ("DELETE", "/api/v1/sites/shop", "shop-read", 403),
        ("DELETE", "/api/v1/sites/blog", "shop-admin", 403),
        ("DELETE", "/api/v1/sites/doomed", "all-admin", 204),
        ("GET", "/api/v1/pixel.gif", None, 403),
    ],
)
def test_keys_open_what_their_scope_and_site_allow(
    guarded: Guarded, method: str, path: str, key: str | None, status: int
) -> None:
    answer = guarded.ask(method, path, key)
    assert answer.status_code == status
    assert ("www-authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize(
    ("event", "key", "status"),
    [
        (EVENT, None, 401),
        (EVENT, "shop-collect", 202),
        (EVENT, "shop-admin", 202),
        (EVENT, "shop-read", 403),
        (EVENT, "all-admin", 202),
        ({"name": "x"}, "shop-collect", 202),
        ({"name": "x"}, "all-admin", 400),
        ({"site_id": "blog", "name": "x"}, "shop-collect", 403),
        ({"site_id": "nowhere", "name": "x"}, "all-admin", 404),
    ],
)
def test_a_collect_key_takes_events_of_its_site(
    guarded: Guarded, event: dict[str, str], key: str | None, status: int
) -> None:
    assert guarded.ask("POST", "/api/v1/events", key, json=event).status_code == status


def test_a_site_bound_key_sees_its_site_alone(guarded: Guarded) -> None:
    sites = guarded.ask("GET", "/api/v1/sites", "shop-read").json()["sites"]
    assert [site["site_id"] for site in sites] == ["shop"]


def test_a_new_key_works_at_once_and_a_revoked_one_soon_does_not(guarded: Guarded) -> None:
    with connect(guarded.api.database_url) as conn:
        key = create_key(conn, site="shop", scope="collect")
        assert guarded.ask("POST", "/api/v1/events", key, json=EVENT).status_code == 202
        row = conn.execute("SELECT max(key_id) FROM api_keys").fetchone()
        assert row is not None
        assert revoke_key(conn, row[0])
    for _ in range(100):
        if guarded.ask("POST", "/api/v1/events", key, json=EVENT).status_code == 401:
            return
    pytest.fail("the revoked key still works")
