"""Storing a batch of events exactly once."""

import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg
from psycopg import adapters
from psycopg.adapt import Dumper
from psycopg.pq import Format

from sql.database import Disconnected
from sql.event_rows import COPY, EPOCH_2000_US, HEADER, TRAILER

VISITOR_SHARDS = 256
"""What session rebuilds are serialised by."""

_SHARD_LOCK = 7_100
"""Advisory lock class of the stream shards; the second key is the shard."""


_WRITERS_LOCK = 7_400
"""Advisory lock that every transaction of a writer shares."""


class SitesChanged(Disconnected):
    """A batch was prepared by what a site was before; nothing of it is stored."""


class Touch(NamedTuple):
    """A visitor's stream of events that a batch added to, and from when to when.

    Instants are microseconds since 1970-01-01 UTC; received_us is the earliest receipt.
    """

    site_id: int
    visitor_id: int
    session_key: int
    from_us: int
    to_us: int
    received_us: int


_INT = struct.Struct("!i").pack
_LONG = struct.Struct("!q").pack
_TOUCH = struct.Struct("!hihiiiqiqiqiqiq").pack


@dataclass(frozen=True)
class DeadLetter:
    """An event that could not be stored, and why."""

    site_id: int | None
    batch_id: str
    error: str
    event: bytes


@dataclass(frozen=True)
class SiteSpan:
    """What a batch added to a site: first and last instant, earliest receipt; microseconds."""

    site_id: int
    from_us: int
    to_us: int
    received_us: int


@dataclass(frozen=True)
class StoredBatch:
    """Everything that one transaction writes besides the ledger and the seen ids."""

    rows: Sequence[bytes]
    touches: Sequence[Touch]
    spans: Sequence[SiteSpan]
    outcomes: Counter[tuple[int, int, str]]
    """(site, minute of receipt in seconds since 1970, outcome) to number of events."""
    dead_letters: Sequence[DeadLetter] = ()


def try_own_shard(conn: psycopg.Connection[Any], shard: int) -> bool:
    """Takes the lease of a stream shard; it lasts as long as the connection."""
    row = conn.execute("SELECT pg_try_advisory_lock(%s, %s)", (_SHARD_LOCK, shard)).fetchone()
    return bool(row and row[0])


def release_shard(conn: psycopg.Connection[Any], shard: int) -> None:
    """Gives the lease of a stream shard back."""
    conn.execute("SELECT pg_advisory_unlock(%s, %s)", (_SHARD_LOCK, shard))


def enter_ledger(conn: psycopg.Connection[Any], batch_ids: Sequence[str]) -> set[str]:
    """Enters the batches into the ledger; returns those that were not in it yet."""
    rows = conn.execute(
        "INSERT INTO batch_ledger (batch_id) SELECT unnest(%s::text[])"
        " ON CONFLICT DO NOTHING RETURNING batch_id",
        (sorted(set(batch_ids)),),
    )
    return {row[0] for row in rows}


class _UuidArray(bytes):
    """uuid[] as PostgreSQL receives it."""


class _InstantArray(bytes):
    """timestamptz[] as PostgreSQL receives it."""


class _UuidArrayDumper(Dumper):
    format = Format.BINARY
    oid = adapters.types["uuid"].array_oid

    def dump(self, obj: bytes) -> bytes:
        return bytes(obj)


class _InstantArrayDumper(_UuidArrayDumper):
    oid = adapters.types["timestamptz"].array_oid


adapters.register_dumper(_UuidArray, _UuidArrayDumper)
adapters.register_dumper(_InstantArray, _InstantArrayDumper)


def _array(element: str, items: Sequence[bytes]) -> bytes:
    """The binary form of a one-dimensional array of elements of one size."""
    size = _INT(len(items[0]))
    head = struct.pack("!iiIii", 1, 0, adapters.types[element].oid, len(items), 1)
    return head + size + size.join(items)


def enter_seen(
    conn: psycopg.Connection[Any], site_id: int, hashes: Sequence[bytes], instants_us: Sequence[int]
) -> list[bytes]:
    """Enters 128-bit hashes of client event ids with their instants; returns those not seen yet.

    Instants are microseconds since 1970-01-01 UTC; there is at least one.
    """
    instants = [_LONG(us - EPOCH_2000_US) for us in instants_us]
    cursor = conn.execute(
        "INSERT INTO seen_events (site_id, hash, ts)"
        " SELECT %s, hash, ts FROM unnest(%s, %s) AS v(hash, ts)"
        " ON CONFLICT DO NOTHING RETURNING hash",
        (
            site_id,
            _UuidArray(_array("uuid", hashes)),
            _InstantArray(_array("timestamptz", instants)),
        ),
        binary=True,
    )
    new = cursor.pgresult  # as it comes: a UUID object for each would cost more than the statement
    return [new.get_value(i, 0) or b"" for i in range(new.ntuples)] if new else []


def next_batch_seq(conn: psycopg.Connection[Any]) -> int:
    """The number of this writer transaction."""
    row = conn.execute("SELECT nextval('batch_seq')").fetchone()
    assert row is not None
    return int(row[0])


