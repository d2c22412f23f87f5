"""What waits in the stream for the writer, and when it is too much."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redis.asyncio import Redis

from ingest_api.settings import ApiSettings
from sql.events import STREAM_SHARDS, count_events, stream_key

_COUNTED_ENTRIES = 10


@dataclass(frozen=True)
class Backlog:
    """Events that were accepted and are not stored; exact while few entries wait."""

    events: int
    oldest_age_s: float
    """Age of the longest-waiting event, 0 when none waits."""


async def read_backlog(redis: Redis, *, events_per_entry: float, now: datetime) -> Backlog:
    """The backlog now; beyond a few entries a shard, `events_per_entry` makes it an estimate."""
    pipeline = redis.pipeline(transaction=False)
    for shard in range(STREAM_SHARDS):
        pipeline.xlen(stream_key(shard))
        pipeline.xrange(stream_key(shard), count=1)
    replies = await pipeline.execute()
    events = 0
    oldest_ms = now_ms = now.timestamp() * 1000
    for shard in range(STREAM_SHARDS):
        entries, first = replies[2 * shard : 2 * shard + 2]
        if not first:
            continue
        oldest_ms = min(oldest_ms, int(first[0][0].split(b"-")[0]))
        if entries <= _COUNTED_ENTRIES:
            events += await _count(redis, shard)
        else:
            events += round(entries * max(events_per_entry, _events_of(first[0][1])))
    return Backlog(events, max(0.0, (now_ms - oldest_ms) / 1000))


async def _count(redis: Redis, shard: int) -> int:
    entries: Any = await redis.xrange(stream_key(shard), count=_COUNTED_ENTRIES)
    return sum(_events_of(fields) for _, fields in entries)


def _events_of(fields: Mapping[bytes, bytes]) -> int:
    return count_events(fields.get(b"events", b""))


def gate_reason(backlog: Backlog, memory: Mapping[str, Any], settings: ApiSettings) -> str | None:
    """Why new events must wait; None when there is room. `memory` is Redis' INFO memory."""
    if backlog.events >= settings.backlog_limit_events:
        return f"{backlog.events} events wait to be written; send the events again later."
    limit = int(memory.get("maxmemory", 0))
    if limit and memory["used_memory"] >= limit * settings.backlog_limit_memory_share:
        return "The buffer's memory is nearly full; send the events again later."
    return None
