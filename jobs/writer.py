"""The writer: stream entries to events, exactly once, in order of arrival on a site."""

import gc
import logging
import sys
import threading
import time
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from typing import Any

import redis
from redis.exceptions import ResponseError

from jobs.entries import Entry, decode_entries, entries_by_key
from jobs.figures import publish
from jobs.process import heartbeat_key, open_redis, start_logging, stop_on_signals
from jobs.settings import JobSettings
from jobs.storing import Batch, EventStore
from jobs.threads import OneAtATime
from sql.database import Disconnected, connect
from sql.events import CONSUMER_GROUP, STREAM_SHARDS, count_events, stream_key
from sql.writing import note_progress, release_shard, try_own_shard

log = logging.getLogger("tideline.writer")

CONSUMER = "writer"
MOST_ENTRIES = 300
"""Stream entries taken per shard and turn at most; fewer when they hold many events."""
BLOCK_MS = 200
TURN_S = 0.1
"""A turn that left nothing waiting takes this long: a transaction costs as much as many events."""
SWITCH_S = 0.0005
"""How long one thread keeps another from going on."""
GC_YOUNG = 100_000
"""New objects between two looks for cycles."""
LEASES_S = 1.0
PENDING_S = 5.0
"""How often entries are looked for that were handed out and not stored."""


class Writer(AbstractContextManager["Writer"]):
    """Owns stream shards for as long as its database connection lives.

    A batch is stored while the next one is read and prepared; never more than one is under way, so
    the order of arrival is kept. After an error nothing more is stored: close it.
    """

    def __init__(self, database_url: str, client: "redis.Redis", batch_events: int) -> None:
        """Raises Disconnected."""
        self._redis = client
        self._batch_events = batch_events
        with ExitStack() as stack:
            self._conn, lookups = (
                stack.enter_context(connect(database_url, application="tideline-writer"))
                for _ in range(2)
            )
            self._storing = stack.enter_context(OneAtATime())
            self._events = EventStore(self._conn, lookups)
            _create_groups(client)
            self._resources = stack.pop_all()
        self.is_behind = False
        """Whether the last turn left something waiting, or may have."""
        self._owned: set[int] = set()
        self._recovering: set[int] = set()
        self._entry_events = float(batch_events)
        """Events of an entry, as of the last turn; the first one reads with care."""

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    def own_shards(self) -> set[int]:
        """Takes the leases that are free; entries left pending by another are read first."""
        free = set(range(STREAM_SHARDS)) - self._owned
        if free:
            self._storing.wait()
        for shard in free:
            if try_own_shard(self._conn, shard):
                self._owned.add(shard)
                self._recovering.add(shard)
        return self._owned

    def look_for_pending(self) -> None:
        """Reads next what was handed out and not stored, before anything new.

        Redis may still serve a read whose connection this process has given up; its entries are
        pending and come to nobody by themselves.
        """
        self._recovering |= self._owned

    def release(self) -> None:
        """Gives all leases back."""
        self._storing.wait()
        for shard in self._owned:
            release_shard(self._conn, shard)
        self._owned.clear()

    def turn(self, block_ms: int | None = None) -> int:
        """Reads what waits and begins to store it; returns how many entries that were.

        Once it returns 0, everything that was read before is stored.
        """
        if not self._owned:
            return 0
        if self._recovering:
            self._storing.wait()  # what is being stored is pending, too
        began = datetime.now(UTC)
        most = max(1, min(MOST_ENTRIES, int(self._batch_events / self._entry_events)))
        found = self._read(most, block_ms)
        drained = self._owned - self._recovering
        events = 0
        for shard, entries in found.items():
            if entries:
                events += self._store(shard, entries)
            if len(entries) >= most:
                drained.discard(shard)
        self.is_behind = drained != self._owned
        for shard in list(self._recovering):
            if not found.get(shard):
                self._recovering.discard(shard)
        count = sum(map(len, found.values()))
        if drained:
            self._storing.follow(lambda: note_progress(self._conn, sorted(drained), began))
        if count == 0:
            self._storing.wait()
        self._entry_events = max(1.0, events / count) if count else self._entry_events
        return count

    def _read(self, most: int, block_ms: int | None) -> dict[int, list[Entry]]:
        streams: dict[Any, Any] = {
            stream_key(s): "0" if s in self._recovering else ">" for s in self._owned
        }
        shard_of_key = {stream_key(s).encode(): s for s in self._owned}
        answer: Any = self._redis.xreadgroup(
            CONSUMER_GROUP, CONSUMER, streams, count=most, block=block_ms
        )
        return {shard_of_key[key]: entries for key, entries in entries_by_key(answer)}

    def _store(self, shard: int, entries: list[Entry]) -> int:
        """Stores the entries, some at a time; returns how many events they held."""
        chunk: list[Entry] = []
        size = total = 0
        for entry in entries:
            chunk.append(entry)
            size += count_events(entry[1].get(b"events", b""))
            if size >= self._batch_events:
                self._store_chunk(shard, chunk)
                chunk, size, total = [], 0, total + size
        if chunk:
            self._store_chunk(shard, chunk)
        return total + size

    def _store_chunk(self, shard: int, entries: list[Entry]) -> None:
        batch = self._events.prepare(*decode_entries(entries))
        ids = [entry_id for entry_id, _ in entries]
        self._storing.begin(lambda: self._finish(shard, batch, ids))

    def _finish(self, shard: int, batch: Batch, ids: list[bytes]) -> None:
        self._events.store(batch)
        # Both or neither, else a crash between them leaves an entry that nobody is given again.
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.xack(stream_key(shard), CONSUMER_GROUP, *ids)
        pipeline.xdel(stream_key(shard), *ids)
        pipeline.execute()


