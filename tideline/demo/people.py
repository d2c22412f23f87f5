"""The demo's visitors: who they are, what they use, and on which days they come back."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from tideline.demo import rhythm
from tideline.demo.devices import choose_screen
from tideline.demo.places import AUDIENCES, COUNTRIES, Country
from tideline.demo.sites import DemoSite, Kind
from tideline.demo.weighted import Weighted

Event = dict[str, object]


class Loyalty(NamedTuple):
    """How a visitor returns: chance of one more visit after each, and the mean days between."""

    return_rate: float
    gap_days: float
    appetite: float
    """Factor on buying and signing up."""


PASSING = Loyalty(0.10, 6.0, 0.8)
CURIOUS = Loyalty(0.52, 6.5, 1.15)
REGULAR = Loyalty(0.89, 4.2, 1.3)
LOYALTIES: dict[Kind, Weighted[Loyalty]] = {
    "shop": Weighted([(PASSING, 0.72), (CURIOUS, 0.22), (REGULAR, 0.06)]),
    "docs": Weighted([(PASSING, 0.64), (CURIOUS, 0.25), (REGULAR, 0.11)]),
}
SAME_DAY_RETURN = 0.09
SIGNED_IN_SHARE: dict[Kind, float] = {"shop": 0.13, "docs": 0.20}
SIGNED_IN_LOYALTY = Weighted([(CURIOUS, 0.6), (REGULAR, 0.4)])


class Visitor:
    """A person with one device; `fields` are what every event of theirs carries."""

    __slots__ = ("country", "fields", "ident", "is_signed_in", "kind", "loyalty", "visits", "zone")

    def __init__(
        self, site: DemoSite, ident: str, rng: Random, country: Country, mobile_pull: float
    ) -> None:
        city = country.city(rng.random())
        screen = choose_screen(rng, site.kind, country, mobile_pull)
        self.ident = ident
        self.kind: Kind = site.kind
        self.country = country
        self.zone = city.zone
        self.visits = 0
        self.is_signed_in = rng.random() < SIGNED_IN_SHARE[site.kind]
        table = SIGNED_IN_LOYALTY if self.is_signed_in else LOYALTIES[site.kind]
        self.loyalty = table(rng.random())
        self.fields: Event = {
            "site_id": site.slug,
            "anonymous_id": ident,
            "country": country.code,
            "region": city.region,
            "city": city.name,
            "device": screen.device,
            "browser": screen.browser,
            "os": screen.os,
            "language": country.language,
            "screen": screen.screen,
            "timezone": city.zone,
        }
        if self.is_signed_in:
            self.fields["user_id"] = f"u-{ident[-8:]}"


def choose_country(site: DemoSite, place: str | None, u: float) -> Country:
    """Give the country with code `place`, or for None one of the usual mix, for u in [0, 1)."""
    return COUNTRIES[place] if place else AUDIENCES[site.kind](u)


def return_times(
    visitor: Visitor, first_day: date, last_day: date, rng: Random
) -> Iterator[tuple[date, int]]:
    """Draw the (local day, epoch ms) of the visits after the first, in order of their days."""
    loyalty = visitor.loyalty
    day = first_day
    while rng.random() < loyalty.return_rate:
        if rng.random() >= SAME_DAY_RETURN:
            day += timedelta(days=1 + int(rng.expovariate(1 / (loyalty.gap_days - 0.5))))
        if day > last_day:
            return
        at_ms = rhythm.start_ms(visitor.kind, day, visitor.country, visitor.zone, rng)
        if rhythm.comes_that_day(visitor.kind, day, visitor.country, rng.random()):
            yield day, at_ms
