"""Demo traffic as it happens: visits that start now and send their events when they are due."""

from datetime import datetime
from heapq import heappop, heappush
from random import Random

from tideline.demo import rhythm
from tideline.demo.people import Event, Visitor, choose_country
from tideline.demo.sites import DemoSite
from tideline.demo.sources import RETURNS, Origin, steady_sources
from tideline.demo.traffic import WALKS
from tideline.demo.trail import Trail

VISITS_PER_MINUTE = 5.0
RETURNING_SHARE = 0.35
MOST_KNOWN = 2000


class LiveTraffic:
    """The visits of one site from `since` on; the same calls with the same seed give the same."""

    def __init__(
        self,
        site: DemoSite,
        *,
        seed: int,
        since: datetime,
        visits_per_minute: float = VISITS_PER_MINUTE,
    ) -> None:
        """Start at `since` (an instant with offset), with about `visits_per_minute` visits."""
        self._site = site
        self._next_ms = int(since.timestamp() * 1000)
        self._gap_ms = rhythm.MINUTE_MS / (visits_per_minute * site.volume)
        self._rng = Random(f"live:{seed}:{site.slug}:{self._next_ms}")
        self._tag = f"live{self._next_ms:x}"
        self._known: list[Visitor] = []
        self._queue: list[tuple[int, int, Event]] = []
        self._count = 0

    def due(self, now: datetime) -> list[Event]:
        """Give, in order, the events between the call before (or the start) and `now`."""
        now_ms = int(now.timestamp() * 1000)
        while self._next_ms <= now_ms:
            self._visit(self._next_ms)
            self._next_ms += 1 + int(self._rng.expovariate(1 / self._gap_ms))
        events = []
        while self._queue and self._queue[0][0] <= now_ms:
            events.append(heappop(self._queue)[2])
        return events

    def _visit(self, at_ms: int) -> None:
        visitor, origin = self._somebody(at_ms)
        trail = Trail(self._site, visitor, origin, at_ms, self._rng)
        WALKS[self._site.kind](trail, origin)
        for event_ms, event in trail.events:
            self._count += 1
            heappush(self._queue, (event_ms, self._count, event))

    def _somebody(self, at_ms: int) -> tuple[Visitor, Origin]:
        rng = self._rng
        kind = self._site.kind
        if self._known and rng.random() < RETURNING_SHARE:
            return rng.choice(self._known), RETURNS[kind](rng.random())
        origin = steady_sources(kind, 0)(rng.random())
        while True:
            country = choose_country(self._site, None, rng.random())
            ident = f"{self._tag}{rng.getrandbits(32):08x}"
            visitor = Visitor(self._site, ident, rng, country, origin.mobile_pull)
            if rng.random() < 0.05 + rhythm.wakefulness(kind, at_ms, country, visitor.zone):
                break
        self._known = [*self._known[-MOST_KNOWN:], visitor]
        return visitor, origin
