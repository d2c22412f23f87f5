"""Leaving what became of events where the live debugger looks, of the sites that are followed."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from ingest_api.intake import Taken
from sql.watching import (
    KEPT_EVENTS,
    KEPT_S,
    WATCHED_KEY,
    Watched,
    encode_watched,
    watch_key,
)

log = logging.getLogger(__name__)

_SECRET_FIELDS = ("ip", "user_agent")
"""What was wrong with these is told to their sender alone."""


class Watching:
    """Which sites are followed, as of the last second, and telling what they were sent."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.sites: frozenset[str] = frozenset()

    async def refresh(self, now_s: float) -> None:
        """Learns which sites are followed. Raises RedisError."""
        slugs: list[bytes]
        slugs = await self._redis.zrangebyscore(WATCHED_KEY, now_s, "+inf")  # type: ignore[assignment]
        self.sites = frozenset(slug.decode() for slug in slugs)

    async def tell(self, taken: Taken, at_us: int) -> None:
        """Leaves a request's events; the debugger may miss some when Redis does not answer."""
        told: dict[str, list[bytes]] = {}
        for slug, made in _made(taken, self.sites):
            entries = told.setdefault(slug, [])
            entries.append(encode_watched(Watched(at_us, len(entries), *made)))
        if not told:
            return
        pipeline = self._redis.pipeline(transaction=False)
        for slug, entries in told.items():
            key = watch_key(slug)
            pipeline.lpush(key, *entries[-KEPT_EVENTS:])
            pipeline.ltrim(key, 0, KEPT_EVENTS - 1)
            pipeline.expire(key, KEPT_S)
        with suppress(RedisError):
            await pipeline.execute()


def _made(taken: Taken, followed: frozenset[str]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """What became of a request's events, each with the followed site it is shown at.

    What names no known site is shown at all of them.
    """
    for site, events in taken.events.items():
        if site.slug in followed:
            for event in events[-KEPT_EVENTS:]:
                yield site.slug, ("accepted", event)
    for one in taken.refused[-KEPT_EVENTS:]:
        is_secret = one.field is None or one.field in _SECRET_FIELDS
        message = None if is_secret else one.message
        for slug in followed if one.slug == "" else followed & {one.slug}:
            yield slug, (one.outcome, None, one.reason, message, one.event_id)
