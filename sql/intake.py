"""What became of the events that were sent: stored, refused, kept out, waiting."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import psycopg

from sql.events import shard_of
from sql.running import fetch
from sql.sites import Site


def trust_key(at: datetime) -> str:
    """Redis key of what the API counted in a minute: a hash, fields "SITE|OUTCOME|REASON"."""
    return f"tideline:trust:{at.astimezone(UTC):%Y%m%d%H%M}"


@dataclass(frozen=True)
class IntakeHour:
    """Events of an outcome that the writer met, by hour of receipt."""

    hour_at: datetime
    """The instant the local hour begins."""
    outcome: str
    """stored, duplicate, late (stored, more than 10 minutes after it happened) or dead_letter."""
    events: int


@dataclass(frozen=True)
class Freshness:
    """How far a site's reports are; see the query for the columns."""

    asked_at: datetime
    written_until: datetime | None
    waiting_sessions: datetime | None
    waiting_rollups: datetime | None
    waiting_minutes: int
    waiting_cohorts: int
    waiting_units: int
    trends_day: date | None


@dataclass(frozen=True)
class LastEvent:
    """When a site was last heard of."""

    slug: str
    name: str
    timezone: str
    last_at: datetime | None
    received_minute: datetime | None
    events_24h: int


async def intake_hours(
    conn: psycopg.AsyncConnection[Any], site: Site, since: datetime
) -> list[IntakeHour]:
    """What the writer met since an instant, oldest hour first."""
    parameters = {"site_id": site.site_id, "timezone": site.timezone, "since": since}
    return await fetch(conn, "trust/intake_hours", IntakeHour, parameters)


async def freshness(conn: psycopg.AsyncConnection[Any], site: Site) -> Freshness:
    """What of the site is not in the reports yet."""
    parameters = {"site_id": site.site_id, "shard": shard_of(site.site_id)}
    return (await fetch(conn, "trust/freshness", Freshness, parameters))[0]


async def last_events(conn: psycopg.AsyncConnection[Any]) -> list[LastEvent]:
    """When each site was last heard of."""
    return await fetch(conn, "trust/last_events", LastEvent, {})
