"""Sessions, visitors and their rollups, recomputed for the visitors that were touched."""

from datetime import datetime, timedelta
from typing import Any

import psycopg

from sql.text import query

_LOCK = 7_200
"""Advisory lock class of the visitor shards; the second key is the shard."""

_STORE = (
    "INSERT INTO sessions SELECT * FROM run_new_sessions ORDER BY site_id, started_at",
    "INSERT INTO session_hours SELECT * FROM run_new_hours ORDER BY site_id, local_day",
    "INSERT INTO session_pages SELECT * FROM run_new_pages ORDER BY site_id, local_day",
    "INSERT INTO session_names SELECT * FROM run_new_names ORDER BY site_id, local_day",
    "INSERT INTO run_days SELECT site_id, visitor_id, local_day FROM run_old_hours"
    " UNION SELECT site_id, visitor_id, local_day FROM run_new_hours",
)
_DERIVE = (
    "add_quarters", "add_value_days", "add_page_days", "add_hour_visitors", "target_days",
    "remove_days", "find_new_days", "add_days", "link_days", "add_minutes", "touch_days",
    "touch_cohorts", "rewrite_visitors", "remove_visitors", "touch_experiments",
)  # fmt: skip


def touched_shards(conn: psycopg.Connection[Any]) -> list[int]:
    """Visitor shards that wait for a rebuild."""
    rows = conn.execute(
        "WITH RECURSIVE shards AS ("
        " (SELECT shard FROM touched_visitors ORDER BY shard LIMIT 1)"
        " UNION ALL SELECT (SELECT t.shard FROM touched_visitors t WHERE t.shard > s.shard"
        " ORDER BY t.shard LIMIT 1) FROM shards s WHERE s.shard IS NOT NULL)"
        " SELECT shard FROM shards WHERE shard IS NOT NULL"
    )
    return [row[0] for row in rows]


def rebuild_sessions(conn: psycopg.Connection[Any], *, most: int = 50_000) -> int:
    """Recomputes the sessions of touched visitors in one transaction; returns touches handled.

    Takes the shards that nobody else works on and at most `most` touches; 0 when there are none.
    Needs a connection in autocommit mode outside a transaction. Safe to repeat and to run
    concurrently.
    """
    shards = _own_shards(conn, touched_shards(conn))
    if not shards:
        return 0
    try:
        return _run(conn, shards, most)
    finally:
        if not conn.closed:
            conn.execute(
                "SELECT pg_advisory_unlock(%s, shard) FROM unnest(%s::int[]) AS shard",
                (_LOCK, shards),
            )


def _own_shards(conn: psycopg.Connection[Any], shards: list[int]) -> list[int]:
    rows = conn.execute(
        "SELECT shard FROM unnest(%s::int[]) AS shard WHERE pg_try_advisory_lock(%s, shard)",
        (shards, _LOCK),
    )
    return [row[0] for row in rows]


def _run(conn: psycopg.Connection[Any], shards: list[int], most: int) -> int:
    conn.execute(query("sessions/temporary_tables"))
    with conn.transaction():
        touched = conn.execute(query("sessions/take_touches"), {"shards": shards, "most": most})
        if touched.rowcount == 0:
            return 0
        conn.execute("ANALYZE run_spans")
        conn.execute(query("sessions/remove_sessions"), _bounds(conn, widen=True))
        for kind in ("hours", "pages", "names"):
            conn.execute(query(f"sessions/remove_{kind}"))
        conn.execute(query("sessions/widen_spans"))
        build_sessions(conn)
        for statement in _STORE:
            conn.execute(statement)
        conn.execute("ANALYZE run_new_sessions, run_new_hours, run_days")
        for name in _DERIVE:
            conn.execute(query(f"sessions/{name}"))
        return touched.rowcount


def build_sessions(conn: psycopg.Connection[Any]) -> None:
    """Fills run_new_* from the events of run_spans; the caller holds the transaction."""
    conn.execute(query("sessions/take_events"), _bounds(conn))
    conn.execute("ANALYZE run_events")
    for kind in ("sessions", "hours", "pages", "names"):
        conn.execute(query(f"sessions/build_{kind}"))


def _bounds(conn: psycopg.Connection[Any], *, widen: bool = False) -> dict[str, datetime]:
    row = conn.execute("SELECT min(from_at), max(to_at), max(gap) FROM run_spans").fetchone()
    assert row is not None
    gap: timedelta = row[2] if widen else timedelta(0)
    return {"from_at": row[0] - gap, "to_at": row[1] + gap}
