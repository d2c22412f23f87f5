"""Events of the worst kind, through HTTP, stream, writer and jobs, to every route that reads."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest_api.wire import WireEvent
from sql.database import connect
from sql.sites import ensure_site
from tests.api import RunningApi, running_api
from tests.servers import TestServers

GOOD = '{"name":"good","user_id":"neighbour"}'
TEXTS = [
    "", " ", "\x00", "a\x00b", "\u202egnp.exe", "مرحبا بالعالم", "👩‍👩‍👧‍👦" * 40, "e\u0301\ufeff",
    "'; DROP TABLE events; --", "%s %(site_id)s \\\\", "<script>alert(1)</script>", "=1+1|cmd",
    "null", "NaN", "x" * 129, "y" * 5_000, "//", "https://[::1", "http://a@b:c/d?e=%ff#g", "1e308",
    "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999+14:00", "2026-02-30", "+010000-01-01",
    "2026-03-10T11:00:00+23:59", "🏳", "\ud7ff\ue000", "a\r\nSet-Cookie: b", "../../etc/passwd",
]  # fmt: skip
TOKENS = [
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e-999", "9" * 400, "-0", "0.1e+2", "1e15",
    "9223372036854775808", "-9223372036854775809", "253402300800000", "-62167219200000", "true",
    "null", "[]", "{}", "[[[[[]]]]]", "'x'", "",
    '"\\ud800"', '"\\udc00x"', '"\\u0000"', '{"a":"\\u0000"}',
    '{"\\ud800":1}', '{"a":NaN}', '{"a":1e400}', '{"a":1e-400}', '{"":{"":[null]}}',
    "[" * 40 + "]" * 40, "[" * 9_000 + "]" * 9_000, '{"a":' * 3_000 + "1" + "}" * 3_000,
    '"' + "z" * 33_000 + '"', json.dumps({f"k{n}": n for n in range(65)}),
    '{"experiment":"x","variant":["a"]}', '{"value":{"value":1},"page":7,"currency":"€"}',
    '{"amount":"-1e-30","total":"999999999999999.9","currency":"eur"}',
]  # fmt: skip
FIELDS = [
    *(name for name in WireEvent.__struct_fields__ if name != "site_id"), "unknown", "", "$set",
    "__proto__",
]  # fmt: skip
NAMES = ["page_view", "purchase", "refund", "engagement", "experiment_exposure", "click"]

tokens = st.one_of(
    st.sampled_from(TOKENS),
    st.sampled_from(TEXTS).map(json.dumps),
    st.text(max_size=40).map(json.dumps),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
        max_leaves=6,
    ).map(json.dumps),
)
hostile = st.tuples(
    st.sampled_from(NAMES), st.dictionaries(st.sampled_from(FIELDS), tokens, max_size=5)
).map(
    lambda drawn: (
        "{" + ",".join(
            f"{json.dumps(key)}:{token}"
            for key, token in ({"name": json.dumps(drawn[0])} | drawn[1]).items()
        ) + "}"
    )
)  # fmt: skip

ROUTES = (
    "dashboard", "dashboard/overview", "dashboard/traffic", "dashboard/pages", "dashboard/users",
    "dashboard/realtime", "analytics/events", "analytics/sessions", "retention",
    "dashboard/breakdown?dimension=referrer", "dashboard/breakdown?dimension=event",
    "dashboard/breakdown?dimension=city", "dashboard/breakdown?dimension=property:a",
)  # fmt: skip


@pytest.fixture(scope="module")
def fuzzed(servers: TestServers) -> Iterator[RunningApi]:
    """An API in open mode with one site."""
    with servers.database() as database_url:
        with connect(database_url) as conn:
            ensure_site(conn, "demo", timezone="Asia/Kathmandu")
        with running_api(database_url, servers.clean_redis()) as api:
            yield api


def _post(api: RunningApi, body: bytes, path: str = "/api/v1/events/batch") -> dict[str, Any]:
    answer = api.client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (202, 400, 413), (answer.status_code, answer.text, body[:2_000])
    content: dict[str, Any] = answer.json()
    return content


def _rows(api: RunningApi, statement: str) -> list[Any]:
    with connect(api.database_url) as conn:
        return conn.execute(statement).fetchall()


def test_no_event_harms_its_neighbours_or_any_reader(fuzzed: RunningApi) -> None:
    accepted = posts = 0

    @given(events=st.lists(hostile, min_size=1, max_size=4))
    @settings(
        max_examples=250,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def post(events: list[str]) -> None:
        nonlocal accepted, posts
        body = ",".join((GOOD, *events, GOOD)).encode("utf-8", "surrogatepass")
        answer = _post(fuzzed, b'{"events":[' + body + b"]}")
        refused = {rejection["index"] for rejection in answer["rejected"]}
        assert refused.isdisjoint({0, len(events) + 1}), (answer, body[:2_000])
        assert answer["accepted"] == len(events) + 2 - len(refused)
        accepted += answer["accepted"]
        posts += 1

    post()
    _post(fuzzed, b'{"name":"' + b"x" * 10_000_000 + b'"}')
    _post(fuzzed, b"[" * 100_000)
    fuzzed.settle()  # and nothing went to the dead letters

    assert accepted > posts * 2
    ((good,),) = _rows(
        fuzzed,
        "SELECT count(*) FROM events e JOIN labels l USING (site_id)"
        " WHERE l.label_id = e.name_id AND l.value = 'good'",
    )
    assert good == 2 * posts
    ((fates,),) = _rows(fuzzed, "SELECT sum(events) FROM intake_minutes")
    bots = _counted_as(fuzzed, "bot")
    assert fates == accepted - bots
    ((odd,),) = _rows(
        fuzzed,
        "SELECT count(*) FROM events WHERE ts < now() - interval '10 years 1 day'"
        " OR ts > now() + interval '25 hours' OR value IN ('NaN', 'Infinity', '-Infinity')",
    )
    assert odd == 0
    for route in ROUTES:
        separator = "&" if "?" in route else "?"
        answer = fuzzed.client.get(f"/api/v1/{route}{separator}site_id=demo&period=12mo")
        assert answer.status_code == 200, (route, answer.text[:2_000])
        json.loads(answer.text, parse_constant=_no_constant)


def _no_constant(word: str) -> None:
    pytest.fail(f"{word} is no JSON")


def _counted_as(api: RunningApi, outcome: str) -> int:
    """Events that the API counts under an outcome."""
    with redis.Redis.from_url(api.redis_url) as client:
        return sum(
            int(count)
            for key in client.scan_iter("tideline:trust:*")
            for field, count in client.hgetall(key).items()
            if field.split(b"|")[1] == outcome.encode()
        )


@given(body=st.binary(max_size=60) | st.sampled_from(TOKENS).map(str.encode))
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_body_is_a_server_error(fuzzed: RunningApi, body: bytes) -> None:
    _post(fuzzed, body, "/api/v1/events")
