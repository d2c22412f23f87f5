"""Raw events that their sites keep no longer: they go, and what was counted of them stays."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, LiteralString

import psycopg

from sql.engine import Engine, engine_of
from sql.event_rollups import keep_counted, touch_deleted
from sql.scope import local_today, midnight
from sql.sites import sites_by_id
from sql.text import query
from sql.writing import hold_writers

_LOCK = 7_600
"""Advisory lock of whoever deletes raw events."""


def prune_raw_events(conn: psycopg.Connection[Any], now: datetime) -> int:
    """Moves each site's `raw_from` and deletes the raw events before it; returns how many.

    A partition (chunk) that every site has passed is dropped whole and not counted. Client event
    ids go with the raw events; rollups, visitors and their days stay. 0 also when somebody else is
    at it. Needs a connection in autocommit mode outside a transaction. Safe to repeat.
    """
    with _alone(conn) as is_alone:
        if not is_alone:
            return 0
        _advance(conn, now)
        limits = conn.execute(
            "SELECT site_id, raw_from, (raw_from AT TIME ZONE timezone)::date FROM sites"
            " WHERE raw_from IS NOT NULL ORDER BY site_id"
        ).fetchall()
        is_timescale = engine_of(conn) is Engine.TIMESCALE
        spans = [keep_counted(conn, *limit) for limit in limits] if is_timescale else []
        _drop_passed(conn, is_timescale)
        deleted = 0
        for site_id, raw_from, _ in limits:
            _delete_before(conn, "seen_events", site_id, raw_from)
            deleted += _delete_before(conn, "events", site_id, raw_from)
        for span in filter(None, spans):
            touch_deleted(conn, span)
        return deleted


@contextmanager
def _alone(conn: psycopg.Connection[Any]) -> Iterator[bool]:
    row = conn.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
    is_alone = row is not None and bool(row[0])
    try:
        yield is_alone
    finally:
        if is_alone and not conn.closed:
            conn.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


def _advance(conn: psycopg.Connection[Any], now: datetime) -> None:
    """Moves `raw_from` to the first instant of the oldest local day that a site keeps.

    From then on the writers take nothing before it.
    """
    due = {}
    for site in sites_by_id(conn).values():
        if site.retention_days is not None:
            oldest = local_today(site, now) - timedelta(days=site.retention_days)
            keeps_from = midnight(site, oldest)
            if site.raw_from is None or site.raw_from < keeps_from:
                due[site.site_id] = keeps_from
    if due:
        with conn.transaction():
            hold_writers(conn)
            # Whoever asks for another zone of a site meanwhile is waited for.
            conn.execute("SELECT FROM sites WHERE site_id = ANY(%s) FOR UPDATE", (list(due),))
            conn.execute(
                query("upkeep/advance_raw_from"),
                {"site_ids": list(due), "instants": list(due.values())},
            )


def _drop_passed(conn: psycopg.Connection[Any], is_timescale: bool) -> None:
    row = conn.execute(
        "SELECT min(raw_from) FROM sites WHERE moved_to IS NULL HAVING count(*) = count(raw_from)"
    ).fetchone()
    if row is not None and row[0] is not None:
        drop = "drop_chunks('events', older_than =>" if is_timescale else "drop_months('events',"
        conn.execute(f"SELECT {drop} %s::timestamptz)", (row[0],))


def _delete_before(
    conn: psycopg.Connection[Any], relation: LiteralString, site_id: int, raw_from: datetime
) -> int:
    return conn.execute(
        f"DELETE FROM {relation} WHERE site_id = %s AND ts < %s", (site_id, raw_from)
    ).rowcount
