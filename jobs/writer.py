"""The writer: stream entries to events, exactly once, in order of arrival on a site."""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import redis
from redis.exceptions import ResponseError

from jobs.batches import Arrival, BatchBuilder, KnownSite, client_ids, encode_arrivals
from jobs.local_time import SiteClock
from jobs.process import heartbeat_key, start_logging, stop_on_signals
from jobs.settings import JobSettings
from sql.database import DataError, Disconnected, SyncConnection, connect
from sql.event_rows import SiteRules
from sql.events import CONSUMER_GROUP, STREAM_SHARDS, decode_batch, stream_key
from sql.labels import LabelIds
from sql.sites import goals_by_site, sites_by_id
from sql.writing import (
    DeadLetter,
    copy_events,
    ensure_months,
    enter_ledger,
    enter_seen,
    next_batch_seq,
    note_progress,
    release_shard,
    store_batch,
    try_own_shard,
)

log = logging.getLogger("tideline.writer")

CONSUMER = "writer"
SITES_FRESH_S = 2.0
READ_ENTRIES = 200
"""Stream entries taken per shard and turn."""
BLOCK_MS = 200

Entry = tuple[bytes, dict[bytes, bytes]]


class Writer:
    """Owns stream shards for as long as its database connection lives."""

    def __init__(self, conn: SyncConnection, client: "redis.Redis", batch_events: int) -> None:
        self._conn = conn
        self._redis = client
        self._batch_events = batch_events
        self._labels = LabelIds(conn)
        self._sites: dict[int, KnownSite] = {}
        self._sites_read_at = 0.0
        self._owned: set[int] = set()
        self._recovering: set[int] = set()
        for shard in range(STREAM_SHARDS):
            try:
                client.xgroup_create(stream_key(shard), CONSUMER_GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise

    def own_shards(self) -> set[int]:
        """Takes the leases that are free; entries left pending by another are read first."""
        for shard in set(range(STREAM_SHARDS)) - self._owned:
            if try_own_shard(self._conn, shard):
                self._owned.add(shard)
                self._recovering.add(shard)
        return self._owned

    def release(self) -> None:
        """Gives all leases back."""
        for shard in self._owned:
            release_shard(self._conn, shard)
        self._owned.clear()

    def turn(self, block_ms: int | None = None) -> int:
        """Reads and stores what waits; returns how many entries that were."""
        if not self._owned:
            return 0
        began = datetime.now(UTC)
        found = self._read(block_ms)
        drained = self._owned - self._recovering
        for shard, entries in found.items():
            if entries:
                self._store(shard, entries)
            if len(entries) >= READ_ENTRIES:
                drained.discard(shard)
        for shard in list(self._recovering):
            if not found.get(shard):
                self._recovering.discard(shard)
        if drained:
            note_progress(self._conn, sorted(drained), began)
        return sum(map(len, found.values()))

    def _read(self, block_ms: int | None) -> dict[int, list[Entry]]:
        streams: dict[Any, Any] = {
            stream_key(s): "0" if s in self._recovering else ">" for s in self._owned
        }
        shard_of_key = {stream_key(s).encode(): s for s in self._owned}
        answer: Any = self._redis.xreadgroup(
            CONSUMER_GROUP, CONSUMER, streams, count=READ_ENTRIES, block=block_ms
        )
        return {shard_of_key[key]: entries for key, entries in _pairs(answer)}

    def _store(self, shard: int, entries: list[Entry]) -> None:
        self._refresh_sites()
        chunk: list[Entry] = []
        size = 0
        for entry in entries:
            chunk.append(entry)
            size += len(entry[1].get(b"events", b"")) // 100
            if size >= self._batch_events:
                self._store_chunk(shard, chunk)
                chunk, size = [], 0
        if chunk:
            self._store_chunk(shard, chunk)

    def _store_chunk(self, shard: int, entries: list[Entry]) -> None:
        arrivals, undecodable = _decode(entries)
        if any(arrival.event.site_id not in self._sites for arrival in arrivals):
            self._refresh_sites(force=True)
        batch_seq = next_batch_seq(self._conn)
        rows = encode_arrivals(arrivals, self._labels, self._sites, batch_seq)
        ensure_months(self._conn, {a.event.ts_us for a in arrivals})
        try:
            self._transaction(arrivals, rows, undecodable, batch_seq)
        except DataError as error:
            log.warning("a batch was refused (%s); looking for the events that cause it", error)
            self._mark_refused(rows, list(range(len(rows))))
            self._transaction(arrivals, rows, undecodable, batch_seq)
        ids = [entry_id for entry_id, _ in entries]
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.xack(stream_key(shard), CONSUMER_GROUP, *ids)
        pipeline.xdel(stream_key(shard), *ids)
        pipeline.execute()

    def _transaction(
        self,
        arrivals: Sequence[Arrival],
        rows: Sequence[bytes | str],
        undecodable: Sequence[DeadLetter],
        batch_seq: int,
    ) -> None:
        builder = BatchBuilder()
        with self._conn.transaction():
            batch_ids = {a.batch_id for a in arrivals} | {d.batch_id for d in undecodable}
            fresh = enter_ledger(self._conn, sorted(batch_ids))
            builder.dead_letters.extend(d for d in undecodable if d.batch_id in fresh)
            new = [i for i, arrival in enumerate(arrivals) if arrival.batch_id in fresh]
            firsts = self._firsts([arrivals[i] for i in new if isinstance(rows[i], bytes)])
            for i in new:
                arrival, row = arrivals[i], rows[i]
                if isinstance(row, str):
                    builder.bury(arrival, row)
                elif arrival.event.event_id is None or arrival[:2] in firsts:
                    builder.take(arrival.event, row)
                else:
                    builder.count(arrival.event, "duplicate")
            store_batch(self._conn, builder.finish(), batch_seq)

    def _firsts(self, arrivals: Sequence[Arrival]) -> set[tuple[str, int]]:
        """Arrivals whose client id was not seen before on their site; the first to arrive wins."""
        firsts: set[tuple[str, int]] = set()
        for site_id, theirs in sorted(client_ids(arrivals).items()):
            by_hash = sorted(theirs.items())
            new = enter_seen(self._conn, site_id, [(h, a.event.ts_us) for h, a in by_hash])
            firsts.update(arrival[:2] for hash_, arrival in by_hash if hash_ in new)
        return firsts

    def _mark_refused(self, rows: list[bytes | str], indexes: list[int]) -> None:
        """Bisects down to the rows that the database refuses and puts the reason in their place."""
        good = [row for i in indexes if isinstance(row := rows[i], bytes)]
        try:
            with self._conn.transaction(force_rollback=True):
                copy_events(self._conn, good)
        except DataError as error:
            if len(indexes) == 1:
                rows[indexes[0]] = str(error).splitlines()[0]
                return
            middle = len(indexes) // 2
            self._mark_refused(rows, indexes[:middle])
            self._mark_refused(rows, indexes[middle:])

    def _refresh_sites(self, force: bool = False) -> None:
        now = time.monotonic()
        if not force and now - self._sites_read_at < SITES_FRESH_S:
            return
        goals = goals_by_site(self._conn)
        clocks = {site_id: known.clock for site_id, known in self._sites.items()}
        self._sites = {
            site.site_id: KnownSite(
                SiteRules(
                    site.site_id,
                    site.currency,
                    goals.get(site.site_id, frozenset()),
                    site.high_value_threshold,
                ),
                clocks.get(site.site_id) or SiteClock(site.zone),
            )
            for site in sites_by_id(self._conn).values()
        }
        self._sites_read_at = now


def _pairs(answer: Any) -> list[tuple[bytes, list[Entry]]]:
    """XREADGROUP's reply as pairs, whichever protocol version the client speaks."""
    if not answer:
        return []
    if isinstance(answer, dict):
        return [(key, batches[0] if batches else []) for key, batches in answer.items()]
    return [(key, entries) for key, entries in answer]


def _decode(entries: Sequence[Entry]) -> tuple[list[Arrival], list[DeadLetter]]:
    """Events of the entries in order, and the entries that are none."""
    arrivals: list[Arrival] = []
    undecodable: list[DeadLetter] = []
    for entry_id, fields in entries:
        batch_id = fields.get(b"batch_id", entry_id).decode()
        payload = fields.get(b"events", b"")
        try:
            events = decode_batch(payload)
        except ValueError as error:
            undecodable.append(DeadLetter(None, batch_id, str(error), payload))
            continue
        arrivals.extend(Arrival(batch_id, i, event) for i, event in enumerate(events))
    return arrivals, undecodable


def run(settings: JobSettings, stopping: threading.Event) -> None:
    """Writes until told to stop; reconnects by itself when a server goes away."""
    wait_s = 0.1
    while not stopping.is_set():
        try:
            with connect(settings.database_url) as conn:
                client = redis.Redis.from_url(settings.redis_url, socket_timeout=10)
                writer = Writer(conn, client, settings.writer_batch_events)
                log.info("writing")
                wait_s = 0.1
                _turns(writer, client, stopping)
        except (Disconnected, redis.ConnectionError, redis.TimeoutError) as error:
            log.warning("a server is away (%s); again in %.1f s", str(error).strip(), wait_s)
            stopping.wait(wait_s)
            wait_s = min(wait_s * 2, 2.0)


def _turns(writer: Writer, client: "redis.Redis", stopping: threading.Event) -> None:
    leases_at = 0.0
    while not stopping.is_set():
        now = time.monotonic()
        if now - leases_at > 1:
            writer.own_shards()
            client.set(heartbeat_key("writer"), int(time.time() * 1000))
            leases_at = now
        if not writer.turn(BLOCK_MS) and not writer.own_shards():
            stopping.wait(0.5)


def main() -> None:
    """Entry of the writer process."""
    start_logging()
    run(JobSettings(), stop_on_signals())


if __name__ == "__main__":
    main()
