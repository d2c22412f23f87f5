"""What the writer meets after a crash, one case at a time."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from sql.database import connect
from sql.events import CONSUMER_GROUP, CollectedEvent, encode_batch, shard_of, stream_key
from tests.pipeline import Pipeline, open_pipeline

AT_US = 1_773_140_400_000_000  # 2026-03-10 11:00 UTC
BATCH = "0123456789abcdef01234567"


@pytest.fixture
def pipeline(database_url: str, redis_url: str) -> Iterator[Pipeline]:
    with open_pipeline(database_url, redis_url) as pipeline:
        yield pipeline


def _event(site_id: int, name: str = "page_view", **fields: Any) -> CollectedEvent:
    return CollectedEvent(
        **{"site_id": site_id, "name": name, "ts_us": AT_US, "received_us": AT_US, **fields}
    )


def _add(pipeline: Pipeline, site_id: int, events: list[CollectedEvent], batch_id: str) -> None:
    entry: dict[Any, Any] = {"batch_id": batch_id, "events": encode_batch(events)}
    pipeline.client.xadd(stream_key(shard_of(site_id)), entry)


def _write_all(pipeline: Pipeline) -> None:
    while pipeline.writer.turn():
        pass


def _count(pipeline: Pipeline, relation: str) -> int:
    row = pipeline.conn.execute(f"SELECT count(*) FROM {relation}").fetchone()
    assert row is not None
    return int(row[0])


def _waiting(pipeline: Pipeline, site_id: int) -> int:
    return int(pipeline.client.xlen(stream_key(shard_of(site_id))))


def test_a_batch_that_was_added_twice_is_stored_once(pipeline: Pipeline) -> None:
    site = pipeline.new_site()
    events = [_event(site), _event(site, event_id="an id")]
    _add(pipeline, site, events, BATCH)
    _add(pipeline, site, events, BATCH)
    _write_all(pipeline)
    _add(pipeline, site, events, BATCH)
    _write_all(pipeline)
    assert _count(pipeline, "events") == 2
    assert _waiting(pipeline, site) == 0


def test_browsers_and_servers_have_ids_of_their_own(pipeline: Pipeline) -> None:
    site = pipeline.new_site()
    events = [_event(site, event_id="1", is_browser=is_browser) for is_browser in (False, True)]
    _add(pipeline, site, events, BATCH)
    _add(pipeline, site, [events[1], events[0], events[1]], BATCH[::-1])
    _write_all(pipeline)
    assert _count(pipeline, "events") == 2
    assert _count(pipeline, "intake_minutes WHERE outcome = 'duplicate' AND events = 3") == 1


def test_entries_that_another_reader_was_given_are_taken_over(pipeline: Pipeline) -> None:
    site = pipeline.new_site()
    _add(pipeline, site, [_event(site)], BATCH)
    key = stream_key(shard_of(site))
    pipeline.client.xreadgroup(CONSUMER_GROUP, "writer", {key: ">"})  # the answer is lost
    _write_all(pipeline)
    assert _count(pipeline, "events") == 0
    pipeline.writer.look_for_pending()
    _write_all(pipeline)
    assert _count(pipeline, "events") == 1
    assert _waiting(pipeline, site) == 0


def test_what_is_stored_and_not_taken_from_the_stream_is_not_stored_again(
    pipeline: Pipeline, database_url: str
) -> None:
    site = pipeline.new_site()
    _add(pipeline, site, [_event(site)], BATCH)
    with connect(database_url) as conn:
        conn.execute("INSERT INTO batch_ledger (batch_id) VALUES (%s)", (BATCH,))
    _write_all(pipeline)
    assert _count(pipeline, "events") == 0
    assert _waiting(pipeline, site) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "nul\0"},
        {"path": "/nul\0"},
        {"user_id": "nul\0"},
        {"event_id": "nul\0"},
        {"properties": "{"},
        {"properties": r'{"a": "\u0000"}'},
        {"value": "1e200000"},
        {"value": "ten"},
        {"site_id": 2**40},
        {"site_id": -1},
        {"ts_us": 2**62},
        {"ts_us": -(2**62)},
        {"received_us": 2**62},
        {"received_us": 300_000_000_000_000_000},
        {"visitor_id": 2**63},
        {"duration_ms": 2**31},
    ],
    ids=str,
)
def test_an_event_that_cannot_be_stored_harms_no_neighbour(
    pipeline: Pipeline, fields: dict[str, Any]
) -> None:
    site = pipeline.new_site()
    poison = msgspec.structs.replace(_event(site, visitor_id=7), **fields)
    events = [_event(site), poison, _event(site, visitor_id=8)]
    _add(pipeline, site, events, BATCH)
    _write_all(pipeline)
    assert _count(pipeline, "events") == 2
    assert _count(pipeline, "dead_letters WHERE error <> ''") == 1
    assert _waiting(pipeline, site) == 0
    pipeline.report()


@pytest.mark.parametrize(
    "entry",
    [
        {"batch_id": BATCH, "events": b"garbage"},
        {"batch_id": BATCH, "events": b""},
        {"batch_id": BATCH},
        {"batch_id": b"\xff\xfe", "events": encode_batch([])},
        {"events": encode_batch([])},
        {"something": "else"},
    ],
    ids=str,
)
def test_an_entry_that_is_no_batch_harms_no_neighbour(
    pipeline: Pipeline, entry: dict[Any, Any]
) -> None:
    site = pipeline.new_site()
    _add(pipeline, site, [_event(site)], BATCH[::-1])
    pipeline.client.xadd(stream_key(shard_of(site)), entry)
    _add(pipeline, site, [_event(site)], BATCH.replace("0", "f"))
    _write_all(pipeline)
    assert _count(pipeline, "events") == 2
    assert _count(pipeline, "dead_letters WHERE error <> ''") == 1
    assert _waiting(pipeline, site) == 0
