"""Forgetting which batches are written, once nothing can bring them again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import redis

from sql.database import SyncConnection
from sql.dead_letters import replay_batch_ids
from sql.events import STREAM_SHARDS, stream_key
from sql.upkeep import forget_batches

KEPT = timedelta(days=7)
"""How long a batch is remembered at least."""
MARGIN = timedelta(days=1)
"""By how much the clocks of Redis and the database may differ."""


def prune_ledger(conn: SyncConnection, client: "redis.Redis", now: datetime) -> int:
    """Forgets batches that no redelivery and no replay can need; returns how many.

    A batch is written after its entry came into the stream. So what was written before the oldest
    entry that is still there has none any more, however long the writer was away.
    """
    before = min([now - KEPT, *(at - MARGIN for at in _oldest_entries(client))])
    return forget_batches(conn, before, keep=replay_batch_ids(conn))


def _oldest_entries(client: "redis.Redis") -> list[datetime]:
    """When the oldest entry of each shard that has any came into the stream."""
    found = []
    for shard in range(STREAM_SHARDS):
        entries: Any = client.xrange(stream_key(shard), count=1)
        for entry_id, _ in entries:
            milliseconds, _, _ = entry_id.partition(b"-")
            found.append(datetime.fromtimestamp(int(milliseconds) / 1000, UTC))
    return found
