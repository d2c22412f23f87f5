"""How far the reports are: what is received but not in them yet."""

from datetime import date, datetime
from typing import Any

import psycopg

from sql.events import shard_of
from sql.sites import Site


def pending_touches(conn: psycopg.Connection[Any]) -> bool:
    """Whether any written event is not in the sessions and rollups yet."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM touched_visitors) OR EXISTS (SELECT FROM touched_batches)"
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
