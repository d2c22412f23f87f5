"""One port tells Prometheus about every process."""

import time

import dramatiq
import httpx
import redis
from dramatiq.worker import Worker
from prometheus_client.parser import text_string_to_metric_families

from ingest_api.figures import OwnFigures, families_of, serve_figures
from ingest_api.metrics import Metrics
from jobs.broker import make_broker
from jobs.figures import job_failures, publish, written_events
from sql.figures import FIGURES_KEY, STALE_S
from tests.api import RunningApi
from tests.sites import SiteUnderTest
from tideline.ports import free_port


def _samples(text: str, name: str) -> dict[tuple[tuple[str, str], ...], float]:
    """Values by labels, those that name the process left out."""
    return {
        tuple((k, v) for k, v in sorted(s.labels.items()) if k not in ("process", "pid")): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
        if s.name == name
    }


def _scrape(redis_url: str) -> str:
    port = free_port()
    server = serve_figures(OwnFigures(Metrics()), redis_url, host="127.0.0.1", port=port)
    assert server is not None
    try:
        return httpx.get(f"http://127.0.0.1:{port}/metrics").text
    finally:
        server.shutdown()
        server.server_close()


def test_the_writer_counts_what_became_of_each_event(api: RunningApi, site: SiteUnderTest) -> None:
    late = {"timestamp": "2026-01-01T00:00:00Z"}
    event = {"site_id": site.slug, "name": "x"}
    api.post("/api/v1/events", [event, event | late, event | {"event_id": "a"}])
    api.post("/api/v1/events", event | {"event_id": "a"})
    before = _written(site.slug)
    api.settle()
    with redis.Redis.from_url(api.redis_url) as client:
        publish(client, "writer")
    text = _scrape(api.redis_url)
    written = _samples(text, "tideline_writer_events_total")
    for outcome, events in (("stored", 2), ("late", 1), ("duplicate", 1)):
        key = (("outcome", outcome), ("site", site.slug))
        assert written[key] - before.get(outcome, 0) == events
    assert _samples(text, "tideline_writer_commit_seconds_count")[()] >= 1
    assert _samples(text, "tideline_writer_batch_events_count")[()] >= 1


def _written(slug: str) -> dict[str, float]:
    return {
        s.labels["outcome"]: s.value
        for family in written_events.collect()
        for s in family.samples
        if s.name.endswith("_total") and s.labels["site"] == slug
    }


def test_a_process_that_is_gone_is_shown_no_more(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        old = int((time.time() - STALE_S - 1) * 1000)
        client.hset(FIGURES_KEY, "writer 1", b"%d\nx 1\n" % old)
        publish(client, "worker")
        text = _scrape(redis_url)
        assert b"writer 1" not in client.hkeys(FIGURES_KEY)
    assert 'process="worker"' in text
    assert 'process="api"' in text
    assert 'process="writer"' not in text


def test_families_of_several_processes_are_one() -> None:
    text = "# TYPE a_total counter\na_total 1.0\n"
    (family,) = families_of({"worker 1": text, "worker 2": text})
    assert [(s.labels["pid"], s.value) for s in family.samples] == [("1", 1.0), ("2", 1.0)]


def test_without_redis_the_api_still_tells_about_itself() -> None:
    assert "process_resident_memory_bytes" in _scrape("redis://127.0.0.1:1")


def test_a_job_is_timed_and_its_failure_counted(redis_url: str) -> None:
    broker = make_broker(redis_url)

    @dramatiq.actor(actor_name="test.fails", max_retries=0, broker=broker)
    def fails() -> None:
        raise ValueError("no")

    before = job_failures.labels("test.fails")._value.get()
    worker = Worker(broker, worker_threads=1, worker_timeout=50)
    worker.start()
    fails.send()
    deadline = time.monotonic() + 20
    while job_failures.labels("test.fails")._value.get() == before:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    worker.stop()
    broker.close()
    with redis.Redis.from_url(redis_url) as client:
        publish(client, "worker")
    counts = _samples(_scrape(redis_url), "tideline_job_seconds_count")
    assert counts[(("job", "test.fails"),)] == 1
