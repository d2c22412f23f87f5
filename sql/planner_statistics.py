"""Statistics for the planner, gathered as tables grow.

Autovacuum looks about once a minute and never at the parent of partitions; an import fills a new
partition in seconds, and without statistics the planner picks the wrong index.
"""

from typing import Any

import psycopg

from sql.text import query

_ANALYZE_ONLY_SINCE = 180_000
"""Server version from which on a parent can be analysed without its partitions."""


_ROUGH = 30
"""The statistics target: a third of the rows are looked at; autovacuum does better in its time."""

_LOCK = 7_201
"""Advisory lock class: who comes second waits, and then plans with what the first gathered."""


def gather_statistics(conn: psycopg.Connection[Any]) -> None:
    """Analyses the tables that have grown four-fold since they were last analysed.

    Needs a connection in autocommit mode outside a transaction; skips what somebody else locks.
    """
    if not _grown(conn):
        return
    conn.execute("SELECT pg_advisory_lock(%s, 0)", (_LOCK,))
    try:
        _analyze(conn, _grown(conn))
    finally:
        if not conn.closed:
            conn.execute("SELECT pg_advisory_unlock(%s, 0)", (_LOCK,))


def _grown(conn: psycopg.Connection[Any]) -> list[tuple[str, str | None]]:
    return conn.execute(query("upkeep/grown_tables")).fetchall()


def _analyze(conn: psycopg.Connection[Any], grown: list[tuple[str, str | None]]) -> None:
    names = [name for name, _ in grown]
    if conn.info.server_version >= _ANALYZE_ONLY_SINCE:
        names += [f"ONLY {parent}" for parent in sorted({parent for _, parent in grown if parent})]
    conn.execute(f"SET default_statistics_target = {_ROUGH}")
    for name in names:
        conn.execute(f"ANALYZE (SKIP_LOCKED) {name}")
    conn.execute("RESET default_statistics_target")
