"""Raw events and sessions with their texts, newest first, a page at a time or all of them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import psycopg
from psycopg.rows import class_row

from sql.raw_filters import check_filters
from sql.running import fetch_text
from sql.scope import Scope
from sql.selection import selection
from sql.sites import Site
from sql.text import query

ROWS_AT_ONCE = 1_000
"""Rows that a stream keeps in memory."""

Row = TypeVar("Row")


@dataclass(frozen=True)
class EventRecord:
    """An event with all it carries. Texts are None when unknown; money as sent."""

    event_id: str
    at: datetime
    received_at: datetime
    local_day: date
    local_hour: int
    local_weekday: int
    """ISO, 1 = Monday."""
    name: str
    is_conversion: bool
    is_high_value: bool
    is_browser: bool
    visitor_id: str | None
    """None: without identity."""
    user_id: str | None
    session_id: str | None
    """The sender's."""
    hostname: str | None
    page: str | None
    title: str | None
    referrer: str | None
    source: str | None
    channel: str | None
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    utm_term: str | None
    utm_content: str | None
    country: str | None
    region: str | None
    city: str | None
    device: str | None
    browser: str | None
    os: str | None
    language: str | None
    screen: str | None
    duration_ms: int | None
    value: Decimal | None
    revenue: Decimal | None
    """Signed, in the site's currency; None: none, or another currency."""
    currency: str | None
    """Of `value`; None without one."""
    properties: dict[str, Any] | None


@dataclass(frozen=True)
class SessionRecord:
    """A session with all that is derived of it. Money in the site's currency."""

    session_id: str
    visitor_id: str
    user_id: str | None
    """The newest one that the visitor was seen with."""
    started_at: datetime
    ended_at: datetime
    local_day: date
    local_hour: int
    is_bounce: bool
    events: int
    pageviews: int
    interactions: int
    """Events but page views, exposures and engagement."""
    distinct_pages: int
    distinct_names: int
    conversions: int
    purchases: int
    duration_us: int
    engaged_ms: int
    revenue_gross: Decimal
    revenue_net: Decimal
    engagement_events: float
    engagement_pages: float
    engagement_minutes: float
    engagement_names: float
    entry_page: str | None
    exit_page: str | None
    source: str | None
    channel: str | None
    referrer: str | None
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    utm_term: str | None
    utm_content: str | None
    country: str | None
    region: str | None
    city: str | None
    device: str | None
    browser: str | None
    os: str | None
    language: str | None
    screen: str | None
    actions: dict[str, int]
    """Events by name."""
    pages: dict[str, int]
    """Page views by path."""

    @property
    def duration_s(self) -> float:
        """Last - first event, seconds."""
        return self.duration_us / 1e6

    @property
    def engaged_s(self) -> float:
        """Engaged time as reported, seconds."""
        return self.engaged_ms / 1e3

    @property
    def average_order_value(self) -> Decimal | None:
        """Gross revenue / purchases; None without purchases."""
        return self.revenue_gross / self.purchases if self.purchases else None

    @property
    def conversions_per_session(self) -> float:
        """Of this one session: its conversions."""
        return float(self.conversions)

    @property
    def engagement_score(self) -> float:
        """0-100, the sum of the four parts."""
        return (
            self.engagement_events
            + self.engagement_pages
            + self.engagement_minutes
            + self.engagement_names
        )


@dataclass(frozen=True)
class EventPosition:
    """Where a list of events goes on: after this one."""

    at: datetime
    event_id: str
    is_browser: bool


@dataclass(frozen=True)
class SessionPosition:
    """A session by its start and number; a list of sessions goes on after it."""

    at: datetime
    session_id: int


NO_EVENT = {"at": None, "event_id": None, "is_browser": None}
NO_SESSION = {"at": None, "session_id": None}
"""Lists begin with the newest."""


