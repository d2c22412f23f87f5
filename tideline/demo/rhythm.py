"""When people come: growth, season, weekdays, hours of the day in the visitor's own country."""

import math
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from tideline.demo.places import Country
from tideline.demo.sites import Kind
from tideline.demo.weighted import Weighted

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

GROWTH_PER_DAY: dict[Kind, float] = {"shop": 0.0055, "docs": 0.0035}
SEASON_SHARE = 0.06
SEASON_PEAK_DAY: dict[Kind, int] = {"shop": 335, "docs": 60}
DAY_NOISE = 0.04

WEEK: dict[Kind, tuple[float, ...]] = {
    "shop": (0.98, 0.93, 0.92, 0.96, 0.99, 1.11, 1.20),
    "docs": (1.15, 1.22, 1.20, 1.16, 0.99, 0.43, 0.41),
}
"""Traffic by weekday, Monday first."""
WEEK_PEAK: dict[Kind, float] = {kind: max(factors) for kind, factors in WEEK.items()}

OUTAGE_AGO: dict[Kind, int] = {"shop": 12, "docs": 8}
"""Days before the last one on which the site went down, and during which UTC hours."""
OUTAGE_HOURS_UTC: dict[Kind, tuple[int, int]] = {"shop": (11, 20), "docs": (7, 15)}
OUTAGE_LOSS = 0.94
"""Share of the visits lost meanwhile."""

_HOURS: dict[Kind, tuple[float, ...]] = {
    "shop": (
        *(2.0, 1.0, 0.6, 0.4, 0.4, 0.7, 1.6, 2.8, 3.8, 4.4, 4.8, 5.0),
        *(5.4, 5.0, 4.6, 4.6, 4.8, 5.2, 5.8, 6.8, 8.0, 8.2, 6.4, 4.0),
    ),
    "docs": (
        *(1.0, 0.6, 0.4, 0.3, 0.3, 0.4, 1.0, 2.6, 5.4, 8.0, 9.0, 8.6),
        *(6.4, 7.0, 8.6, 9.0, 8.4, 7.0, 5.0, 3.8, 3.4, 3.2, 2.6, 1.8),
    ),
}
_HOUR: dict[Kind, Weighted[int]] = {
    kind: Weighted(enumerate(weights)) for kind, weights in _HOURS.items()
}
WEEKEND_LATER_H = 1.2


def level(kind: Kind, day: date, ago: int, rng: Random) -> float:
    """Traffic of the day `ago` days before the last one, about 1 there; weekday not included."""
    growth = math.exp(-GROWTH_PER_DAY[kind] * ago)
    turn = math.tau * (day.timetuple().tm_yday - SEASON_PEAK_DAY[kind]) / 365
    return growth * (1 + SEASON_SHARE * math.cos(turn)) * math.exp(rng.gauss(0, DAY_NOISE))


def comes_that_day(kind: Kind, day: date, country: Country, u: float) -> bool:
    """Whether somebody who might come on `day` does, for u uniform in [0, 1)."""
    return u * WEEK_PEAK[kind] < WEEK[kind][(day.weekday() + country.weekend_shift) % 7]


def start_ms(kind: Kind, day: date, country: Country, zone: str, rng: Random) -> int:
    """Draw the instant (epoch ms) of a visit on the visitor's local `day`."""
    hour = _HOUR[kind](rng.random()) + rng.random() + country.late_h
    if (day.weekday() + country.weekend_shift) % 7 >= 5:
        hour += WEEKEND_LATER_H
    return midnight_ms(zone, day) + int(hour % 24 * HOUR_MS)


def wakefulness(kind: Kind, now_ms: int, country: Country, zone: str) -> float:
    """How busy the hour `now_ms` is where the visitor lives, relative to the busiest (0–1)."""
    here = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(zone))
    return _HOURS[kind][int(here.hour - country.late_h) % 24] / max(_HOURS[kind])


def outage_day(kind: Kind, last_day: date) -> date:
    """Give the day the site went down; documentation fails on a working day, when it is missed."""
    day = last_day - timedelta(days=OUTAGE_AGO[kind])
    if kind == "docs" and day.weekday() >= 5:
        day -= timedelta(days=day.weekday() - 4)
    return day


def is_lost_to_outage(kind: Kind, at_ms: int, last_day: date, u: float) -> bool:
    """Whether the visit at `at_ms` finds the site down, for u uniform in [0, 1)."""
    day_ms = midnight_ms("UTC", outage_day(kind, last_day))
    first, end = OUTAGE_HOURS_UTC[kind]
    return u < OUTAGE_LOSS and day_ms + first * HOUR_MS <= at_ms < day_ms + end * HOUR_MS


@lru_cache(maxsize=8192)
def midnight_ms(zone: str, day: date) -> int:
    """Give local midnight of `day` in the IANA zone, as epoch milliseconds."""
    return int(datetime.combine(day, time(), ZoneInfo(zone)).timestamp()) * 1000


def local_day(zone: str, at: datetime) -> date:
    """Give the local day of an instant with an offset."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no offset; give an instant such as {at}+00:00")
    return at.astimezone(ZoneInfo(zone)).date()


_CLOCK = tuple(f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(24 * 60))
_SECONDS = tuple(f"{ms // 1000:02d}.{ms % 1000:03d}Z" for ms in range(MINUTE_MS))


@lru_cache(maxsize=4096)
def _day_text(day_number: int) -> str:
    return datetime.fromtimestamp(day_number * 86_400, UTC).date().isoformat()


def wire_time(at_ms: int) -> str:
    """Write epoch milliseconds as the wire's ISO 8601 in UTC, e.g. 2026-03-01T09:30:00.125Z."""
    minute, ms = divmod(at_ms, MINUTE_MS)
    day, minute = divmod(minute, 24 * 60)
    return f"{_day_text(day)}{_CLOCK[minute]}{_SECONDS[ms]}"
