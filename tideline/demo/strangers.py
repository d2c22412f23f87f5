"""Traffic that is not people: crawlers, which the API drops, and feed readers without identity."""

from datetime import date
from random import Random

from tideline.demo.catalogue import TITLES
from tideline.demo.people import Event
from tideline.demo.rhythm import DAY_MS, HOUR_MS, midnight_ms, wire_time
from tideline.demo.sites import DemoSite, Kind
from tideline.demo.trail import Timed

CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
)
WAVE_CRAWLER = "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)"
WAVE_AGO: dict[Kind, int] = {"shop": 15, "docs": 26}
WAVE_START_H = 2
WAVE_LENGTH_H = 5
WAVE_SIZE = 3.2
DAILY_SIZE = 0.03
"""Requests of the wave, and of crawlers on any day, per usual day's newcomer."""
FEED_SIZE = 0.05
PATHS: dict[Kind, tuple[str, ...]] = {kind: tuple(titles) for kind, titles in TITLES.items()}


def events_of_day(
    site: DemoSite, day: date, ago: int, anchor: str, usual: float, rng: Random
) -> list[Timed]:
    """Give the day's crawler and feed-reader events; `usual` is a usual day's newcomers."""
    begin = midnight_ms("UTC", day)
    timed = [
        _crawl(site, begin + int(rng.random() * DAY_MS), rng.choice(CRAWLERS), rng)
        for _ in range(round(usual * DAILY_SIZE))
    ]
    if ago == WAVE_AGO[site.kind]:
        timed += [
            _crawl(
                site,
                begin + int((WAVE_START_H + rng.random() * WAVE_LENGTH_H) * HOUR_MS),
                WAVE_CRAWLER,
                rng,
            )
            for _ in range(round(usual * WAVE_SIZE))
        ]
    if site.kind == "docs":
        timed += [
            _fetch_feed(site, begin + int(rng.random() * DAY_MS))
            for _ in range(round(usual * FEED_SIZE))
        ]
    for place, (_, event) in enumerate(timed):
        event["event_id"] = f"{anchor}-x{ago}-{place}"
    return timed


def _crawl(site: DemoSite, at_ms: int, user_agent: str, rng: Random) -> Timed:
    event: Event = {
        "site_id": site.slug,
        "name": "page_view",
        "timestamp": wire_time(at_ms),
        "url": f"https://{site.host}{rng.choice(PATHS[site.kind])}",
        "user_agent": user_agent,
    }
    return at_ms, event


def _fetch_feed(site: DemoSite, at_ms: int) -> Timed:
    event: Event = {
        "site_id": site.slug,
        "name": "feed_fetch",
        "timestamp": wire_time(at_ms),
        "url": f"https://{site.host}/blog/feed.xml",
    }
    return at_ms, event
