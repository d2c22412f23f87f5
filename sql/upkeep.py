"""Keeping the machinery small and ready."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString

import psycopg

from sql.engine import Engine, engine_of
from sql.text import query

MONTHS_AHEAD = 2


def make_partitions_ahead(conn: psycopg.Connection[Any]) -> None:
    """Makes the partitions of this and the coming months; a no-op on TimescaleDB."""
    conn.execute(
        "SELECT ensure_month((date_trunc('month', now() AT TIME ZONE 'UTC')"
        " + make_interval(months => n))::date) FROM generate_series(0, %s) AS n",
        (MONTHS_AHEAD,),
    )


def forget_batches(conn: psycopg.Connection[Any], before: datetime, keep: Sequence[str]) -> int:
    """Forgets ledger rows written before an instant, some batches aside; returns how many."""
    return conn.execute(
        "DELETE FROM batch_ledger WHERE written_at < %s AND batch_id <> ALL(%s)",
        (before, list(keep)),
    ).rowcount


def prune_raw_events(conn: psycopg.Connection[Any]) -> int:
    """Moves each site's `raw_from` and deletes the raw events before it; returns how many.

    A partition (chunk) that every site has passed is dropped whole and not counted. On TimescaleDB
    no other raw event goes: a site's deleted rows would vanish from the aggregates too, as soon as
    another site's late event has the same bucket refreshed. Client event ids go with the site's
    `raw_from` on either engine. Rollups, visitors and their days stay. Needs a connection in
    autocommit mode outside a transaction.
    """
    limits = conn.execute(query("upkeep/advance_raw_from")).fetchall()
    row = conn.execute(
        "SELECT min(raw_from) FROM sites WHERE moved_to IS NULL HAVING count(*) = count(raw_from)"
    ).fetchone()
    passed = row[0] if row else None
    for site_id, raw_from in limits:
        _delete_before(conn, "seen_events", site_id, raw_from)
    if engine_of(conn) is Engine.TIMESCALE:
        if passed:
            conn.execute("SELECT drop_chunks('events', older_than => %s::timestamptz)", (passed,))
        return 0
    if passed:
        conn.execute("SELECT drop_months('events', %s)", (passed,))
    return sum(_delete_before(conn, "events", *limit) for limit in limits)


def _delete_before(
    conn: psycopg.Connection[Any], relation: LiteralString, site_id: int, raw_from: datetime
) -> int:
    return conn.execute(
        f"DELETE FROM {relation} WHERE site_id = %s AND ts < %s", (site_id, raw_from)
    ).rowcount
