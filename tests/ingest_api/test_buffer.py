"""The buffer: many requests, one entry; acknowledged when Redis has it, never before."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import redis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from ingest_api.answers import ApiError
from ingest_api.backlog import Backlog, gate_reason, read_backlog
from ingest_api.buffer import Buffer, new_batch_id
from ingest_api.settings import ApiSettings
from sql.events import stream_key
from tests.ingest_api.wiring import NOW, stored, stream_events
from tideline.embedded import running_servers

SETTINGS = ApiSettings(
    _env_file=None, database_url="postgresql://", redis_url="redis://", backlog_limit_events=10
)


def buffered(
    redis_url: str, use: Callable[[Buffer], Awaitable[object]], *, retry_s: float = 0.2
) -> None:
    """Use a running buffer, then drain it."""

    async def run() -> None:
        retry = Retry(NoBackoff(), 0)
        async with Redis.from_url(redis_url, socket_timeout=1, retry=retry) as client:
            buffer = Buffer(client, wait_ms=5, retry_s=retry_s)
            buffer.start()
            try:
                await use(buffer)
            finally:
                await buffer.drain()

    asyncio.run(run())


def entries(redis_url: str, shard: int = 1) -> int:
    """Number of entries of a shard's stream."""
    with redis.Redis.from_url(redis_url) as client:
        return int(client.xlen(stream_key(shard)))


def test_batch_ids_are_24_hex_characters_that_sort_by_time() -> None:
    ids = [new_batch_id() for _ in range(50)]
    assert all(len(i) == 24 and i == i.lower() and int(i, 16) for i in ids)
    assert len({*ids}) == 50
    assert sorted(i[:12] for i in ids) == [i[:12] for i in ids]


def test_requests_at_the_same_time_share_an_entry_in_order(redis_url: str) -> None:
    async def add(buffer: Buffer) -> None:
        names = [f"n{number}" for number in range(40)]
        await asyncio.gather(*(buffer.add(1, [stored({"name": name})], 100) for name in names))

    buffered(redis_url, add)
    assert [event.name for event in stream_events(redis_url)] == [f"n{n}" for n in range(40)]
    assert entries(redis_url) <= 2


def test_a_large_entry_is_cut(redis_url: str) -> None:
    async def add(buffer: Buffer) -> None:
        await asyncio.gather(*(buffer.add(1, [stored({})] * 2500, 100) for _ in range(5)))

    buffered(redis_url, add)
    assert (entries(redis_url), len(stream_events(redis_url))) == (3, 12_500)


def test_what_waits_is_written_before_the_end(redis_url: str) -> None:
    waiting: list[asyncio.Task[None]] = []

    async def add(buffer: Buffer) -> None:
        waiting.append(asyncio.create_task(buffer.add(1, [stored({})], 100)))
        await asyncio.sleep(0)

    buffered(redis_url, add)
    assert waiting[0].exception() is None
    assert len(stream_events(redis_url)) == 1


def test_without_redis_senders_are_asked_to_come_back(tmp_path: Path) -> None:
    async def add(buffer: Buffer) -> None:
        with pytest.raises(ApiError) as caught:
            await buffer.add(1, [stored({})], 100)
        assert (caught.value.status, caught.value.retry_after_s) == (503, 1)

    buffered(f"unix://{tmp_path}/nobody.sock", add)


@pytest.fixture
def stalling_redis(tmp_path: Path) -> Iterator[str]:
    """A Redis of one's own, to be stalled."""
    with running_servers(tmp_path, durable=False) as servers:
        yield servers.redis.url


def test_a_write_is_tried_again_until_redis_answers(stalling_redis: str) -> None:
    def stall() -> None:
        with redis.Redis.from_url(stalling_redis) as client:
            client.execute_command("CLIENT", "PAUSE", 1500, "WRITE")

    async def add(buffer: Buffer) -> None:
        await asyncio.to_thread(stall)
        await buffer.add(1, [stored({})], 100)

    buffered(stalling_redis, add, retry_s=10)
    with redis.Redis.from_url(stalling_redis) as client:
        ids = {fields[b"batch_id"] for _, fields in client.xrange(stream_key(1))}
    assert len(ids) == 1


def test_a_full_buffer_refuses_before_anything_is_read() -> None:
    buffer = Buffer(Redis(), wait_ms=1, retry_s=1)
    buffer.close_gate("full")
    with pytest.raises(ApiError) as caught:
        buffer.check_room()
    assert (caught.value.status, caught.value.message) == (503, "full")
    buffer.close_gate(None)
    buffer.check_room()


@pytest.mark.parametrize(
    ("events", "memory", "is_open"),
    [
        (9, {"maxmemory": 0, "used_memory": 5}, True),
        (10, {"maxmemory": 0, "used_memory": 5}, False),
        (0, {"maxmemory": 100, "used_memory": 89}, True),
        (0, {"maxmemory": 100, "used_memory": 90}, False),
    ],
)
def test_the_gate_closes_at_its_limits(events: int, memory: dict[str, int], is_open: bool) -> None:
    assert (gate_reason(Backlog(events, 1.0), memory, SETTINGS) is None) == is_open


def test_the_backlog_counts_events_not_entries(redis_url: str) -> None:
    async def add(buffer: Buffer) -> None:
        await buffer.add(1, [stored({})] * 30, 100)
        await buffer.add(2, [stored({})] * 4, 100)

    buffered(redis_url, add)

    async def read() -> Backlog:
        async with Redis.from_url(redis_url) as client:
            return await read_backlog(client, events_per_entry=1.0, now=NOW)

    assert asyncio.run(read()).events == 34
