"""One metric over time, by the values of a dimension."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg

from sql.filters import LOW_DIMENSIONS, SESSION_DIMENSIONS
from sql.metrics import ConversionRate, SessionRates
from sql.running import fetch_scope
from sql.scope import Scope, ScopeError, buckets_of
from sql.splits import split_scope, splits_by_filter
from sql.summed import fetch_summed
from sql.text import query
from sql.traffic import bucket_starts, check_interval, finding_points, points


@dataclass(frozen=True)
class DaysOfValue(SessionRates):
    """A value of a low-cardinality dimension in a bucket of local days."""

    bucket: date
    dimension_value: str | None
    """None: unknown."""
    visitors: int
    sessions: int
    bounces: int
    duration_us: int
    events: int
    pageviews: int
    conversions: int
    revenue_gross: Decimal
    revenue_net: Decimal


@dataclass(frozen=True)
class BucketOfValue(SessionRates, ConversionRate):
    """A value of a dimension in the bucket of an ordinal, from 1."""

    ordinal: int
    dimension_value: str | None
    visitors: int
    new_visitors: int
    converting_visitors: int
    sessions: int
    bounces: int
    duration_us: int
    events: int
    pageviews: int
    conversions: int
    purchases: int
    revenue_gross: Decimal
    revenue_net: Decimal


METRICS = (
    "visitors", "new_visitors", "sessions", "pageviews", "events", "bounces", "bounce_rate",
    "session_duration_s", "conversions", "purchases", "converting_visitors", "conversion_rate",
    "revenue_gross", "revenue_net",
)  # fmt: skip
_BEYOND_ROLLUPS = {"new_visitors", "purchases", "converting_visitors", "conversion_rate"}


@dataclass(frozen=True)
class SeriesPoint:
    """One metric of one dimension value in one bucket."""

    bucket: date | datetime
    """A local day (the bucket's first) or an instant that a minute or hour begins."""
    dimension_value: str | None
    value: float | Decimal | None
    """None where a rate is undefined."""


def check_metric(metric: str) -> None:
    """Raises ScopeError for a metric that there is no series of."""
    if metric not in METRICS:
        raise ScopeError("metric", f"{metric!r} is not a metric; one of {', '.join(METRICS)} is")


async def series_by_value(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    metric: str,
    interval: str,
    dimension: str,
    *,
    limit: int = 100,
    from_sessions: bool = False,
) -> list[SeriesPoint]:
    """A metric by bucket and value of a dimension of sessions, where there is any activity.

    Of the `limit` values with most sessions; visitors are exact in each. Raises ScopeError.
    """
    check_metric(metric)
    check_interval(scope, interval)
    if splits_by_filter(dimension):
        return await _series_by_filter(conn, scope, metric, interval, dimension, limit)
    if dimension not in SESSION_DIMENSIONS:
        known = ", ".join((*SESSION_DIMENSIONS, "experiment:KEY", "segment"))
        raise ScopeError("dimension", f"{dimension!r} has no series; one of {known} has")
    if (
        dimension in LOW_DIMENSIONS
        and interval not in ("minute", "hour")
        and metric not in _BEYOND_ROLLUPS
        and scope.filters is None
        and not from_sessions
    ):
        return await _series_of_rollups(conn, scope, metric, interval, dimension, limit)
    return await _series_of_sessions(conn, scope, metric, interval, dimension, limit)


async def _series_by_filter(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    metric: str,
    interval: str,
    dimension: str,
    limit: int,
) -> list[SeriesPoint]:
    rows = [
        (sum(point.sessions for point in found), value, found)
        for value, narrowed in await split_scope(conn, scope, dimension)
        if (found := await points(conn, narrowed, interval))
    ]
    rows.sort(key=lambda row: -row[0])
    return [
        SeriesPoint(point.bucket, value, getattr(point, metric))
        for bucket in zip(*(found for _, _, found in rows[:limit]), strict=True)
        for (_, value, _), point in zip(rows, bucket, strict=False)
        if point.events or point.sessions
    ]


async def _series_of_rollups(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    metric: str,
    interval: str,
    dimension: str,
    limit: int,
) -> list[SeriesPoint]:
    names, firsts, lasts = zip(*buckets_of(scope, interval), strict=True)
    rows = await fetch_scope(
        conn,
        "analytics/series_low",
        DaysOfValue,
        scope,
        {
            "names": list(names),
            "firsts": list(firsts),
            "lasts": list(lasts),
            "dimension": LOW_DIMENSIONS[dimension],
            "most": limit,
        },
    )
    return [SeriesPoint(row.bucket, row.dimension_value, getattr(row, metric)) for row in rows]


async def _series_of_sessions(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    metric: str,
    interval: str,
    dimension: str,
    limit: int,
) -> list[SeriesPoint]:
    names, froms = bucket_starts(scope, interval)
    finding = finding_points(interval, f"s.{dimension}_id")
    given = {"froms": froms, "days": [], "most": limit}
    if interval not in ("minute", "hour"):
        given["days"] = [first for _, first, _ in buckets_of(scope, interval)]
    rows = await fetch_summed(
        conn, finding, query("analytics/series_summed"), BucketOfValue, scope, given
    )
    return [
        SeriesPoint(names[row.ordinal - 1], row.dimension_value, getattr(row, metric))
        for row in rows
    ]
