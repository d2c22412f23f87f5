"""One-minute KPI windows: a minute's events are counted again when one is added to it.

Sessions and new visitors of a minute are kept by the rebuild of sessions; the view `kpi_minutes`
joins both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg

from sql.running import fetch
from sql.sites import Site
from sql.text import query

_LOCK = 7_700
"""Advisory lock of whoever counts minutes."""

_RUN_TABLE = (
    "CREATE TEMP TABLE IF NOT EXISTS run_minutes"
    " (site_id integer, minute timestamptz, local_day date) ON COMMIT DELETE ROWS"
)


@dataclass(frozen=True)
class KpiMinute:
    """A one-minute window that has events. Money in the site's currency, net of refunds."""

    window_start: datetime
    total_users: int
    """Visitors first seen by the window's end."""
    active_users: int
    new_users: int
    sessions: int
    """Sessions that start in the window; so for their duration and bounce rate."""
    pageviews: int
    events: int
    revenue: Decimal
    revenue_gross: Decimal
    """Purchases alone."""
    conversions: int
    session_duration_s: float | None
    bounce_rate: float | None
    conversion_rate: float | None
    """Visitors with a conversion in the window / active users."""
    revenue_per_user: Decimal | None


def touch_minutes(
    conn: psycopg.Connection[Any], batch_seqs: Sequence[int], span: tuple[datetime, datetime]
) -> None:
    """Notes the minutes that writer transactions added events to, between the instants of `span`.

    The caller holds the transaction that forgets their touch.
    """
    parameters = {"seqs": list(batch_seqs), "from_at": span[0], "to_at": span[1]}
    conn.execute(query("kpis/touch_minutes"), parameters)


def has_touched_minutes(conn: psycopg.Connection[Any]) -> bool:
    """Whether any minute waits to be counted."""
    row = conn.execute("SELECT EXISTS (SELECT FROM touched_minutes)").fetchone()
    return bool(row and row[0])


def compute_minutes(conn: psycopg.Connection[Any], *, most: int = 20_000) -> int:
    """Counts touched minutes again in one transaction, at most `most`; returns touches handled.

    0 also when somebody else is at it. Needs a connection in autocommit mode outside a
    transaction. Safe to repeat.
    """
    row = conn.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
    if row is None or not row[0]:
        return 0
    try:
        conn.execute(_RUN_TABLE)
        with conn.transaction():
            return _count(conn, most)
    finally:
        if not conn.closed:
            conn.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


def _count(conn: psycopg.Connection[Any], most: int) -> int:
    row = conn.execute(query("kpis/take_minutes"), {"most": most}).fetchone()
    assert row is not None
    if row[0]:
        for name in ("remove_minutes", "count_minutes", "touch_days"):
            conn.execute(query(f"kpis/{name}"))
    return int(row[0])


async def kpi_minutes(
    conn: psycopg.AsyncConnection[Any], site: Site, start: datetime, end: datetime
) -> list[KpiMinute]:
    """The site's windows that begin in [start, end) and have events, in order of time."""
    parameters = {"site_id": site.site_id, "start": start, "end": end}
    return await fetch(conn, "kpis/minutes", KpiMinute, parameters)
