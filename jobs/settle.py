"""Waiting until everything accepted so far is in every report."""

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import redis

from jobs.experiment_refresh import experiments_are_due, refresh_experiments
from jobs.process import open_redis
from jobs.trends import compute_trends
from jobs.writer import Writer
from sql.cohorts import recompute_due
from sql.database import SyncConnection, connect
from sql.event_rollups import add_touched_batches
from sql.events import STREAM_SHARDS, stream_key
from sql.filtered_days import store_due
from sql.freshness import now_of, pending_touches
from sql.goals import apply_changed_goals
from sql.kpis import compute_minutes, has_touched_minutes
from sql.sessions import rebuild_sessions
from sql.writing import SitesChanged
from sql.zone_changes import advance_zone_changes

POLL_S = 0.05


@dataclass(frozen=True)
class SettleResult:
    """How a settle ended: events that went to dead letters meanwhile, and whether time ran out."""

    dead_letters: int
    timed_out: bool


def settle(database_url: str, redis_url: str, timeout_s: float = 120.0) -> SettleResult:
    """Brings everything accepted before the call into every report, running the due jobs at once.

    Writes waiting stream entries itself where no writer is running; otherwise waits for it.
    """
    deadline = time.monotonic() + timeout_s
    with connect(database_url) as conn, open_redis(redis_url) as client:
        letters = _dead_letters(conn)
        done = _drained(database_url, client, deadline) and _report(conn, deadline)
        return SettleResult(_dead_letters(conn) - letters, not done)


def _dead_letters(conn: SyncConnection) -> int:
    row = conn.execute("SELECT count(*) FROM dead_letters").fetchone()
    return int(row[0]) if row else 0


def _newest(client: redis.Redis, shard: int) -> bytes | None:
    entries: Any = client.xrevrange(stream_key(shard), count=1)
    return entries[0][0] if entries else None


def _order(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, number = entry_id.partition(b"-")
    return int(milliseconds), int(number)


def _waits(client: redis.Redis, shard: int, until: bytes) -> bool:
    entries: Any = client.xrange(stream_key(shard), count=1)
    return bool(entries) and _order(entries[0][0]) <= _order(until)


def _drained(database_url: str, client: redis.Redis, deadline: float) -> bool:
    while True:
        with suppress(SitesChanged):
            return _drain(database_url, client, deadline)


def _drain(database_url: str, client: redis.Redis, deadline: float) -> bool:
    """Waits until every stream entry of now is written."""
    targets = {s: newest for s in range(STREAM_SHARDS) if (newest := _newest(client, s))}
    if not targets:
        return True
    with Writer(database_url, client, batch_events=10_000) as writer:
        while targets:
            targets = {s: until for s, until in targets.items() if _waits(client, s, until)}
            if targets and time.monotonic() > deadline:
                return False
            if targets and not (writer.own_shards() and writer.turn()):
                time.sleep(POLL_S)
        writer.release()
    return True


def _report(conn: SyncConnection, deadline: float) -> bool:
    """Runs the due jobs until nothing is left that waited for them."""
    while _rebuild(conn, deadline):
        if not advance_zone_changes(conn):
            return _follow_up(conn, deadline)
    return False


def _rebuild(conn: SyncConnection, deadline: float) -> bool:
    apply_changed_goals(conn)
    until = max(now_of(conn), datetime.now(UTC))  # the API stamps receipts by its own clock
    while pending_touches(conn, until):
        if time.monotonic() > deadline:
            return False
        if not rebuild_sessions(conn) + add_touched_batches(conn):
            time.sleep(POLL_S)
    return True


def _follow_up(conn: SyncConnection, deadline: float) -> bool:
    """Computes what is derived from the rollups, once these are complete."""
    while has_touched_minutes(conn):
        if time.monotonic() > deadline:
            return False
        if not compute_minutes(conn):
            time.sleep(POLL_S)
    compute_trends(conn, datetime.now(UTC))
    recompute_due(conn)
    store_due(conn, rest_s=0, patience_s=deadline - time.monotonic())
    while experiments_are_due(conn):
        if time.monotonic() > deadline:
            return False
        if not refresh_experiments(conn):
            time.sleep(POLL_S)
    return True
