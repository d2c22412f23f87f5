"""How far the reports are: what is received but not in them yet."""

from datetime import UTC, date, datetime
from typing import Any

import psycopg

from sql.events import shard_of
from sql.sites import Site


def now_of(conn: psycopg.Connection[Any]) -> datetime:
    """The time on the database's clock."""
    row = conn.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    found: datetime = row[0]
    return found.astimezone(UTC)


def pending_touches(conn: psycopg.Connection[Any], until: datetime) -> bool:
    """Whether any written event received up to `until` is not in the sessions and rollups yet."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM touched_visitors WHERE received_at <= %(until)s)"
        " OR EXISTS (SELECT FROM touched_batches WHERE received_at <= %(until)s)",
        {"until": until},
    ).fetchone()
    return bool(row and row[0])


async def as_of(conn: psycopg.AsyncConnection[Any], site: Site) -> datetime:
    """Instant up to which the site's accepted events are in every report."""
    cursor = await conn.execute(
        "SELECT least("
        " (SELECT written_until FROM writer_progress WHERE shard = %(shard)s),"
        " (SELECT min(received_at) FROM touched_visitors WHERE site_id = %(site_id)s),"
        " (SELECT min(received_at) FROM touched_batches WHERE site_id = %(site_id)s),"
        " now())",
        {"shard": shard_of(site.site_id), "site_id": site.site_id},
    )
    row = await cursor.fetchone()
    assert row is not None
    found: datetime = row[0]
    return found


async def first_day(conn: psycopg.AsyncConnection[Any], site: Site) -> date | None:
    """The site's first local day with an event; None when it has none."""
    cursor = await conn.execute(
        "SELECT min(local_day) FROM event_quarters WHERE site_id = %s", (site.site_id,)
    )
    row = await cursor.fetchone()
    return row[0] if row else None
