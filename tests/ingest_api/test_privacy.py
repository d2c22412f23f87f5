"""The address and the user agent of a browser are nowhere once its request is answered."""

import logging
import time
from collections.abc import Iterator

import pytest
import redis

from jobs.settle import settle
from sql.database import connect
from sql.keys import create_key
from sql.sites import ensure_site
from sql.watching import WATCHED_KEY, decode_watched, watch_key
from tests.api import RunningApi, running_api

ADDRESS = "203.0.113.177"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 Unmistakable/77"
HEADERS = {
    "Origin": "https://shop.example", "User-Agent": AGENT, "X-Forwarded-For": ADDRESS,
}  # fmt: skip
NEEDLES = [
    form
    for needle in (ADDRESS.encode(), b"Unmistakable")
    for form in (needle, needle.hex().encode(), needle.lower())
]


@pytest.fixture
def proxied(database_url: str, redis_url: str) -> Iterator[RunningApi]:
    """An API behind a proxy, with a site that stays and one that goes."""
    with connect(database_url) as conn:
        ensure_site(conn, "shop", allowed_origins=["https://shop.example"])
        ensure_site(conn, "gone", allowed_origins=["https://shop.example"])
    settings = {"auth": "required", "trusted_proxies": "127.0.0.0/8"}
    with running_api(database_url, redis_url, **settings) as api:
        yield api


def _in_redis(redis_url: str) -> bytes:
    """Every key and value."""
    with redis.Redis.from_url(redis_url) as client:
        parts = []
        for key in client.scan_iter("*"):
            parts.append(key + (client.dump(key) or b""))
            if client.type(key) == b"stream":
                parts += [v for _, fields in client.xrange(key) for v in fields.values()]
            if client.type(key) == b"list":
                parts += client.lrange(key, 0, -1)
        return b"\n".join(parts)


def _in_database(database_url: str) -> bytes:
    """Every row of every table as text; bytea is hexadecimal there."""
    with connect(database_url) as conn:
        tables = conn.execute(
            "SELECT oid::regclass::text FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        assert len(tables) > 20
        return "\n".join(
            row[0] for (table,) in tables for row in conn.execute(f"SELECT t::text FROM {table} t")
        ).encode()


def test_neither_is_in_stream_database_logs_or_dead_letters(
    proxied: RunningApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    event = {"name": "seen", "url": "https://shop.example/a?utm_source=x", "timezone": "Asia/Tokyo"}
    sent = [
        ({"site_id": "shop"} | event, 202),
        ({"site_id": "shop", "ip": ADDRESS, "user_agent": AGENT} | event, 202),
        ({"site_id": "gone"} | event, 202),
        ({"site_id": "shop", "timestamp": "never"} | event, 400),
        ({"site_id": "nobody"} | event, 404),
    ]
    for body, status in sent:
        answer = proxied.client.post("/api/v1/events", json=body, headers=HEADERS)
        assert answer.status_code == status, answer.text
        assert not any(needle in answer.content for needle in NEEDLES)
    image = proxied.client.get(
        "/api/v1/pixel.gif?site_id=shop", headers=HEADERS | {"Referer": "https://shop.example/b"}
    )
    assert image.status_code == 200

    waiting = _in_redis(proxied.redis_url)
    assert waiting.count(b"seen") >= 3
    with connect(proxied.database_url) as conn:
        conn.execute("DELETE FROM sites WHERE slug = 'gone'")
    assert settle(proxied.database_url, proxied.redis_url, 60).dead_letters == 1
    stored = _in_database(proxied.database_url)
    assert b"Firefox" in stored
    assert b"JP" in stored
    assert b"does not exist any more" in stored
    for place in (waiting, _in_redis(proxied.redis_url), stored, caplog.text.encode()):
        assert not any(needle in place for needle in NEEDLES)


def _follow(proxied: RunningApi) -> None:
    """Follows the site in the live debugger, and waits until the API knows."""
    event = {"site_id": "shop", "name": "first"}
    with redis.Redis.from_url(proxied.redis_url) as client:
        client.zadd(WATCHED_KEY, {"shop": time.time() + 60})
        for _ in range(100):
            proxied.client.post("/api/v1/events", json=event, headers=HEADERS).raise_for_status()
            if client.exists(watch_key("shop")):
                return
            time.sleep(0.05)
    raise AssertionError("the API does not tell what it takes")


def test_neither_is_in_the_live_debugger(proxied: RunningApi) -> None:
    _follow(proxied)
    event = {"site_id": "shop", "name": "seen"}
    with connect(proxied.database_url) as conn:
        server = {"Authorization": f"Bearer {create_key(conn, site='shop', scope='collect')}"}
    for body in (
        event,
        event | {"ip": ADDRESS, "user_agent": AGENT},
        event | {"ip": {"v4": ADDRESS}},
        event | {"user_agent": f"{AGENT}\0"},
        event | {"timestamp": "never"},
    ):
        for headers in (HEADERS, server):
            proxied.client.post("/api/v1/events", json=body, headers=headers)
    proxied.client.post("/api/v1/events", content=f'[{{"ip": "{ADDRESS}"', headers=server)
    with redis.Redis.from_url(proxied.redis_url) as client:
        told = [decode_watched(one) for one in client.lrange(watch_key("shop"), 0, -1)]
    seen = [(one.outcome, one.reason, one.message is None) for one in told if one.event is None]
    assert seen.count(("rejected", "ip", True)) == 1
    assert seen.count(("rejected", "user_agent", True)) == 1
    assert seen.count(("rejected", "timestamp", False)) == 2
    assert [one.event.name for one in told if one.event].count("seen") == 6
    assert not any(needle in _in_redis(proxied.redis_url) for needle in NEEDLES)


def test_a_salt_is_in_redis_alone(proxied: RunningApi) -> None:
    proxied.client.post(
        "/api/v1/events", json={"site_id": "shop", "name": "x"}, headers=HEADERS
    ).raise_for_status()
    settle(proxied.database_url, proxied.redis_url, 60)
    with redis.Redis.from_url(proxied.redis_url) as client:
        (key,) = client.scan_iter("tideline:salt:*")
        salt = client.get(key) or b""
        assert 24 * 3600 < client.ttl(key) <= 48 * 3600
    assert len(salt) == 32
    assert salt not in _in_database(proxied.database_url)
    assert salt.hex().encode() not in _in_database(proxied.database_url)
