"""Daily KPIs and where they are going: what is stored of it; the rule itself is pure statistics."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import class_row

from sql.scope import local_today
from sql.sites import Site, sites_by_id
from sql.text import query
from sql.traffic import Overview

_LOCK = 7_710
"""Advisory lock of whoever computes trends."""

WINDOW_DAYS = 28
"""Complete local days that a trend looks at."""

METRICS = (
    "visitors", "new_visitors", "sessions", "pageviews", "events", "views_per_session",
    "bounce_rate", "session_duration_s", "conversions", "converting_visitors", "conversion_rate",
    "purchases", "revenue_gross", "revenue_net", "average_order_value", "conversions_per_session",
)  # fmt: skip
"""KPIs that have a trend: attributes of DailyFigures."""

NO_TREND = "not enough data"


@dataclass(frozen=True)
class DailyFigures(Overview):
    """The main figures of a local day."""

    day: date


def take_due_sites(conn: psycopg.Connection[Any], now: datetime) -> list[Site]:
    """Sites without trends of their current local day, or whose last complete days changed since.

    Forgets these changes; the caller holds the transaction that stores the trends, and others wait
    for its end.
    """
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    touched = dict(conn.execute(
        "WITH taken AS (DELETE FROM touched_days RETURNING site_id, day)"
        " SELECT site_id, max(day) FROM taken GROUP BY site_id"
    ).fetchall())  # fmt: skip
    computed = dict(
        conn.execute("SELECT site_id, min(day) FROM kpi_trends GROUP BY site_id").fetchall()
    )

    def is_due(site: Site) -> bool:
        today = local_today(site, now)
        last_change = touched.get(site.site_id, date.min)
        return computed.get(site.site_id) != today or last_change >= today - timedelta(WINDOW_DAYS)

    return [site for _, site in sorted(sites_by_id(conn).items()) if is_due(site)]


def daily_figures(conn: psycopg.Connection[Any], site: Site, today: date) -> list[DailyFigures]:
    """The last 28 complete local days, from the site's first one, in order, empty ones included."""
    parameters = {
        "site_id": site.site_id,
        "first": today - timedelta(WINDOW_DAYS),
        "last": today - timedelta(1),
    }
    with conn.cursor(row_factory=class_row(DailyFigures)) as cursor:
        return cursor.execute(query("kpis/daily"), parameters).fetchall()


def store_trends(
    conn: psycopg.Connection[Any], site: Site, today: date, trends: Mapping[str, str]
) -> None:
    """Keeps the trend of each metric as of a local day, instead of what was kept before."""
    conn.execute(
        "INSERT INTO kpi_trends (site_id, metric, day, trend)"
        " SELECT %s, metric, %s, trend FROM unnest(%s::text[], %s::text[]) AS t(metric, trend)"
        " ORDER BY metric ON CONFLICT (site_id, metric)"
        " DO UPDATE SET day = excluded.day, trend = excluded.trend",
        (site.site_id, today, list(trends), list(trends.values())),
    )


def stored_trends(conn: psycopg.Connection[Any], site: Site) -> dict[str, tuple[date, str]]:
    """By metric, the local day that the trend was computed on, and the trend."""
    rows = conn.execute(
        "SELECT metric, day, trend FROM kpi_trends WHERE site_id = %s", (site.site_id,)
    )
    return {metric: (day, trend) for metric, day, trend in rows}


async def trends_of(conn: psycopg.AsyncConnection[Any], site: Site, today: date) -> dict[str, str]:
    """By metric: up, down, stable or "not enough data", of the 28 complete days before `today`.

    Until today's are computed, a minute after midnight, those of yesterday; older ones count for
    nothing.
    """
    cursor = await conn.execute(
        "SELECT metric, trend FROM kpi_trends WHERE site_id = %s AND day >= %s",
        (site.site_id, today - timedelta(1)),
    )
    found = dict(await cursor.fetchall())
    return {metric: found.get(metric, NO_TREND) for metric in METRICS}
