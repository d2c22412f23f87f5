"""Actors of the KPIs: one-minute windows and trends."""

from datetime import UTC, datetime

import dramatiq

from jobs.connections import connection
from jobs.trends import compute_trends
from sql.kpis import compute_minutes

MOST_MINUTES = 20_000
"""Touched minutes that one transaction counts."""


@dramatiq.actor(actor_name="kpis.minutes", max_age=30_000, max_retries=0)
def minutes() -> None:
    """Counts the minutes that events were added to, until less than a run's worth is left."""
    conn = connection()
    while compute_minutes(conn, most=MOST_MINUTES) >= MOST_MINUTES:
        pass


@dramatiq.actor(actor_name="kpis.trends", max_age=120_000, max_retries=0)
def trends() -> None:
    """Computes the trends of sites whose day changed, or whose last days did."""
    compute_trends(connection(), datetime.now(UTC))
