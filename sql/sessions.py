"""Sessions, visitors and their rollups, recomputed for the visitors that were touched."""

from datetime import datetime, timedelta
from typing import Any

import psycopg

from sql.planner_statistics import gather_statistics
from sql.text import query

_LOCK = 7_200
"""Advisory lock class of the visitor shards; the second key is the shard."""
_FEW = 16
"""A run that finds no more shards than this takes them all."""

_STORE_SESSIONS = "INSERT INTO sessions SELECT * FROM run_new_sessions ORDER BY visitor_id"
_STORE_SHARES = (
    "INSERT INTO session_hours SELECT * FROM run_new_hours ORDER BY session_id",
    "INSERT INTO session_pages SELECT * FROM run_new_pages ORDER BY session_id",
    "INSERT INTO session_names SELECT * FROM run_new_names ORDER BY session_id",
)
"""Along the column of the primary key that differs most: an index is then filled page by page."""
_REMOVE = ("fill_old_days", "remove_hours", "remove_pages", "remove_names")
_BUILD = ("build_pages", "build_names", "build_sessions")
_CHAIN = ("remove_days", "shift_days", "add_days", "link_days")
_VISITORS = ("look_up_bounds", "remove_visitors", "rewrite_visitors", "add_visitors")
_SUM = ("value_days", "page_days", "quarters", "hour_visitors", "gaps", "minutes")
"""What runs share, hence last: a run waits here for another that has not committed. All of them
lock their rows in the same order."""
_TOUCH = ("touch_days", "touch_filtered_days", "touch_cohorts", "touch_experiments")

_BY_KEY = {
    "enable_hashjoin": "off", "enable_mergejoin": "off", "enable_seqscan": "off",
    "enable_nestloop": "on", "timescaledb.enable_runtime_exclusion": "off",
}  # fmt: skip
_BY_SET = {
    "enable_hashjoin": "on", "enable_mergejoin": "off", "enable_seqscan": "on",
    "enable_nestloop": "off",
}  # fmt: skip
"""How a statement joins. The scratch tables have no statistics (to gather them costs more than to
join them), so the planner is told whether few rows are looked up in a large table or scratch
tables are joined with each other. To leave out chunks anew for each row costs more than to look
there; without TimescaleDB nobody reads that setting."""


def rebuild_sessions(conn: psycopg.Connection[Any], *, most: int = 50_000) -> int:
    """Recomputes the sessions of touched visitors in one transaction; returns touches handled.

    Takes the half of the shards that waits longest, so that a second run finds work, and at most
    `most` touches; 0 when nobody waits or others work on all of them. Needs a connection in
    autocommit mode outside a transaction. Safe to repeat and to run concurrently.
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


def touched_shards(conn: psycopg.Connection[Any]) -> list[int]:
    """Visitor shards that wait for a rebuild, longest first."""
    rows = conn.execute(
        "SELECT shard FROM touched_visitors GROUP BY shard ORDER BY min(received_at), shard"
    )
    return [row[0] for row in rows]


def _own_shards(conn: psycopg.Connection[Any], shards: list[int]) -> list[int]:
    rows = conn.execute(
        "SELECT shard FROM unnest(%s::int[]) AS shard WHERE pg_try_advisory_lock(%s, shard)"
        " LIMIT greatest(cardinality(%s::int[]) / 2, %s)",
        (shards, _LOCK, shards, _FEW),
    )
    return [row[0] for row in rows]


def _run(conn: psycopg.Connection[Any], shards: list[int], most: int) -> int:
    gather_statistics(conn)
    make_scratch_tables(conn)
    with conn.transaction():
        touched = conn.execute(query("sessions/take_touches"), {"shards": shards, "most": most})
        if touched.rowcount == 0:
            return 0
        replace_sessions(conn)
        _join(conn, _BY_KEY)
        _steps(conn, *_REMOVE)
        _join(conn, _BY_SET)
        _steps(conn, "build_hours", "fill_hours", "find_visitors", "find_days", "keep_hours")
        for statement in _STORE_SHARES:
            conn.execute(statement)
        _steps(conn, "change_days")
        _join(conn, _BY_KEY)
        _steps(conn, *_CHAIN, *_VISITORS, *_TOUCH)
        _join(conn, _BY_SET)
        _steps(conn, *(f"add_{kind}" for kind in _SUM))
        return touched.rowcount


def make_scratch_tables(conn: psycopg.Connection[Any]) -> None:
    """Creates the run_* tables that this connection lacks."""
    row = conn.execute("SELECT to_regclass('pg_temp.run_gaps')").fetchone()
    if row == (None,):
        conn.execute(query("sessions/temporary_tables"))


def replace_sessions(conn: psycopg.Connection[Any]) -> None:
    """Puts new sessions where those of run_spans were; the caller holds the transaction."""
    _join(conn, _BY_KEY)
    _steps(conn, "close_spans")
    conn.execute(query("sessions/remove_sessions"), _bounds(conn, widen=True))
    _join(conn, _BY_SET)
    _steps(conn, "widen_spans")
    _cut_sessions(conn)
    conn.execute(_STORE_SESSIONS)


def build_sessions(conn: psycopg.Connection[Any]) -> None:
    """Fills run_new_* from the events of run_spans; the caller holds the transaction."""
    _cut_sessions(conn)
    _steps(conn, "build_hours")


def _cut_sessions(conn: psycopg.Connection[Any]) -> None:
    _join(conn, _BY_KEY)
    conn.execute(query("sessions/take_events"), _bounds(conn))
    _join(conn, _BY_SET)
    _steps(conn, *_BUILD)


def _steps(conn: psycopg.Connection[Any], *names: str) -> None:
    for name in names:
        conn.execute(query(f"sessions/{name}"))


def _join(conn: psycopg.Connection[Any], how: dict[str, str]) -> None:
    conn.execute(
        "SELECT set_config(name, value, true) FROM unnest(%s::text[], %s::text[])"
        " AS setting(name, value)",
        (list(how), list(how.values())),
    )


def _bounds(conn: psycopg.Connection[Any], *, widen: bool = False) -> dict[str, datetime]:
    row = conn.execute("SELECT min(from_at), max(to_at), max(gap) FROM run_spans").fetchone()
    assert row is not None
    gap: timedelta = row[2] if widen else timedelta(0)
    return {"from_at": row[0] - gap, "to_at": row[1] + gap}
