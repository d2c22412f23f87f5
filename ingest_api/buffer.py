"""The way into the stream: events of many requests share one XADD, acknowledged when it is done."""

import asyncio
import logging
import os
import time
from collections.abc import Sequence
from typing import NamedTuple

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from ingest_api.answers import ApiError, unavailable
from sql.events import STREAM_SHARDS, CollectedEvent, encode_batch, stream_key

log = logging.getLogger(__name__)

MAX_ENTRY_EVENTS = 5_000
MAX_WAITING_BYTES = 64 * 1024 * 1024
_FIRST_RETRY_S = 0.02
_LAST_RETRY_S = 0.5
_IDLE_ROUNDS = 2
"""Rounds of the event loop after which nobody is coming: one to read a request, one to check it."""


def new_batch_id() -> str:
    """24 lower-case hex characters that sort by time: 12 of epoch milliseconds, 12 random."""
    return f"{time.time_ns() // 1_000_000:012x}{os.urandom(6).hex()}"


class _Request(NamedTuple):
    events: Sequence[CollectedEvent]
    done: asyncio.Future[None]


class _Shard:
    """One stream's waiting events; one XADD is under way at a time, so their order is kept."""

    def __init__(self, redis: Redis, shard: int, *, wait_s: float, retry_s: float) -> None:
        self._redis = redis
        self._key = stream_key(shard)
        self._wait_s = wait_s
        self._retry_s = retry_s
        self._wrote_at = float("-inf")
        self._waiting: list[_Request] = []
        self._arrived = asyncio.Event()
        self._is_stopping = False
        self.written_entries = 0
        self.written_events = 0

    def put(self, events: Sequence[CollectedEvent]) -> asyncio.Future[None]:
        """Queue events; the future is done once they are in the stream, or fails with ApiError."""
        request = _Request(events, asyncio.get_running_loop().create_future())
        self._waiting.append(request)
        self._arrived.set()
        return request.done

    async def run(self) -> None:
        """Write what waits, until stopped and nothing does."""
        while True:
            await self._arrived.wait()
            if self._is_stopping and not self._waiting:
                return
            await self._gather()
            requests = self._take()
            error = await self._write([event for request in requests for event in request.events])
            for request in requests:
                if not request.done.done():
                    _finish(request.done, error)

    async def _gather(self) -> None:
        """Let requests join: a write costs as much as several of them.

        Soon after a write until it is `wait_s` ago; otherwise as long as more are coming, `wait_s`
        at most, so that a single request waits for nobody.
        """
        began = time.monotonic()
        rest_s = self._wrote_at + self._wait_s - began
        if rest_s > 0:
            await asyncio.sleep(rest_s)
        else:
            count, idle_rounds = len(self._waiting), 0
            while idle_rounds < _IDLE_ROUNDS and time.monotonic() - began < self._wait_s:
                await asyncio.sleep(0)
                idle_rounds = idle_rounds + 1 if len(self._waiting) == count else 0
                count = len(self._waiting)
        self._wrote_at = time.monotonic()

    def _take(self) -> list[_Request]:
        events = count = 0
        for request in self._waiting:
            if count and events + len(request.events) > MAX_ENTRY_EVENTS:
                break
            events += len(request.events)
            count += 1
        taken = self._waiting[:count]
        del self._waiting[:count]
        if not self._waiting and not self._is_stopping:
            self._arrived.clear()
        return taken

    def stop(self) -> None:
        """End `run` once nothing waits."""
        self._is_stopping = True
        self._arrived.set()

    async def _write(self, events: list[CollectedEvent]) -> ApiError | None:
        try:
            await self._add(encode_batch(events))
        except Exception as error:  # whatever it is, the senders must hear of it
            log.warning("%d events were not taken: %s", len(events), error)
            return unavailable("The buffer cannot take events at the moment; send them again.")
        self.written_entries += 1
        self.written_events += len(events)
        return None

    async def _add(self, payload: bytes) -> None:
        """XADD, tried again on a broken connection; the batch id makes a second entry harmless."""
        fields = {"batch_id": new_batch_id(), "events": payload}
        give_up_at = time.monotonic() + self._retry_s
        pause_s = _FIRST_RETRY_S
        while True:
            try:
                await self._redis.xadd(self._key, fields)  # type: ignore[arg-type]
                return
            except (RedisConnectionError, RedisTimeoutError):
                if time.monotonic() + pause_s > give_up_at:
                    raise
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LAST_RETRY_S)


def _finish(done: asyncio.Future[None], error: ApiError | None) -> None:
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


class Buffer:
    """Takes events for the stream and says when they are safe there."""

    def __init__(self, redis: Redis, *, wait_ms: float, retry_s: float) -> None:
        self._shards = [
            _Shard(redis, shard, wait_s=wait_ms / 1000, retry_s=retry_s)
            for shard in range(STREAM_SHARDS)
        ]
        self._tasks: list[asyncio.Task[None]] = []
        self._full: str | None = None
        self._waiting_bytes = 0
        """Memory of requests that are not acknowledged yet."""

    def start(self) -> None:
        """Begin writing; call it in the running loop."""
        self._tasks = [asyncio.create_task(shard.run()) for shard in self._shards]

    async def add(self, shard: int, events: Sequence[CollectedEvent], size: int) -> None:
        """Return once the events are in the stream, as durably as Redis is set up to be.

        `size` is their request's share of memory in bytes. Raises ApiError 503 when they are not
        in the stream, or when that is not known.
        """
        self._waiting_bytes += size
        try:
            await self._shards[shard].put(events)
        finally:
            self._waiting_bytes -= size

    def check_room(self) -> None:
        """Raise ApiError 503 when the backlog or this process's memory has no room."""
        if self._full:
            raise unavailable(self._full, retry_after_s=5)
        if self._waiting_bytes > MAX_WAITING_BYTES:
            raise unavailable("Too many events wait for the buffer; send them again.")

    def close_gate(self, reason: str | None) -> None:
        """Refuse new events for `reason`; None takes them again."""
        if reason and reason != self._full:
            log.warning("new events are refused: %s", reason)
        self._full = reason

    @property
    def events_per_entry(self) -> float:
        """Mean number of events that this process wrote into an entry; 1 before the first."""
        entries = sum(shard.written_entries for shard in self._shards)
        return sum(shard.written_events for shard in self._shards) / entries if entries else 1.0

    async def drain(self) -> None:
        """Write what still waits, then stop; every sender gets its answer."""
        for shard in self._shards:
            shard.stop()
        await asyncio.gather(*self._tasks)
