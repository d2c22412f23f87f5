"""Who was exposed to which variant and what came of it, recomputed for the visitors touched."""

from typing import Any

import psycopg

from sql.text import query

LOCK = 7_500
"""Advisory lock of whoever recomputes units, or deletes an experiment."""

MOST_TOUCHED = 50_000

WORK_MEM = "128MB"
"""What a sort or hash of a run may take; a rebuild works on everybody at once."""

_TAKE_TOUCHED = ("remove_units", "remove_outcomes", "take_exposures")
_TAKE_ALL = ("remove_all_units", "remove_all_outcomes", "take_all_exposures")
_BUILD = (
    "build_cells", "build_day_changes", "build_segment_changes", "add_day_changes",
    "add_segment_changes", "mark_changed",
)  # fmt: skip


def units_are_due(conn: psycopg.Connection[Any]) -> bool:
    """Whether a visitor was touched, or a definition changed, and units do not say so yet."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM touched_units)"
        " OR EXISTS (SELECT FROM experiments JOIN sites USING (site_id)"
        " WHERE needs_rebuild AND deleted_at IS NULL)"
    ).fetchone()
    return bool(row and row[0])


def recompute_due(conn: psycopg.Connection[Any]) -> int:
    """Recomputes the units that are due; returns touches and rebuilt experiments handled.

    0 also when somebody else is at it. Needs a connection in autocommit mode outside a
    transaction. Safe to repeat.
    """
    if not units_are_due(conn):
        return 0
    row = conn.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
    if row is None or not row[0]:
        return 0
    try:
        conn.execute(query("experiments/temporary_tables"))
        return sum(_rebuild(conn, *due) for due in _rebuilds(conn)) + _recompute_touched(conn)
    finally:
        if not conn.closed:
            conn.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def _rebuilds(conn: psycopg.Connection[Any]) -> list[tuple[int, int]]:
    """Experiments to be rebuilt, each with the revision that asks for it."""
    return conn.execute(
        "SELECT experiment_id, revision FROM experiments JOIN sites USING (site_id)"
        " WHERE needs_rebuild AND deleted_at IS NULL ORDER BY experiment_id"
    ).fetchall()


def _rebuild(conn: psycopg.Connection[Any], experiment_id: int, revision: int) -> int:
    with conn.transaction():
        conn.execute(query("experiments/take_experiments"), {"experiment_id": experiment_id})
        _run(conn, _TAKE_ALL)
        conn.execute(
            "UPDATE experiments SET needs_rebuild = false"
            " WHERE experiment_id = %s AND revision = %s",
            (experiment_id, revision),
        )
    return 1


def _recompute_touched(conn: psycopg.Connection[Any]) -> int:
    with conn.transaction():
        taken = conn.execute(query("experiments/take_touched"), {"most": MOST_TOUCHED})
        if taken.rowcount:
            conn.execute(query("experiments/take_experiments"), {"experiment_id": None})
            conn.execute("ANALYZE run_unit_visitors")
            _run(conn, _TAKE_TOUCHED)
        return taken.rowcount


def _run(conn: psycopg.Connection[Any], take: tuple[str, ...]) -> None:
    """Recomputes the units whose exposures `take` finds in the experiments of run_experiments."""
    conn.execute(f"SET LOCAL work_mem = '{WORK_MEM}'")
    for name in ("take_variants", "take_goals"):
        conn.execute(query(f"experiments/{name}"))
    conn.execute("ANALYZE run_experiments, run_variants, run_goals")
    for name in (*take, "remember_exposures"):
        conn.execute(query(f"experiments/{name}"))
    conn.execute("ANALYZE run_exposures, run_old_units")
    conn.execute(query("experiments/build_units"))
    conn.execute("ANALYZE run_new_units")
    first = conn.execute("SELECT min(exposed_at) FROM run_new_units").fetchone()
    conn.execute(query("experiments/build_outcomes"), {"from_at": first and first[0]})
    conn.execute("INSERT INTO experiment_units SELECT * FROM run_new_units")
    conn.execute(
        "INSERT INTO experiment_outcomes SELECT * FROM run_new_outcomes"
        " ORDER BY site_id, experiment_id, visitor_id"
    )
    conn.execute("ANALYZE run_new_outcomes, run_old_outcomes")
    for name in _BUILD:
        conn.execute(query(f"experiments/{name}"))
