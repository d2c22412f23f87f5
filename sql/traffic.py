"""The main figures of a site, and their course over time."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from sql.filtered import fetch_filtered
from sql.metrics import ConversionRate, SessionRates, SessionViews, ratio
from sql.parts import Wanted
from sql.running import fetch_scope
from sql.scope import Scope, ScopeError, buckets_of, check_raw, midnight
from sql.summed import fetch_summed
from sql.text import filled, query

INTERVALS = ("minute", "hour", "day", "week", "month")
_MOST_DAYS = {"minute": 1, "hour": 31}


@dataclass(frozen=True)
class Overview(SessionRates, SessionViews, ConversionRate):
    """The main figures of a scope. Money in the site's currency."""

    visitors: int
    """Distinct visitors with at least one event in the range."""
    new_visitors: int
    """Visitors whose first event ever is in the range."""
    converting_visitors: int
    sessions: int
    bounces: int
    duration_us: int
    """Summed session durations, microseconds."""
    session_pageviews: int
    """Page views of these sessions, wherever they fall."""
    events: int
    pageviews: int
    conversions: int
    purchases: int
    revenue_gross: Decimal
    revenue_net: Decimal
    without_identity: int
    """Events that a filter leaves out because they belong to nobody; 0 without a filter."""

    @property
    def average_order_value(self) -> Decimal | None:
        """Gross revenue / purchases; None without purchases."""
        return self.revenue_gross / self.purchases if self.purchases else None

    @property
    def conversions_per_session(self) -> float | None:
        """Conversions / sessions; None without sessions."""
        return ratio(self.conversions, self.sessions)


@dataclass(frozen=True)
class TrafficPoint(SessionRates, SessionViews, ConversionRate):
    """A bucket of a series: a local day (its first) or an instant that a minute or hour begins."""

    bucket: date | datetime
    visitors: int
    new_visitors: int
    converting_visitors: int
    sessions: int
    bounces: int
    duration_us: int
    session_pageviews: int
    events: int
    pageviews: int
    conversions: int
    purchases: int
    revenue_gross: Decimal
    revenue_net: Decimal


@dataclass(frozen=True)
class HourCell:
    """An hour of the week: ISO weekday (1 = Monday) and local hour (0-23)."""

    weekday: int
    hour: int
    visitors: int
    """Summed over the hours of the range; distinct within each hour."""
    pageviews: int
    sessions: int


async def overview(
    conn: psycopg.AsyncConnection[Any], scope: Scope, *, from_sessions: bool | None = None
) -> Overview:
    """The main figures of a scope."""
    if from_sessions or (scope.filters is not None and from_sessions is None):
        rows = await fetch_filtered(conn, "traffic/overview_filtered", Overview, scope, Wanted())
    else:
        rows = await fetch_scope(conn, "traffic/overview", Overview, scope)
    return rows[0]


def check_interval(scope: Scope, interval: str) -> None:
    """Raises ScopeError for an interval that does not exist or is too fine for the range."""
    if interval not in INTERVALS:
        raise ScopeError(
            "interval", f"{interval!r} is not an interval; one of {', '.join(INTERVALS)} is"
        )
    most = _MOST_DAYS.get(interval)
    if most is not None and scope.days > most:
        raise ScopeError(
            "interval",
            f"{interval}s go up to {most} day{'s' if most > 1 else ''}; the range has {scope.days}",
        )
    if interval == "minute":
        check_raw(scope, "minutes")


async def points(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    interval: str,
    *,
    from_sessions: bool | None = None,
) -> list[TrafficPoint]:
    """The scope by minute, hour, day, week or month, empty buckets included.

    A cut scope ends with the bucket that holds the cut, as far as the cut. Raises ScopeError.
    """
    check_interval(scope, interval)
    if from_sessions is None:
        from_sessions = scope.filters is not None
    if scope.cut is None:
        return await _whole_points(conn, scope, interval, from_sessions)
    if from_sessions and interval in ("day", "week", "month"):
        found = await _points_of_sessions(conn, scope, interval)
        return found[: bisect_left(bucket_starts(scope, interval)[1], scope.cut)]
    whole = replace(scope, cut=None)
    found = await _whole_points(conn, whole, interval, from_sessions)
    _, froms = bucket_starts(whole, interval)
    begun = bisect_left(froms, scope.cut)
    if scope.cut not in froms:
        found[begun - 1] = await _cut_point(conn, scope, interval, from_sessions)
    return found[:begun]


async def _cut_point(
    conn: psycopg.AsyncConnection[Any], scope: Scope, interval: str, from_sessions: bool
) -> TrafficPoint:
    """The bucket that holds the cut, as far as the cut."""
    names, froms = bucket_starts(scope, interval)
    if interval in ("minute", "hour"):
        own = replace(scope, first=scope.last, is_shared=False)
        return (await _by_events(conn, own, froms[-1:], from_sessions))[0]
    first = buckets_of(scope, interval)[-1][1]
    own = replace(scope, first=first, is_shared=False)
    figures = vars(await overview(conn, own, from_sessions=from_sessions))
    return TrafficPoint(
        bucket=names[-1],
        **{field.name: figures[field.name] for field in fields(TrafficPoint)[1:]},
    )