def _create_groups(client: "redis.Redis") -> None:
    for shard in range(STREAM_SHARDS):
        try:
            client.xgroup_create(stream_key(shard), CONSUMER_GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise


def run(settings: JobSettings, stopping: threading.Event) -> None:
    """Writes until told to stop; reconnects by itself when a server goes away."""
    wait_s = 0.1
    while not stopping.is_set():
        try:
            with (
                open_redis(settings.redis_url) as client,
                Writer(settings.database_url, client, settings.writer_batch_events) as writer,
            ):
                log.info("writing")
                wait_s = 0.1
                _turns(writer, client, stopping)
        except (Disconnected, redis.ConnectionError, redis.TimeoutError) as error:
            log.warning("a server is away (%s); again in %.1f s", str(error).strip(), wait_s)
            stopping.wait(wait_s)
            wait_s = min(wait_s * 2, 2.0)


def _turns(writer: Writer, client: "redis.Redis", stopping: threading.Event) -> None:
    leases_at = pending_at = 0.0
    while not stopping.is_set():
        now = time.monotonic()
        if now - leases_at > LEASES_S:
            writer.own_shards()
            client.set(heartbeat_key("writer"), int(time.time() * 1000))
            publish(client, "writer")
            leases_at = now
        if now - pending_at > PENDING_S:
            writer.look_for_pending()
            pending_at = now
        if not writer.turn(BLOCK_MS) and not writer.own_shards():
            stopping.wait(0.5)
        elif not writer.is_behind:
            stopping.wait(max(0.0, now + TURN_S - time.monotonic()))


def main() -> None:
    """Entry of the writer process."""
    start_logging()
    # Storing waits for the server at every step, and after each for its turn to go on.
    sys.setswitchinterval(SWITCH_S)
    # What it remembers is large and in no cycle: looking through it would be in vain.
    gc.freeze()
    gc.set_threshold(GC_YOUNG, 50, 1_000)
    run(JobSettings(), stop_on_signals())


if __name__ == "__main__":
    main()