def ensure_months(conn: psycopg.Connection[Any], instants_us: Iterable[int]) -> None:
    """Makes the partitions that the instants need; a no-op on TimescaleDB."""
    days = {us // 86_400_000_000 for us in instants_us}
    for month in {datetime.fromtimestamp(day * 86_400, UTC).date().replace(day=1) for day in days}:
        conn.execute("SELECT ensure_month(%s)", (month,))


def copy_events(conn: psycopg.Connection[Any], rows: Sequence[bytes]) -> None:
    """COPYs encoded rows into events."""
    with conn.cursor().copy(COPY) as copy:
        copy.write(HEADER + b"".join(rows) + TRAILER)


def hold_writers(conn: psycopg.Connection[Any]) -> None:
    """Waits for the writers' transactions, and lets none go on until the caller's ends."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (_WRITERS_LOCK,))


def check_sites(conn: psycopg.Connection[Any], batch: StoredBatch, batch_seq: int) -> None:
    """Raises SitesChanged when a site got another number, was copied without the batch, or keeps
    raw events from a later instant on.

    The caller holds the transaction, and with it, from here on, off whoever changes a site so.
    """
    conn.execute("SELECT pg_advisory_xact_lock_shared(%s)", (_WRITERS_LOCK,))
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM unnest(%s::int[], %s::timestamptz[]) AS span (site_id, from_at)"
        " JOIN sites USING (site_id) LEFT JOIN zone_changes z USING (site_id)"
        " WHERE moved_to IS NOT NULL OR greatest(z.done_seq, z.until_seq) >= %s"
        " OR from_at < raw_from)",
        (
            [span.site_id for span in batch.spans],
            [_instant(span.from_us) for span in batch.spans],
            batch_seq,
        ),
    ).fetchone()
    if row is not None and row[0]:
        raise SitesChanged("a site is being changed; its events are prepared again")


def store_batch(conn: psycopg.Connection[Any], batch: StoredBatch, batch_seq: int) -> None:
    """Writes the events and all that follows from them; the caller holds the transaction.

    Raises SitesChanged.
    """
    check_sites(conn, batch, batch_seq)
    if batch.rows:
        copy_events(conn, batch.rows)
    _copy_touches(conn, batch.touches)
    _insert_spans(conn, batch.spans, batch_seq)
    _insert_dead_letters(conn, batch.dead_letters)
    _count_outcomes(conn, batch.outcomes)


def _instant(us: int) -> datetime:
    return datetime.fromtimestamp(us // 1_000_000, UTC).replace(microsecond=us % 1_000_000)


def _copy_touches(conn: psycopg.Connection[Any], touches: Sequence[Touch]) -> None:
    if not touches:
        return
    rows = [
        _TOUCH(
            7, 2, t.visitor_id % VISITOR_SHARDS, 4, t.site_id, 8, t.visitor_id, 8, t.session_key,
            8, t.from_us - EPOCH_2000_US, 8, t.to_us - EPOCH_2000_US,
            8, t.received_us - EPOCH_2000_US,
        )
        for t in touches
    ]  # fmt: skip
    columns = "shard, site_id, visitor_id, session_key, from_at, to_at, received_at"
    with conn.cursor().copy(f"COPY touched_visitors ({columns}) FROM STDIN BINARY") as copy:
        copy.write(HEADER + b"".join(rows) + TRAILER)


def _insert_spans(conn: psycopg.Connection[Any], spans: Sequence[SiteSpan], batch_seq: int) -> None:
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO touched_batches VALUES (%s, %s, %s, %s, %s)",
            [
                (batch_seq, s.site_id, *map(_instant, (s.from_us, s.to_us, s.received_us)))
                for s in spans
            ],
        )


def _insert_dead_letters(conn: psycopg.Connection[Any], letters: Sequence[DeadLetter]) -> None:
    if not letters:
        return
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO dead_letters (site_id, batch_id, error, event) VALUES (%s, %s, %s, %s)",
            [(x.site_id, x.batch_id, x.error, x.event) for x in letters],
        )


def _count_outcomes(conn: psycopg.Connection[Any], outcomes: Counter[tuple[int, int, str]]) -> None:
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO intake_minutes (site_id, minute, outcome, events)"
            " VALUES (%s, to_timestamp(%s), %s, %s)"
            " ON CONFLICT (site_id, minute, outcome)"
            " DO UPDATE SET events = intake_minutes.events + excluded.events",
            [(*key, number) for key, number in sorted(outcomes.items())],
        )


def note_progress(
    conn: psycopg.Connection[Any], shards: Sequence[int], written_until: datetime
) -> None:
    """Notes that everything received before `written_until` on the shards is in the events."""
    conn.execute(
        "INSERT INTO writer_progress (shard, written_until)"
        " SELECT shard, %s FROM unnest(%s::smallint[]) AS shard ORDER BY shard"
        " ON CONFLICT (shard) DO UPDATE SET written_until ="
        " greatest(writer_progress.written_until, excluded.written_until)",
        (written_until, sorted(shards)),
    )