async def _whole_points(
    conn: psycopg.AsyncConnection[Any], scope: Scope, interval: str, from_sessions: bool
) -> list[TrafficPoint]:
    if interval == "minute":
        return await _by_events(conn, scope, _instants(scope, interval), from_sessions)
    if from_sessions:
        return await _points_of_sessions(conn, scope, interval)
    if interval == "hour":
        rows = await fetch_scope(conn, "traffic/points_by_hour", TrafficPoint, scope)
        return _named(rows, _instants(scope, interval))
    names, firsts, lasts = zip(*buckets_of(scope, interval), strict=True)
    arrays = {"names": list(names), "firsts": list(firsts), "lasts": list(lasts)}
    return await fetch_scope(conn, "traffic/points_by_days", TrafficPoint, scope, arrays)


async def _by_events(
    conn: psycopg.AsyncConnection[Any], scope: Scope, froms: list[datetime], from_sessions: bool
) -> list[TrafficPoint]:
    """Buckets that begin at the instants, up to the scope's end, from events and sessions alone."""
    bounds = {"froms": [*froms, scope.end], "start": froms[0]}
    if from_sessions:
        finding = finding_points("minute", "0")
        rows = await fetch_summed(
            conn, finding, query("traffic/points_summed"), TrafficPoint, scope, bounds
        )
    else:
        rows = await fetch_scope(conn, "traffic/points_by_events", TrafficPoint, scope, bounds)
    return _named(rows[:-1], froms)


async def _points_of_sessions(
    conn: psycopg.AsyncConnection[Any], scope: Scope, interval: str
) -> list[TrafficPoint]:
    if interval == "day":
        return await fetch_filtered(conn, "traffic/points_filtered", TrafficPoint, scope, Wanted())
    names, froms = bucket_starts(scope, interval)
    given = {"froms": froms, "days": [first for _, first, _ in buckets_of(scope, interval)]}
    finding, summing = finding_points(interval, "0"), query("traffic/points_summed")
    return _named(await fetch_summed(conn, finding, summing, TrafficPoint, scope, given), names)


def finding_points(interval: str, value_id: str) -> str:
    """A SELECT, after a WITH of shares, of figures by bucket and label.

    `value_id`: an expression on a share, `s`, that is its label.
    """
    places = {"minute": "minutes", "hour": "hours"}.get(interval, "days")
    text = filled(f"traffic/place_{places}", {"value_id": value_id})
    return text + query("traffic/points_found")


def _named(
    rows: Sequence[TrafficPoint], names: Sequence[date] | Sequence[datetime]
) -> list[TrafficPoint]:
    """The rows, in order of time, under the names of their buckets."""
    return [
        TrafficPoint(**{**vars(row), "bucket": name}) for row, name in zip(rows, names, strict=True)
    ]


def bucket_starts(
    scope: Scope, interval: str
) -> tuple[list[date] | list[datetime], list[datetime]]:
    """Names of the scope's buckets, and the instants at which they begin within it."""
    if interval in ("minute", "hour"):
        froms = _instants(scope, interval)
        return froms, froms
    buckets = buckets_of(scope, interval)
    froms = [midnight(scope.site, first) for _, first, _ in buckets]
    return [name for name, _, _ in buckets], froms


def _instants(scope: Scope, interval: str) -> list[datetime]:
    """The instants at which the scope's minutes, or its local hours, begin.

    An hour that a change of half an hour cuts is two: 01:00+11:00 and 01:30+10:30 at Lord Howe.
    """
    step = timedelta(minutes=1 if interval == "minute" else 15)
    found: list[datetime] = []
    seen: set[tuple[datetime, timedelta | None]] = set()
    at = scope.start
    while at < scope.end:
        local = at.astimezone(scope.site.zone)
        key = (local.replace(minute=0, tzinfo=None), local.utcoffset())
        if interval == "minute" or key not in seen:
            seen.add(key)
            found.append(at)
        at += step
    return found


async def heatmap(conn: psycopg.AsyncConnection[Any], scope: Scope) -> list[HourCell]:
    """The hours of the week that have events; those of whole days, where a scope is cut."""
    if scope.filters is None:
        return await fetch_scope(conn, "traffic/heatmap", HourCell, scope)
    if scope.cut is not None:
        scope = replace(scope, cut=None, is_shared=False, has_shares=False)
    return await fetch_filtered(
        conn, "traffic/heatmap_filtered", HourCell, scope, Wanted(hours=True)
    )
