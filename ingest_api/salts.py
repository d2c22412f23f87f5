"""Ids of browsers that send none: one a local day, from salts that live in Redis and die there."""

import secrets
from collections import OrderedDict
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import NamedTuple

import msgspec
from redis.asyncio import Redis

from ingest_api.identity import browser_visitor
from ingest_api.sites import SiteRules
from sql.events import CollectedEvent

MAX_REMEMBERED = 100_000
_DAY = timedelta(days=1)


def salt_key(site: SiteRules, day: date) -> str:
    """Redis key of the salt of a site's local day."""
    return f"tideline:salt:{_name_of(site)}:{day.isoformat()}"


def seen_key(site: SiteRules, visitor_id: int) -> str:
    """Redis key that exists while a browser was seen within the session gap."""
    return f"tideline:seen-anon:{_name_of(site)}:{visitor_id}"


def _name_of(site: SiteRules) -> str:
    """A name that stays when the site gets another number, as with another time zone."""
    return blake2b(site.identity_key, digest_size=8).hexdigest()


def _midnight_after(site: SiteRules, day: date) -> datetime:
    return datetime.combine(day + _DAY, time.min, site.zone).astimezone(UTC)


def _dies_at(site: SiteRules, day: date) -> datetime:
    return _midnight_after(site, day) + _DAY


def _text(stored: bytes | str) -> str:
    return stored.decode() if isinstance(stored, bytes) else stored


class _Salt(NamedTuple):
    text: str
    dies_at: datetime


class BrowserIds:
    """Visitor ids of browsers without ids.

    An id lasts for the site's local day of the event. Across midnight yesterday's goes on for as
    long as Redis saw it within the session gap; so sightings need recording only shortly before
    midnight, and of ids that were carried over.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._salts: dict[tuple[int, date], _Salt] = {}
        self._settled: OrderedDict[int, None] = OrderedDict()
        """Today's ids of browsers whose id of yesterday is known not to go on."""

    async def identify(self, site: SiteRules, event: CollectedEvent, fingerprint: str) -> None:
        """Set the event's visitor_id. Raises RedisError while Redis is away."""
        at = datetime.fromtimestamp(event.ts_us / 1_000_000, UTC)
        day = at.astimezone(site.zone).date()
        visitor = browser_visitor(site, fingerprint, await self._salt(site, day))
        carried = await self._carried(site, day, fingerprint, visitor)
        until_midnight = (_midnight_after(site, day) - at).total_seconds()
        if carried is not None or until_midnight <= site.session_gap_s:
            key = seen_key(site, visitor if carried is None else carried)
            await self._redis.set(key, b"", ex=site.session_gap_s)
        msgspec.structs.force_setattr(event, "visitor_id", visitor if carried is None else carried)

    async def _carried(
        self, site: SiteRules, day: date, fingerprint: str, visitor: int
    ) -> int | None:
        """Yesterday's id when it goes on; None when today's is to be used."""
        if visitor in self._settled:
            return None
        salt = await self._known_salt(site, day - _DAY)
        if salt is not None:
            yesterday = browser_visitor(site, fingerprint, salt)
            if await self._redis.exists(seen_key(site, yesterday)):
                return yesterday
        self._settled[visitor] = None
        if len(self._settled) > MAX_REMEMBERED:
            self._settled.popitem(last=False)
        return None

    async def _salt(self, site: SiteRules, day: date) -> str:
        """The salt of a day, made by whoever needs it first."""
        salt = await self._known_salt(site, day)
        if salt is not None:
            return salt
        made = secrets.token_hex(16)
        await self._redis.set(salt_key(site, day), made, nx=True, exat=_dies_at(site, day))
        # The last day whose events are taken may die between the check of its age and here.
        return await self._known_salt(site, day) or made

    async def _known_salt(self, site: SiteRules, day: date) -> str | None:
        known = self._salts.get((site.site_id, day))
        if known is not None:
            return known.text
        stored = await self._redis.get(salt_key(site, day))
        if stored is None:
            return None
        salt = self._salts[site.site_id, day] = _Salt(_text(stored), _dies_at(site, day))
        return salt.text

    def forget_dead_salts(self, now: datetime) -> None:
        """Drop the salts that died in Redis; call it every few seconds."""
        for key in [key for key, salt in self._salts.items() if salt.dies_at <= now]:
            del self._salts[key]
