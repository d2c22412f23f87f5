"""Believable demo traffic as a pure function of sites, days, instant and seed."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from heapq import merge
from operator import itemgetter
from random import Random
from typing import NamedTuple

from tideline.demo import docs, rhythm, shop, strangers
from tideline.demo.campaigns import (
    CAMPAIGNS,
    NEWSLETTER,
    NEWSLETTER_SHARE,
    NEWSLETTER_WEEKDAY,
    Campaign,
)
from tideline.demo.delivery import deliver
from tideline.demo.people import PASSING, Event, Visitor, choose_country, return_times
from tideline.demo.rhythm import HOUR_MS, midnight_ms
from tideline.demo.sites import DemoSite
from tideline.demo.sources import RETURNS, Origin, steady_sources
from tideline.demo.trail import Timed, Trail

VISITORS_PER_DAY = 330
WARM_UP_DAYS = 24
"""Days simulated before the first one, so that it already has returning visitors."""
EASTERNMOST_H = 14
MOST_DAYS = 730
DAY = timedelta(days=1)
WALKS = {"shop": shop.visit, "docs": docs.visit}


class Visit(NamedTuple):
    """A visit to come; `seed` decides everything that happens in it."""

    visitor: Visitor
    origin: Origin
    at_ms: int
    seed: int


def generate(
    *,
    sites: Sequence[DemoSite],
    days: int,
    until: datetime,
    seed: int,
    visitors_per_day: int = VISITORS_PER_DAY,
) -> Iterator[Event]:
    """Yield the events of `days` local days ending with the instant `until`, in order of arrival.

    Each is a body of the collect API's batch. `visitors_per_day` is the number of new visitors of
    an average recent day on a site of volume 1. The same arguments give the same events; a later
    `until` on the same local day of each site gives the same and those in between, so that
    sending them again adds only what is new.
    """
    streams = [arrivals(site, days, until, seed, visitors_per_day) for site in sites]
    merged = streams[0] if len(streams) == 1 else merge(*streams, key=itemgetter(0))
    for _, event in merged:
        yield event


def arrivals(
    site: DemoSite, days: int, until: datetime, seed: int, visitors_per_day: int
) -> Iterator[Timed]:
    """Yield (arrival in epoch ms, event) of one site, arrivals ascending."""
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"{days} days asked for; ask for 1 to {MOST_DAYS}")
    crowd = _Crowd(site, rhythm.local_day(site.timezone, until), seed, visitors_per_day)
    first_day = crowd.last_day - (days - 1) * DAY
    first_ms = midnight_ms(site.timezone, first_day)
    end_ms = int(until.timestamp() * 1000)
    waiting: list[Timed] = []
    for offset in range(-WARM_UP_DAYS, days + 1):
        day = first_day + offset * DAY
        waiting += crowd.live_through(day, first_ms)
        waiting.sort(key=itemgetter(0))
        settled_ms = min(end_ms, midnight_ms("UTC", day + DAY) - EASTERNMOST_H * HOUR_MS)
        count = bisect_right(waiting, settled_ms, key=itemgetter(0))
        yield from waiting[:count]
        del waiting[:count]


class _Crowd:
    """Everybody who ever visits one site."""

    def __init__(self, site: DemoSite, last_day: date, seed: int, visitors_per_day: int) -> None:
        self.site = site
        self.last_day = last_day
        self.seed = seed
        self.usual = visitors_per_day * site.volume
        self.anchor = f"{last_day.toordinal():x}"
        self.booked: dict[date, list[Visit]] = defaultdict(list)
        self.readers: list[Visitor] = []
        """Who gets the newsletter."""
        self.rng = Random()

    def live_through(self, day: date, first_ms: int) -> list[Timed]:
        """Give the arrivals of the day's visits, in no order, without events before `first_ms`."""
        ago = (self.last_day - day).days
        plan = Random(f"{self.seed}:{self.site.slug}:{ago}")
        level = self.usual * rhythm.level(self.site.kind, day, ago, plan)
        self._welcome(day, ago, level, plan)
        self._write_to_readers(day, level, plan)
        anchor = f"{self.anchor}-{self.seed}"
        timed = strangers.events_of_day(self.site, day, ago, anchor, self.usual, plan)
        timed = [pair for pair in timed if pair[0] >= first_ms]
        for visit in self.booked.pop(day, ()):
            if visit.at_ms >= first_ms:
                timed += self._walk(visit)
            else:
                visit.visitor.visits += 1
        return timed

    def _welcome(self, day: date, ago: int, level: float, plan: Random) -> None:
        kind = self.site.kind
        sources = steady_sources(kind, ago)
        for _ in range(int(level * rhythm.WEEK_PEAK[kind] + plan.random())):
            self._meet(day, sources(plan.random()), None, plan)
        for campaign in CAMPAIGNS[kind]:
            if campaign.runs(ago):
                for _ in range(int(level * campaign.share + plan.random())):
                    self._meet(day, campaign.origin, campaign, plan)

    def _meet(self, day: date, origin: Origin, campaign: Campaign | None, plan: Random) -> None:
        kind = self.site.kind
        country = choose_country(self.site, campaign.country if campaign else None, plan.random())
        hours = campaign.hours_utc if campaign else None
        if not hours and not rhythm.comes_that_day(kind, day, country, plan.random()):
            return
        ident = f"{self.anchor}{plan.getrandbits(48):012x}"
        visitor = Visitor(self.site, ident, plan, country, origin.mobile_pull)
        if hours:
            hour = hours[0] + (hours[1] - hours[0]) * plan.random()
            at_ms = midnight_ms("UTC", day) + int(hour * HOUR_MS)
        else:
            at_ms = rhythm.start_ms(kind, day, country, visitor.zone, plan)
        self._book(day, Visit(visitor, origin, at_ms, plan.getrandbits(32)))
        for later, then_ms in return_times(visitor, day, self.last_day + DAY, plan):
            again = RETURNS[kind](plan.random())
            self._book(later, Visit(visitor, again, then_ms, plan.getrandbits(32)))
        if visitor.loyalty is not PASSING:
            self.readers.append(visitor)

    def _write_to_readers(self, day: date, level: float, plan: Random) -> None:
        kind = self.site.kind
        if day.weekday() != NEWSLETTER_WEEKDAY[kind]:
            return
        wanted = int(level * NEWSLETTER_SHARE[kind])
        for visitor in plan.sample(self.readers, min(wanted, len(self.readers))):
            at_ms = rhythm.start_ms(kind, day, visitor.country, visitor.zone, plan)
            self._book(day, Visit(visitor, NEWSLETTER[kind], at_ms, plan.getrandbits(32)))

    def _book(self, day: date, visit: Visit) -> None:
        self.booked[day].append(visit)

    def _walk(self, visit: Visit) -> list[Timed]:
        kind = self.site.kind
        self.rng.seed(visit.seed)
        if rhythm.is_lost_to_outage(kind, visit.at_ms, self.last_day, self.rng.random()):
            return []
        trail = Trail(self.site, visit.visitor, visit.origin, visit.at_ms, self.rng)
        WALKS[kind](trail, visit.origin)
        return deliver(trail.events, self.rng) + trail.aftermath
