"""The trail one visit leaves: its events in the API's wire form, in order of time."""

import math
from random import Random
from statistics import NormalDist

from tideline.demo.catalogue import READING_MS, USUAL_READING_MS, money, title_of
from tideline.demo.experiments import EXPERIMENTS, SECOND_VARIANT_SHARE
from tideline.demo.people import Event, Visitor
from tideline.demo.rhythm import wire_time
from tideline.demo.sites import DemoSite
from tideline.demo.sources import Origin

Timed = tuple[int, Event]
"""An event and an instant of it, epoch ms."""

ENGAGED_SHARE = 0.52
READING_SPREAD = 0.75
_READING_FACTORS = tuple(
    math.exp(READING_SPREAD * NormalDist().inv_cdf((step + 0.5) / 1024)) for step in range(1024)
)
"""A log-normal distribution around 1 in equally likely steps."""
SLOWEST_READING_MS = 14 * 60_000
"""Kept under the session gap, so that reading never cuts a visit in two."""


class Trail:
    """Collects the events of one visit; `now_ms` is its clock (epoch ms), moved by `read`."""

    __slots__ = (
        "_fields",
        "_path",
        "_root",
        "_url",
        "_visit",
        "aftermath",
        "events",
        "now_ms",
        "rng",
        "site",
        "visitor",
    )

    def __init__(
        self, site: DemoSite, visitor: Visitor, origin: Origin, at_ms: int, rng: Random
    ) -> None:
        self.site = site
        self.visitor = visitor
        self.rng = rng
        self.now_ms = at_ms
        self.events: list[Timed] = []
        self.aftermath: list[Timed] = []
        """What follows days later without a visit, such as a refund."""
        visitor.visits += 1
        self._visit = f"{visitor.ident}-{visitor.visits}"
        self._fields = {**visitor.fields, "name": "", "timestamp": "", "event_id": "", "url": ""}
        if site.kind == "docs":
            self._fields["session_id"] = f"s-{self._visit}"
        self._url = origin.referrer or ""
        self._root = f"https://{site.host}"
        self._path = ""

    def view(self, path: str, query: str = "") -> None:
        """Record a page view; the page before, or the external referrer, is its referrer."""
        came_from = self._url
        self._path = path
        self._url = f"{self._root}{path}?{query}" if query else f"{self._root}{path}"
        event = self._stamp("page_view")
        event["title"] = title_of(self.site, path)
        if came_from:
            event["referrer"] = came_from

    def read(self, patience: float = 1.0) -> None:
        """Spend time on the current page; part of the visits send an engagement ping."""
        draw = self.rng.random
        usual_ms = READING_MS.get(self._path) or USUAL_READING_MS[self.site.kind]
        spent_ms = 1500 + int(usual_ms * patience * _READING_FACTORS[int(draw() * 1024)])
        if spent_ms > SLOWEST_READING_MS:
            spent_ms = SLOWEST_READING_MS
        self.now_ms += spent_ms
        if draw() < ENGAGED_SHARE:
            self._stamp("engagement")["duration_ms"] = spent_ms * 7 // 8
            self.now_ms += 40

    def record(self, name: str, **properties: object) -> None:
        """Record an event with properties on the current page now."""
        event = self._stamp(name)
        if properties:
            event["properties"] = properties

    def _stamp(self, name: str) -> Event:
        event = self._fields.copy()
        event["name"] = name
        event["timestamp"] = wire_time(self.now_ms)
        event["event_id"] = f"{self._visit}-{len(self.events)}"
        event["url"] = self._url
        self.events.append((self.now_ms, event))
        return event

    def pay(self, cents: int, **properties: object) -> None:
        """Record a purchase of that many cents in the site's currency."""
        event = self._stamp("purchase")
        event["value"] = money(cents)
        event["currency"] = self.site.currency
        event["properties"] = properties

    def follow_up(self, name: str, at_ms: int, cents: int, **properties: object) -> None:
        """Record what the back office does later for this visitor, such as a refund."""
        event: Event = {
            **self.visitor.fields,
            "name": name,
            "timestamp": wire_time(at_ms),
            "event_id": f"{self._visit}-r{len(self.aftermath)}",
            "value": money(cents),
            "currency": self.site.currency,
            "properties": properties,
        }
        self.aftermath.append((at_ms, event))

    def expose(self) -> float:
        """Show the site's experiment; give the true factor on the rate of the next step."""
        experiment = EXPERIMENTS[self.site.kind]
        ident = self.visitor.ident
        if not experiment.is_exposed(ident):
            return 1.0
        variant = experiment.variant_of(ident)
        if self.visitor.is_signed_in and self.rng.random() < SECOND_VARIANT_SHARE:
            others = [key for key in experiment.weights if key != variant]
            variant = self.rng.choice(others)
        self.record("experiment_exposure", experiment=experiment.key, variant=variant)
        return experiment.lift_for(ident)
