"""Ids of browsers that send none: the same for a local day, carried over midnight, then gone."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import redis
from redis.asyncio import Redis

from ingest_api.salts import BrowserIds, salt_key
from ingest_api.sites import SiteRules
from tests.ingest_api.wiring import micros, site_rules, stored

SITE = site_rules()


def today() -> date:
    """Asked when it is needed: a salt that died before its event could not carry it."""
    return datetime.now(UTC).date()


def visitors(redis_url: str, *steps: tuple[str, str], site: SiteRules = SITE) -> list[int | None]:
    """Ids of a browser's events, each at (day, time) in the site's zone, one process each."""

    days = {"yesterday": today() - timedelta(days=1), "today": today()}

    async def identify() -> list[int | None]:
        ids = []
        for day, at in steps:
            moment = datetime.combine(days[day], time.fromisoformat(at), site.zone)
            event = stored({})
            event = type(event)(site.site_id, "x", micros(moment.isoformat()), event.received_us)
            async with Redis.from_url(redis_url) as client:
                await BrowserIds(client).identify(site, event, "203.0.113.7\0Firefox")
            ids.append(event.visitor_id)
        return ids

    return asyncio.run(identify())


def test_a_browser_keeps_its_id_for_a_local_day(redis_url: str) -> None:
    tokyo = site_rules(zone=ZoneInfo("Asia/Tokyo"))
    early, late = visitors(redis_url, ("today", "00:00"), ("today", "23:59"), site=tokyo)
    assert early == late is not None


def test_an_id_outlives_the_number_of_its_site(redis_url: str) -> None:
    (before,) = visitors(redis_url, ("today", "12:00"))
    (after,) = visitors(redis_url, ("today", "12:01"), site=site_rules(site_id=5))
    assert before == after is not None


def test_the_next_day_it_is_another_visitor(redis_url: str) -> None:
    first, second = visitors(redis_url, ("yesterday", "12:00"), ("today", "12:00"))
    assert first != second


def test_a_visit_over_midnight_stays_one_visitor(redis_url: str) -> None:
    steps = [("yesterday", "23:50"), ("today", "00:10"), ("today", "00:35")]
    before, after, later = visitors(redis_url, *steps)
    assert before == after == later is not None


def test_after_a_gap_longer_than_a_sessions_the_new_id_counts(redis_url: str) -> None:
    (before,) = visitors(redis_url, ("yesterday", "23:50"))
    with redis.Redis.from_url(redis_url) as client:
        (seen,) = client.scan_iter("tideline:seen-anon:*")
        assert 0 < client.ttl(seen) <= 1800
        client.delete(seen)
    (after,) = visitors(redis_url, ("today", "00:10"))
    assert after not in (before, None)


def test_by_day_nobodys_sighting_is_recorded(redis_url: str) -> None:
    visitors(redis_url, ("today", "12:00"))
    with redis.Redis.from_url(redis_url) as client:
        assert [*client.scan_iter("tideline:seen-anon:*")] == []


def test_a_salt_dies_a_day_after_its_day(redis_url: str) -> None:
    berlin = site_rules(zone=ZoneInfo("Europe/Berlin"))
    day = today()
    visitors(redis_url, ("today", "12:00"), site=berlin)
    with redis.Redis.from_url(redis_url) as client:
        expires_at = client.execute_command("PTTL", salt_key(berlin, day))
    dies_at = datetime.now(UTC) + timedelta(milliseconds=expires_at)
    expected = datetime.combine(day + timedelta(days=2), time.min, ZoneInfo("Europe/Berlin"))
    assert abs(dies_at - expected) < timedelta(seconds=5)


def test_a_process_forgets_a_salt_when_it_dies(redis_url: str) -> None:
    async def forget() -> tuple[int, int]:
        async with Redis.from_url(redis_url) as client:
            ids = BrowserIds(client)
            event = stored({})
            now = datetime.now(UTC)
            event = type(event)(1, "x", micros(now.isoformat()), event.received_us)
            await ids.identify(SITE, event, "a")
            ids.forget_dead_salts(now)
            kept = len(ids._salts)
            ids.forget_dead_salts(now + timedelta(days=2))
            return kept, len(ids._salts)

    assert asyncio.run(forget()) == (1, 0)
