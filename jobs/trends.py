"""Whether each KPI of a site is going up or down."""

from collections.abc import Sequence
from datetime import datetime

from jobs.statistics.trend import trend
from sql.database import SyncConnection
from sql.scope import local_today
from sql.trends import METRICS, DailyFigures, daily_figures, store_trends, take_due_sites

_PER_HUNDRED = frozenset(
    {"bounce_rate", "conversion_rate", "views_per_session", "conversions_per_session"}
)
"""Ratios near 1 are looked at per hundred, because a trend is judged on ln(1 + x)."""


def compute_trends(conn: SyncConnection, now: datetime) -> int:
    """Brings the trends of all sites up to date; returns how many sites had to be.

    Needs a connection in autocommit mode outside a transaction. Safe to repeat.
    """
    with conn.transaction():
        sites = take_due_sites(conn, now)
        for site in sites:
            today = local_today(site, now)
            store_trends(conn, site, today, trends_of_days(daily_figures(conn, site, today)))
    return len(sites)


def trends_of_days(days: Sequence[DailyFigures]) -> dict[str, str]:
    """The trend of every metric over consecutive complete days, oldest first."""
    weekdays = [figures.day.weekday() for figures in days]
    return {
        metric: trend([_value(figures, metric) for figures in days], weekdays) for metric in METRICS
    }


def _value(figures: DailyFigures, metric: str) -> float | None:
    value = getattr(figures, metric)
    if value is None:
        return None
    return float(value) * (100 if metric in _PER_HUNDRED else 1)
