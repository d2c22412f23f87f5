"""Sites and keys in memory, so that no event waits for the database."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

from ingest_api.answers import unavailable

log = logging.getLogger(__name__)

MIN_RELOAD_INTERVAL_S = 0.2
MAX_STALE_S = 60.0


class SiteRow(Protocol):
    """What is read of a site: `sql.sites.Site` has it."""

    @property
    def site_id(self) -> int: ...
    @property
    def slug(self) -> str: ...
    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def session_gap_s(self) -> int: ...
    @property
    def allowed_origins(self) -> Sequence[str]: ...
    @property
    def raw_from(self) -> datetime | None: ...
    @property
    def identity_key(self) -> bytes: ...
    @property
    def respects_dnt(self) -> bool: ...


class KeyRow(Protocol):
    """What is read of an API key that is not revoked: `sql.keys.ApiKey` has it."""

    @property
    def hash(self) -> bytes: ...
    @property
    def site_id(self) -> int | None: ...
    @property
    def scope(self) -> str: ...


@dataclass(frozen=True, slots=True, eq=False)
class SiteRules:
    """A site as the collect path needs it."""

    site_id: int
    slug: str
    zone: ZoneInfo
    session_gap_s: int
    origins: frozenset[str]
    raw_from_us: int | None
    """Microseconds since 1970 UTC; no event before it is taken."""
    identity_key: bytes
    respects_dnt: bool


def site_rules(row: SiteRow) -> SiteRules:
    """The rules of a site as the database has it."""
    return SiteRules(
        site_id=row.site_id,
        slug=row.slug,
        zone=row.zone,
        session_gap_s=row.session_gap_s,
        origins=frozenset(origin.lower().rstrip("/") for origin in row.allowed_origins),
        raw_from_us=_microseconds(row.raw_from, row.zone),
        # blake2b takes keys of up to 64 bytes.
        identity_key=bytes(row.identity_key)[:64],
        respects_dnt=row.respects_dnt,
    )


def _microseconds(start: date | None, zone: ZoneInfo) -> int | None:
    if start is None:
        return None
    if not isinstance(start, datetime):
        start = datetime.combine(start, time.min, zone)
    return round(start.astimezone(UTC).timestamp() * 1_000_000)


@dataclass(frozen=True, slots=True)
class Directory:
    """All sites by slug and all valid keys by SHA-256, as they were at one moment."""

    sites: dict[str, SiteRules] = field(default_factory=dict)
    keys: dict[bytes, KeyRow] = field(default_factory=dict)
    origins: frozenset[str] = frozenset()
    slugs: dict[int, str] = field(default_factory=dict)
    """Slug of a site's number."""

    def key_of(self, token: str) -> KeyRow | None:
        """The key whose token this is."""
        return self.keys.get(hashlib.sha256(token.encode()).digest())


def directory_of(sites: Sequence[SiteRow], keys: Sequence[KeyRow]) -> Directory:
    """Directory of what the database holds; a site without slug is being rebuilt and left out."""
    rules = {row.slug: site_rules(row) for row in sites if row.slug}
    origins = frozenset().union(*(site.origins for site in rules.values()))
    slugs = {site.site_id: site.slug for site in rules.values()}
    return Directory(rules, {bytes(key.hash): key for key in keys}, origins, slugs)


Loader = Callable[[], Awaitable[tuple[Sequence[SiteRow], Sequence[KeyRow]]]]


class SiteCache:
    """The directory, read again every `refresh_s` and, rate-limited, on a miss.

    While the database is away the last directory stays in force; what it does not know is then
    answered by 503, never by "unknown".
    """

    def __init__(self, load: Loader, *, refresh_s: float = 2.0) -> None:
        self._load = load
        self._refresh_s = refresh_s
        self._reload: asyncio.Task[None] | None = None
        self._reloaded_at = -MIN_RELOAD_INTERVAL_S
        self._is_current = False
        self.directory = Directory()

    async def keep_fresh(self) -> None:
        """Refresh until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(self._refresh_s)

    async def refresh(self) -> None:
        """Read sites and keys now; calls at the same time share one reading."""
        if self._reload is None or self._reload.done():
            self._reload = asyncio.create_task(self._read())
        await asyncio.shield(self._reload)

    async def find_site(self, slug: str) -> SiteRules | None:
        """The site, looking into the database when it is not in memory."""
        return self.directory.sites.get(slug) or (await self._reread()).sites.get(slug)

    async def find_key(self, token: str) -> KeyRow | None:
        """The valid key with this token, looking into the database when it is not in memory."""
        return self.directory.key_of(token) or (await self._reread()).key_of(token)

    async def _reread(self) -> Directory:
        """A directory read after the call; 503 while the database cannot be read."""
        if self._reload is not None and not self._reload.done():
            # A reading under way may have begun before what is looked for was stored.
            await asyncio.shield(self._reload)
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._reloaded_at + MIN_RELOAD_INTERVAL_S - loop.time()))
        await self.refresh()
        if not self._is_current:
            raise unavailable("Sites and keys cannot be read from the database at the moment.")
        return self.directory

    async def _read(self) -> None:
        self._reloaded_at = asyncio.get_running_loop().time()
        try:
            self.directory = directory_of(*await self._load())
            self._is_current = True
        except Exception as error:  # whatever the database says, the process lives on
            if self._is_current or not self.directory.sites:
                log.warning("sites and keys cannot be read: %s", error)
            self._is_current = False
