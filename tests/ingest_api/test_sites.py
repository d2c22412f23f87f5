"""Sites and keys in memory: fresh soon, found on a miss, in force while the database is away."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest_api.answers import ApiError
from ingest_api.sites import SiteCache, site_rules

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass
class Row:
    """A site as the database has it."""

    site_id: int = 1
    slug: str = "shop"
    zone: ZoneInfo = BERLIN
    session_gap_s: int = 1800
    allowed_origins: Sequence[str] = ("https://Shop.example/",)
    raw_from: datetime | None = None
    identity_key: bytes = b"k" * 32
    respects_dnt: bool = True


@dataclass
class Key:
    """A key as the database has it."""

    hash: bytes
    site_id: int | None = None
    scope: str = "collect"


@dataclass
class Database:
    """Rows that can be read, unless it is down."""

    sites: list[Row] = field(default_factory=lambda: [Row()])
    keys: list[Key] = field(default_factory=list)
    is_down: bool = False
    reads: int = 0

    async def load(self) -> tuple[Sequence[Row], Sequence[Key]]:
        self.reads += 1
        if self.is_down:
            raise ConnectionError("down")
        return list(self.sites), list(self.keys)


def test_a_site_becomes_rules() -> None:
    rules = site_rules(Row(raw_from=datetime(2026, 3, 1, tzinfo=UTC)))
    assert rules.raw_from_us == 1772323200_000_000
    assert rules.origins == {"https://shop.example"}
    assert rules.zone is BERLIN


def test_a_new_site_is_found_on_a_miss() -> None:
    async def run() -> Any:
        database = Database()
        cache = SiteCache(database.load)
        await cache.refresh()
        database.sites.append(Row(2, "new"))
        assert await cache.find_site("shop")
        reads = database.reads
        found = await asyncio.gather(*(cache.find_site("new") for _ in range(20)))
        return {site.site_id for site in found if site}, database.reads - reads

    found, reads = asyncio.run(run())
    assert found == {2}
    assert reads <= 2


def test_misses_share_few_readings() -> None:
    async def run() -> int:
        database = Database()
        cache = SiteCache(database.load)
        for _ in range(3):
            await asyncio.gather(*(cache.find_site(f"no-{n}") for n in range(50)))
        return database.reads

    assert asyncio.run(run()) <= 6


def test_a_key_is_found_by_its_hash() -> None:
    async def run() -> list[str | None]:
        database = Database(keys=[Key(hashlib.sha256(b"secret").digest())])
        cache = SiteCache(database.load)
        found = [await cache.find_key("secret"), await cache.find_key("guess")]
        return [key.scope if key else None for key in found]

    assert asyncio.run(run()) == ["collect", None]


def test_while_the_database_is_away_what_is_known_stays_in_force() -> None:
    async def run() -> None:
        database = Database()
        cache = SiteCache(database.load)
        await cache.refresh()
        database.is_down = True
        await cache.refresh()
        assert await cache.find_site("shop")
        with pytest.raises(ApiError) as caught:
            await cache.find_site("perhaps")
        assert (caught.value.status, caught.value.retry_after_s) == (503, 1)
        database.is_down = False
        assert await cache.find_site("perhaps") is None

    asyncio.run(run())
