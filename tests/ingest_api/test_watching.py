"""What the API tells about itself, and what it never tells about anybody."""

import time
from datetime import UTC, datetime

import pytest
import redis
from prometheus_client import CollectorRegistry, generate_latest

from ingest_api.metrics import Histogram, Metrics
from sql.intake import trust_key
from tests.api import RunningApi

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 Unmistakable/77"
EVENT = {"site_id": "shop", "name": "x"}


def test_counts_reach_prometheus() -> None:
    metrics = Metrics()
    metrics.count_request({("shop", "accepted", ""): 3, ("", "rejected", "unknown_site"): 1})
    metrics.request_s.observe(0.003)
    registry = CollectorRegistry()
    registry.register(metrics)
    lines = generate_latest(registry).decode().splitlines()
    assert 'tideline_api_events_total{outcome="accepted",reason="",site="shop"} 3.0' in lines
    assert 'tideline_api_request_seconds_bucket{le="0.005"} 1.0' in lines
    assert 'tideline_api_request_seconds_bucket{le="0.0025"} 0.0' in lines
    assert 'tideline_api_batch_events_bucket{le="5.0"} 1.0' in lines


def test_a_histogram_counts_everything_below_a_bound() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 9.0):
        histogram.observe(value)
    samples = histogram.family("h", "d").samples
    assert [sample.value for sample in samples] == [2.0, 3.0, 4.0, 4.0, 12.0]


def _trust(api: RunningApi) -> dict[bytes, bytes]:
    with redis.Redis.from_url(api.redis_url) as client:
        keys = sorted(client.scan_iter("tideline:trust:*"))
        return {field: count for key in keys for field, count in client.hgetall(key).items()}


def test_counts_reach_the_trust_screen_within_seconds(collecting: RunningApi) -> None:
    collecting.post("/api/v1/events", [EVENT, EVENT, EVENT | {"timestamp": "x"}])
    collecting.client.post("/api/v1/events", json=EVENT, headers={"Origin": "https://blog.example"})
    expected = {
        b"shop|accepted|": b"2",
        b"shop|rejected|timestamp": b"1",
        b"shop|rejected|origin": b"1",
    }
    for _ in range(50):
        if expected.items() <= _trust(collecting).items():
            break
        time.sleep(0.1)
    assert expected.items() <= _trust(collecting).items()


def test_a_minute_has_a_key() -> None:
    assert trust_key(datetime(2026, 3, 1, 9, 5, tzinfo=UTC)) == "tideline:trust:202603010905"


def test_health_names_what_does_not_work(collecting: RunningApi) -> None:
    collecting.post("/api/v1/events", [EVENT] * 3)
    answer = collecting.client.get("/api/v1/health")
    assert answer.status_code == 503
    body = answer.json()
    assert body["checks"] == {
        "database": "ok",
        "redis": "ok",
        "writer": "failing",
        "workers": "failing",
        "schedule": "failing",
    }
    assert (body["status"], body["backlog"]["events"], body["dead_letters"]) == ("failing", 3, 0)
    assert body["backlog"]["oldest_age_s"] >= 0


def test_health_is_well_when_every_process_beats(collecting: RunningApi) -> None:
    with redis.Redis.from_url(collecting.redis_url) as client:
        for process in ("writer", "worker", "schedule"):
            client.set(f"tideline:heartbeat:{process}", int(time.time() * 1000))
    assert collecting.get("/api/v1/health")["status"] == "ok"
    with redis.Redis.from_url(collecting.redis_url) as client:
        client.set("tideline:heartbeat:writer", int(time.time() * 1000) - 16_000)
    assert collecting.get("/api/v1/health", expect=503)["checks"]["writer"] == "failing"


def test_sites_are_made_changed_and_deleted(collecting: RunningApi) -> None:
    made = collecting.post(
        "/api/v1/sites",
        {"site_id": "new", "currency": "EUR", "allowed_origins": ["https://New.example"]},
        expect=(201,),
    )
    assert set(made["keys"]) == {"collect", "read", "admin"}
    assert (made["timezone"], made["allowed_origins"]) == ("UTC", ["https://new.example"])
    collecting.post("/api/v1/events", {"site_id": "new", "name": "x"})
    collecting.post("/api/v1/sites", {"site_id": "new"}, expect=(409,))
    patched = collecting.client.patch("/api/v1/sites/new", json={"name": "Neu"})
    assert (patched.status_code, patched.json()["name"]) == (200, "Neu")
    for timezone, change in (("UTC", None), ("Europe/Berlin", "Europe/Berlin")):
        changed = collecting.client.patch("/api/v1/sites/new", json={"timezone": timezone})
        assert (changed.status_code, changed.json()["timezone"]) == (200, "UTC")
        begun = changed.json()["timezone_change"]
        assert (begun and begun["timezone"]) == change
    assert collecting.client.delete("/api/v1/sites/new").status_code == 204
    collecting.post("/api/v1/events", {"site_id": "new", "name": "x"}, expect=(404,))
    assert collecting.client.delete("/api/v1/sites/new").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"site_id": "Bad Slug"}, "site_id"),
        ({"site_id": "a", "timezone": "Mars/Base"}, "timezone"),
        ({"site_id": "a", "currency": "euro"}, "currency"),
        ({"site_id": "a", "session_gap_s": 0}, "session_gap_s"),
        ({"site_id": "a", "allowed_origins": ["https://a.example/path"]}, "allowed_origins"),
        ({"site_id": "a", "colour": "red"}, "colour"),
        ({}, "site_id"),
    ],
)
def test_a_site_that_cannot_be_is_refused(
    collecting: RunningApi, body: dict[str, object], field: str
) -> None:
    answer = collecting.client.post("/api/v1/sites", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field
