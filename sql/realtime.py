"""Who is on a site right now: straight from the events, as soon as they are written."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg

from sql.running import fetch
from sql.sites import Site


@dataclass(frozen=True)
class Realtime:
    """The last minutes of a site."""

    current_visitors: int
    """Distinct visitors with an event in the last 5 minutes."""
    pageviews_5m: int
    per_minute: list[int]
    """Page views of each of the last 30 minutes, oldest first; the last one is running."""
    top_pages: list[dict[str, Any]]
    """`{page, visitors}` of 30 minutes, at most 10."""
    top_sources: list[dict[str, Any]]
    """`{source, visitors}` of 30 minutes, at most 10."""
    countries: list[dict[str, Any]]
    """`{country, visitors}` of 30 minutes, at most 50."""


@dataclass(frozen=True)
class LatestEvent:
    """An event of the last 30 minutes."""

    at: datetime
    name: str
    page: str | None
    country: str | None
    device: str | None
    browser: str | None
    source: str | None
    value: Decimal | None
    currency: str | None
    """None: the site's."""


async def realtime(conn: psycopg.AsyncConnection[Any], site: Site) -> Realtime:
    """The last minutes of a site."""
    rows = await fetch(conn, "realtime/realtime", Realtime, {"site_id": site.site_id})
    return rows[0]


async def latest_events(
    conn: psycopg.AsyncConnection[Any], site: Site, *, limit: int = 50
) -> list[LatestEvent]:
    """Events of the last 30 minutes, newest first."""
    parameters = {"site_id": site.site_id, "most": limit}
    return await fetch(conn, "realtime/latest_events", LatestEvent, parameters)
