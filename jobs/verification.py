"""Checking every derived table of a site: those that follow by SQL, and those that do not."""

from datetime import datetime

from jobs.trends import trends_of_days
from sql.database import SyncConnection
from sql.scope import local_today
from sql.sites import Site
from sql.trends import daily_figures, stored_trends
from sql.verification import Days, Difference, verify_site


def verify(
    conn: SyncConnection, site: Site, now: datetime, days: Days | None = None
) -> list[Difference]:
    """What differs of a site; trends, whichever the days, as of the day they were computed on.

    Run it when nothing waits (`tideline settle`); it changes nothing. Needs a connection in
    autocommit mode outside a transaction.
    """
    return verify_site(conn, site.site_id, days) + _trends(conn, site, now)


def _trends(conn: SyncConnection, site: Site, now: datetime) -> list[Difference]:
    stored = stored_trends(conn, site)
    day = max((day for day, _ in stored.values()), default=local_today(site, now))
    trends = trends_of_days(daily_figures(conn, site, day))
    wanted = {metric: (day, trend) for metric, trend in trends.items()}
    return [
        Difference("kpi_trends", is_missing, {"metric": metric, "day": str(of), "trend": trend})
        for is_missing, ours, theirs in ((True, wanted, stored), (False, stored, wanted))
        for metric, (of, trend) in sorted(ours.items() - theirs.items())
    ]
