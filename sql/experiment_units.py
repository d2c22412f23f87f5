"""Who was exposed to which variant and what came of it, recomputed for the visitors touched."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg

from sql.text import query

Run = Mapping[str, object]
"""sites, experiments, visitors: their numbers; visitors None: everybody."""

LOCK = 7_500
"""Advisory lock of whoever recomputes units, or deletes an experiment."""

MOST_TOUCHED = 50_000

WORK_MEM = "128MB"
"""What a sort or hash of a run may take; a rebuild works on everybody at once."""

_CHANGES = (
    "build_day_changes", "build_segment_changes", "add_day_changes", "add_segment_changes",
    "mark_changed",
)  # fmt: skip

_EVERYBODY_AT_ONCE = ("SET LOCAL enable_nestloop = off", "SET LOCAL enable_mergejoin = off")
"""How a rebuild reads: each table once, by several processes. Exposures are told by properties, of
which there are no statistics, so the planner expects too few of them."""


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
        return sum(_rebuild(conn, *due) for due in _rebuilds(conn)) + _recompute_touched(conn)
    finally:
        if not conn.closed:
            conn.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def _rebuilds(conn: psycopg.Connection[Any]) -> list[tuple[int, int, int]]:
    """Sites and experiments to be rebuilt, each with the revision that asks for it."""
    return conn.execute(
        "SELECT site_id, experiment_id, revision FROM experiments JOIN sites USING (site_id)"
        " WHERE needs_rebuild AND deleted_at IS NULL ORDER BY experiment_id"
    ).fetchall()


def _rebuild(conn: psycopg.Connection[Any], site_id: int, experiment_id: int, revision: int) -> int:
    run: Run = {"sites": [site_id], "experiments": [experiment_id], "visitors": None}
    with _run(conn):
        for setting in _EVERYBODY_AT_ONCE:
            conn.execute(setting)
        conn.execute("DROP TABLE run_units, run_outcomes")
        _rewrite(conn, run, "find_all_units", "find_all_outcomes")
        conn.execute("ANALYZE experiment_units, experiment_outcomes")
        for name in ("remove_days", "remove_segments"):
            conn.execute(query(f"experiments/{name}"), run)
        _count(conn, run, sign=1)
        _apply(conn)
        conn.execute(
            "UPDATE experiments SET changed_from = '-infinity', needs_rebuild = revision <> %s"
            " WHERE experiment_id = %s",
            (revision, experiment_id),
        )
    return 1


def _recompute_touched(conn: psycopg.Connection[Any]) -> int:
    with _run(conn):
        touched = conn.execute(query("experiments/take_touched"), {"most": MOST_TOUCHED}).fetchall()
        if touched:
            sites = sorted({site_id for site_id, _ in touched})
            run: Run = {
                "sites": sites,
                "experiments": _experiments_of(conn, sites),
                "visitors": sorted({visitor_id for _, visitor_id in touched}),
            }
            _count(conn, run, sign=-1)
            _rewrite(conn, run, "find_units", "find_outcomes")
            _count(conn, run, sign=1)
            _apply(conn)
        return len(touched)


def _experiments_of(conn: psycopg.Connection[Any], sites: list[int]) -> list[int]:
    rows = conn.execute(
        "SELECT experiment_id FROM experiments WHERE site_id = ANY (%s) ORDER BY 1", (sites,)
    )
    return [experiment_id for (experiment_id,) in rows]


@contextmanager
def _run(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """A transaction with empty scratch tables."""
    conn.execute(query("experiments/temporary_tables"))
    with conn.transaction():
        conn.execute(f"SET LOCAL work_mem = '{WORK_MEM}'")
        yield


def _rewrite(conn: psycopg.Connection[Any], run: Run, find_units: str, find_outcomes: str) -> None:
    """Makes units and outcomes what the raw events say; rows that are right already stay."""

    def execute(name: str, **more: object) -> None:
        conn.execute(query(f"experiments/{name}"), {**run, **more}, prepare=False)

    execute(find_units)
    conn.execute("ANALYZE run_units")
    execute("remove_units")
    execute("add_units")
    first = conn.execute("SELECT min(exposed_at) FROM run_units").fetchone()
    execute(find_outcomes, from_at=first and first[0])
    conn.execute("ANALYZE run_outcomes")
    execute("remove_outcomes")
    execute("add_outcomes")


def _count(conn: psycopg.Connection[Any], run: Run, *, sign: int) -> None:
    conn.execute(query("experiments/count_cells"), {**run, "sign": sign}, prepare=False)


def _apply(conn: psycopg.Connection[Any]) -> None:
    """Brings the arms by day and by segment in line with what was counted."""
    for name in _CHANGES:
        conn.execute(query(f"experiments/{name}"))