def _picking(scope: Scope, what: str, rows: str) -> tuple[str, dict[str, object]]:
    """Text and parameters of the query `rows` over what the scope holds of `what`."""
    given: dict[str, object] = {**scope.parameters, "currency": scope.site.currency}
    if scope.filters is None:
        return f"{query(f'analytics/pick_{what}')}\n{query(f'analytics/{rows}')}", given
    selected, selecting = selection(scope.site.site_id, scope.filters)
    text = (
        f"WITH selected AS MATERIALIZED ({selected})\n"
        f"{query(f'analytics/pick_{what}_selected')}\n{query(f'analytics/{rows}')}"
    )
    return text, {**given, **selecting}


async def events(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    *,
    limit: int,
    after: EventPosition | None = None,
) -> list[EventRecord]:
    """Events of a scope, newest first; under a filter those of the selected sessions.

    Raises ScopeError.
    """
    await check_filters(conn, scope)
    text, given = _picking(scope, "events", "event_rows")
    position = vars(after) if after else NO_EVENT
    async with conn.cursor(row_factory=class_row(EventRecord)) as cursor:
        await cursor.execute(text, {**given, **position, "most": limit})
        return await cursor.fetchall()


async def sessions(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    *,
    limit: int,
    after: SessionPosition | None = None,
) -> list[SessionRecord]:
    """Sessions that start in a scope, newest first. Raises ScopeError."""
    await check_filters(conn, scope)
    text, given = _picking(scope, "sessions", "session_rows")
    position = vars(after) if after else NO_SESSION
    async with conn.cursor(row_factory=class_row(SessionRecord)) as cursor:
        await cursor.execute(text, {**given, **position, "most": limit})
        return await cursor.fetchall()


async def session(
    conn: psycopg.AsyncConnection[Any], site: Site, key: SessionPosition
) -> SessionRecord | None:
    """One session; None when there is none, perhaps not any more: late events cut anew."""
    found = await _of_session(conn, site, key, SessionRecord, "pick_session", "session_rows", 1)
    return found[0] if found else None


async def session_events(
    conn: psycopg.AsyncConnection[Any], site: Site, key: SessionPosition, *, limit: int
) -> list[EventRecord]:
    """The events of one session, the newest `limit` of them, newest first."""
    return await _of_session(
        conn, site, key, EventRecord, "pick_session_events", "event_rows", limit
    )


async def _of_session(
    conn: psycopg.AsyncConnection[Any],
    site: Site,
    key: SessionPosition,
    row: type[Row],
    picking: str,
    rows: str,
    limit: int,
) -> list[Row]:
    given = {
        **NO_EVENT, **NO_SESSION, "site_id": site.site_id, "currency": site.currency,
        "started_at": key.at, "key": key.session_id, "most": limit,
    }  # fmt: skip
    text = f"{query(f'analytics/{picking}')}\n{query(f'analytics/{rows}')}"
    return await fetch_text(conn, text, row, given)


def stream_events(
    conn: psycopg.AsyncConnection[Any], scope: Scope
) -> AsyncIterator[list[EventRecord]]:
    """All events of a scope, newest first, as of one instant, in lists of at most 1,000."""
    text, given = _picking(scope, "events", "event_rows")
    return _stream(conn, EventRecord, text, {**given, **NO_EVENT, "most": None})


def stream_sessions(
    conn: psycopg.AsyncConnection[Any], scope: Scope
) -> AsyncIterator[list[SessionRecord]]:
    """All sessions that start in a scope, newest first, as of one instant, in lists."""
    text, given = _picking(scope, "sessions", "session_rows")
    return _stream(conn, SessionRecord, text, {**given, **NO_SESSION, "most": None})


async def _stream(
    conn: psycopg.AsyncConnection[Any], row: type[Row], text: str, parameters: dict[str, object]
) -> AsyncIterator[list[Row]]:
    async with (
        conn.transaction(),
        conn.cursor(name="tideline_export", row_factory=class_row(row)) as cursor,
    ):
        await cursor.execute(text, parameters)
        while rows := await cursor.fetchmany(ROWS_AT_ONCE):
            yield rows
