"""What the Data trust screen reads besides the database: the API's counts and the streams."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis import Redis as SyncRedis
from redis.asyncio import Redis

from dashboard_app.settings import Settings
from sql.database import connect
from sql.dead_letters import drop_dead_letters, replay_dead_letters
from sql.events import shard_of, stream_key
from sql.intake import trust_key
from sql.watching import FOLLOWED_S, WATCHED_KEY, Watched, decode_watched, watch_key

HEARTBEATS = {"writer": "Writer", "worker": "Workers", "schedule": "Schedule"}
FRESH_S = 15


@dataclass(frozen=True)
class Counted:
    """Events that the API met in an hour, by outcome (accepted, rejected, bot, dnt, refused)."""

    hour_at: datetime
    outcome: str
    reason: str
    events: int


@dataclass(frozen=True)
class Waiting:
    """What the site's stream holds, and which processes are alive."""

    batches: int
    oldest_s: float
    """Age of the longest-waiting batch, seconds; 0 when none waits."""
    alive: dict[str, bool]


class Trust:
    """Reads and replays for the screen; failures of Redis are raised."""

    def __init__(self, settings: Settings, redis: Redis) -> None:
        self._settings = settings
        self._redis = redis

    async def counted(self, slug: str, hours: Sequence[datetime]) -> list[Counted]:
        """What the API counted of a site in these hours, and of senders whose site is unknown."""
        minutes = [(hour, hour + timedelta(minutes=m)) for hour in hours for m in range(60)]
        pipeline = self._redis.pipeline(transaction=False)
        for _, minute in minutes:
            pipeline.hgetall(trust_key(minute))
        found: Counter[tuple[datetime, str, str]] = Counter()
        for (hour, _), counts in zip(minutes, await pipeline.execute(), strict=True):
            for field, events in counts.items():
                site, outcome, reason = field.decode("utf-8", "replace").split("|", 2)
                if site == slug:
                    found[hour, outcome, reason] += int(events)
                elif site == "":
                    found[hour, outcome, f"{reason} (no known site)"] += int(events)
        return [Counted(*key, events) for key, events in sorted(found.items())]

    async def waiting(self, site_id: int, now: datetime) -> Waiting:
        """The backlog of the site's stream and the heartbeats of the processes."""
        key = stream_key(shard_of(site_id))
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.xlen(key)
        pipeline.xrange(key, count=1)
        pipeline.mget([f"tideline:heartbeat:{name}" for name in HEARTBEATS])
        batches, first, beats = await pipeline.execute()
        now_ms = now.timestamp() * 1000
        oldest_ms = int(first[0][0].split(b"-")[0]) if first else now_ms
        alive = {
            label: beat is not None and now_ms - float(beat) < FRESH_S * 1000
            for label, beat in zip(HEARTBEATS.values(), beats, strict=True)
        }
        return Waiting(batches, max(0.0, (now_ms - oldest_ms) / 1000), alive)

    async def follow(self, slug: str, now: datetime) -> list[Watched]:
        """Lets the API tell what it makes of a site's events for a while; what it told, newest
        first."""
        until = now.timestamp() + FOLLOWED_S
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.zadd(WATCHED_KEY, {slug: until})
        pipeline.zremrangebyscore(WATCHED_KEY, "-inf", now.timestamp())
        pipeline.lrange(watch_key(slug), 0, -1)
        return [decode_watched(told) for told in (await pipeline.execute())[-1]]

    async def replay(self, letter_id: int | None) -> int:
        """Sends one dead letter, or all (None), through the writer again; returns how many."""
        return await asyncio.to_thread(self._replay, letter_id)

    async def drop(self, letter_id: int) -> int:
        """Forgets a dead letter."""
        return await asyncio.to_thread(self._drop, letter_id)

    def _replay(self, letter_id: int | None) -> int:
        with (
            connect(self._settings.database_url) as conn,
            SyncRedis.from_url(self._settings.redis_url) as client,
        ):
            return replay_dead_letters(conn, client, letter_id)

    def _drop(self, letter_id: int) -> int:
        with connect(self._settings.database_url) as conn:
            return drop_dead_letters(conn, letter_id)
