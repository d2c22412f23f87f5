"""Sending demo traffic over HTTP, against a small collector on loopback that keeps what it gets."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from rich.console import Console

from tideline.demo import DemoError, run
from tideline.demo.live import LiveTraffic
from tideline.demo.send import Api, batches
from tideline.demo.sites import SHOP, default_sites

SINCE = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def instant(event: dict[str, object]) -> datetime:
    return datetime.fromisoformat(str(event["timestamp"]))


class Collector(ThreadingHTTPServer):
    """Keeps bodies by path; refuses the first `busy` requests with 503, crawlers with a reason."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.busy = 0
        self.status: dict[str, int] = {}
        self.bodies: dict[str, list[bytes]] = {}
        self.keys: set[str | None] = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.busy > 0:
            self.server.busy -= 1
            self.answer(503, {"error": {"message": "busy"}}, {"Retry-After": "0"})
            return
        self.server.keys.add(self.headers["Authorization"])
        self.server.bodies.setdefault(self.path, []).append(body)
        if self.path in self.server.status:
            self.answer(self.server.status[self.path], {"error": {"message": "not today"}})
        elif self.path.endswith("/batch"):
            bots = [i for i, event in enumerate(json.loads(body)) if "user_agent" in event]
            rejected = [{"index": i, "field": "user_agent", "message": "a crawler"} for i in bots]
            accepted = len(json.loads(body)) - len(bots)
            self.answer(202, {"accepted": accepted, "rejected": rejected})
        else:
            self.answer(201, {})

    def answer(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def small_run(collector: Collector, *, key: str | None = None) -> tuple[dict[str, int], str]:
    """Run the demo for three days; give accepted events by site and what it printed."""
    out = io.StringIO()
    console = Console(file=out, width=120)
    tallies = run(api_url=collector.url, key=key, days=3, console=console, visitors_per_day=60)
    return {slug: tally.accepted for slug, tally in tallies.items()}, out.getvalue()


def test_run_creates_both_sites_and_sends_each_in_order_of_arrival(collector: Collector) -> None:
    accepted, printed = small_run(collector, key="k1")
    sites = [json.loads(body) for body in collector.bodies["/api/v1/sites"]]
    assert [(site["site_id"], site["timezone"], site["currency"]) for site in sites] == [
        ("demo", "UTC", "USD"),
        ("docs", "Europe/Berlin", "EUR"),
    ]
    assert collector.keys == {"Bearer k1"}
    sent = [json.loads(body) for body in collector.bodies["/api/v1/events/batch"]]
    humans = sum("user_agent" not in event for batch in sent for event in batch)
    assert accepted["demo"] + accepted["docs"] == humans > 1_500
    assert all(len({event["site_id"] for event in batch}) == 1 for batch in sent)
    assert "(user_agent)" in printed


def test_experiments_are_defined_with_their_planned_weights(collector: Collector) -> None:
    small_run(collector)
    defined = [json.loads(body) for body in collector.bodies["/api/v1/experiments"]]
    assert [(one["site_id"], one["key"], one["control"]) for one in defined] == [
        ("demo", "checkout_button", "control"),
        ("docs", "pricing_headline", "control"),
    ]
    assert [variant["key"] for variant in defined[0]["variants"]] == ["control", "blue", "green"]


def test_existing_sites_and_a_server_without_experiments_are_fine(collector: Collector) -> None:
    collector.status = {"/api/v1/sites": 409, "/api/v1/experiments": 404}
    accepted, printed = small_run(collector)
    assert min(accepted.values()) > 0
    assert "checkout_button of demo is not defined" in printed


def test_a_busy_server_gets_the_same_batch_again(collector: Collector) -> None:
    collector.busy = 2
    api = Api(collector.url, None)
    receipt = api.send(next(batches([{"timestamp": "2026-11-19T10:00:00.000Z", "n": 1}])))
    api.close()
    assert receipt.accepted == 1
    assert collector.bodies["/api/v1/events/batch"] == [
        b'[{"timestamp":"2026-11-19T10:00:00.000Z","n":1}]'
    ]


@pytest.mark.parametrize(
    ("path", "status"), [("/api/v1/sites", 403), ("/api/v1/events/batch", 401)]
)
def test_a_refusal_ends_the_run_and_names_the_route(
    collector: Collector, path: str, status: int
) -> None:
    collector.status = {path: status}
    with pytest.raises(DemoError, match=f"POST {path} answered {status}: not today"):
        small_run(collector)


def test_a_run_of_which_nothing_is_accepted_fails(collector: Collector) -> None:
    collector.status = {"/api/v1/events/batch": 400}
    with pytest.raises(DemoError, match="took none of the events; it said: not today"):
        small_run(collector)


def test_batches_keep_order_and_both_limits() -> None:
    small: list[dict[str, object]] = [{"timestamp": "t", "n": number} for number in range(4_500)]
    assert [batch.count for batch in batches(small)] == [2_000, 2_000, 500]
    large: list[dict[str, object]] = [{"timestamp": "t", "pad": "x" * 30_000} for _ in range(70)]
    cut = list(batches(large))
    assert [batch.count for batch in cut] == [33, 33, 4]
    assert max(len(batch.body) for batch in cut) <= 1_000_000


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(DemoError, match="'localhost:8000' is no API address"):
        Api("localhost:8000", None)


def test_default_sites_differ_and_their_number_is_checked() -> None:
    assert [site.slug for site in default_sites(4)] == ["demo", "docs", "demo-3", "docs-4"]
    with pytest.raises(ValueError, match="0 demo sites asked for; ask for 1 to 50"):
        default_sites(0)


def test_live_traffic_is_due_in_order_and_never_ahead() -> None:
    streams = [LiveTraffic(SHOP, seed=7, since=SINCE, visits_per_minute=12) for _ in range(2)]
    sent: list[dict[str, object]] = []
    for minute in range(1, 31):
        now = SINCE + minute * MINUTE
        events, again = (stream.due(now) for stream in streams)
        assert events == again
        assert all(now - MINUTE <= instant(event) <= now for event in events)
        sent += events
    assert sent == sorted(sent, key=instant)
    assert 900 < len(sent) < 3_000
    assert len({event["event_id"] for event in sent}) == len(sent)
