"""Retention and funnels by their definitions, one visitor after the other, for small logs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

GAP = timedelta(seconds=1800)
UNITS = {"day": timedelta(hours=24), "week": timedelta(hours=168), "month": timedelta(hours=720)}


@dataclass(frozen=True)
class Happening:
    """An event of somebody."""

    visitor: int
    at: datetime
    number: int
    """Breaks ties in time, as its event_id does."""
    name: str = "page_view"
    path: str = "/"
    key: str | None = None
    """The sender's session_id."""
    country: str | None = None
    revenue: Decimal = Decimal(0)


Session = list[Happening]


def sessions_of(log: Sequence[Happening]) -> list[Session]:
    """The log by visitor and key, cut at gaps, in order of their first events."""
    found: list[Session] = []
    for event in sorted(log, key=lambda e: (e.visitor, e.key or "", e.at, e.number)):
        last = found[-1][-1] if found else None
        if (
            last is not None
            and (last.visitor, last.key) == (event.visitor, event.key)
            and event.at - last.at <= GAP
        ):
            found[-1].append(event)
        else:
            found.append([event])
    return sorted(found, key=lambda session: (session[0].at, session[0].number))


def country_of(session: Session) -> str | None:
    """First-touch: the first event's that has one."""
    return next((event.country for event in session if event.country), None)


def period_of(grain: str, day: date) -> date:
    """First day of the period of a day."""
    if grain == "week":
        return date.fromisocalendar(*day.isocalendar()[:2], 1)
    return day if grain == "day" else date(day.year, day.month, 1)


def number_of(grain: str, cohort: date, period: date) -> int:
    """Periods between two first days."""
    if grain == "month":
        return 12 * (period.year - cohort.year) + period.month - cohort.month
    return (period - cohort).days // (7 if grain == "week" else 1)


@dataclass(frozen=True)
class CohortFacts:
    """What retention answers of a cohort."""

    cohort: date
    size: int
    retained: list[int]
    complete: list[bool]
    revenue: list[Decimal]


def retention_of(
    log: Sequence[Happening],
    zone: ZoneInfo,
    first: date,
    last: date,
    *,
    grain: str,
    mode: str,
    as_of: datetime,
    country: str | None = None,
) -> list[CohortFacts]:
    """The cohorts of the days `first` to `last`; with a country, that of selected sessions."""
    sessions = sessions_of(log)
    opening: dict[int, Session] = {}
    for session in sessions:
        opening.setdefault(session[0].visitor, session)
    chosen = [s for s in sessions if country is None or country_of(s) == country]
    members = {
        visitor: session[0].at
        for visitor, session in opening.items()
        if session in chosen and session[0].at < as_of
    }
    seen = [e for s in chosen for e in s if e.visitor in members and e.at < as_of]
    starts = _starts(zone, grain, first, as_of)
    return [
        _facts(zone, grain, mode, as_of, members, seen, starts[index:])
        for index, start in enumerate(starts)
        if start <= last
    ]


def _starts(zone: ZoneInfo, grain: str, first: date, as_of: datetime) -> list[date]:
    days = [first - timedelta(days=31) + timedelta(days=n) for n in range(800)]
    begun = [day for day in days if datetime(day.year, day.month, day.day, tzinfo=zone) < as_of]
    starts = sorted({period_of(grain, day) for day in begun})
    return [start for start in starts if start >= period_of(grain, first)]


def _facts(
    zone: ZoneInfo,
    grain: str,
    mode: str,
    as_of: datetime,
    members: dict[int, datetime],
    seen: list[Happening],
    starts: list[date],
) -> CohortFacts:
    cohort = starts[0]

    def calendar(at: datetime) -> int:
        return number_of(grain, cohort, period_of(grain, at.astimezone(zone).date()))

    own = {v: since for v, since in members.items() if calendar(since) == 0}
    active: dict[int, set[int]] = {visitor: set() for visitor in own}
    revenue = [Decimal(0)] * len(starts)
    for event in seen:
        if event.visitor in own:
            since = own[event.visitor]
            span = (event.at - since) // UNITS[grain]
            active[event.visitor].add(span if mode == "rolling" else calendar(event.at))
            for later in range(calendar(event.at), len(starts)):
                revenue[later] += event.revenue
    numbers = range(len(starts))
    if mode == "unbounded":
        retained = [sum(any(p >= n for p in active[v]) for v in own) for n in numbers]
    else:
        retained = [sum(n in active[v] for v in own) for n in numbers]
    if mode == "rolling":
        complete = [all(s + UNITS[grain] * (n + 1) <= as_of for s in own.values()) for n in numbers]
    else:
        ends = [_end(zone, grain, start) for start in starts]
        complete = [end <= as_of for end in ends]
    return CohortFacts(cohort, len(own), retained, complete, revenue)


def _end(zone: ZoneInfo, grain: str, start: date) -> datetime:
    days = (start + timedelta(days=n) for n in range(1, 40))
    after = next(day for day in days if period_of(grain, day) != start)
    return datetime(after.year, after.month, after.day, tzinfo=zone)


@dataclass(frozen=True)
class FunnelFacts:
    """What a funnel answers."""

    counts: list[int]
    took_s: list[float]


def funnel_of(
    log: Sequence[Happening],
    steps: Sequence[set[tuple[str, str]]],
    window: timedelta,
    start: datetime,
    end: datetime,
    *,
    per: str = "visitor",
    country: str | None = None,
) -> FunnelFacts:
    """By trying every attempt; a step is a set of (name, path)."""
    people: dict[int, list[Happening]] = {}
    for number, session in enumerate(sessions_of(log)):
        if country is None or country_of(session) == country:
            person = session[0].visitor if per == "visitor" else number
            people.setdefault(person, []).extend(session)
    depths, took = [], []
    for events in people.values():
        attempts = _attempts(events, steps, window, start, end)
        depths.append(max((depth for depth, _, _ in attempts), default=0))
        whole = [(began, ended) for depth, began, ended in attempts if depth == len(steps)]
        if whole:
            began, ended = min(whole)
            took.append((ended - began).total_seconds())
    counts = [sum(depth >= n for depth in depths) for n in range(1, len(steps) + 1)]
    return FunnelFacts(counts, sorted(took))


def _attempts(
    events: list[Happening],
    steps: Sequence[set[tuple[str, str]]],
    window: timedelta,
    start: datetime,
    end: datetime,
) -> list[tuple[int, datetime, datetime]]:
    """Every attempt and every beginning of one: its depth, first and last instant."""
    found: list[tuple[int, datetime, datetime]] = []

    def satisfies(event: Happening, step: int) -> bool:
        return (event.name, event.path) in steps[step]

    def go_on(used: list[Happening]) -> None:
        found.append((len(used), used[0].at, used[-1].at))
        if len(used) == len(steps):
            return
        for event in events:
            in_time = used[-1].at <= event.at and event.at - used[0].at <= window
            if in_time and event not in used and satisfies(event, len(used)):
                go_on([*used, event])

    for event in events:
        if start <= event.at < end and satisfies(event, 0):
            go_on([event])
    return found
