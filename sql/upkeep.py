"""Keeping the machinery small and ready."""

from typing import Any

import psycopg

LEDGER_DAYS = 7
"""Ledger rows are kept this long; no stream entry waits longer (the backlog limit forbids it)."""
MONTHS_AHEAD = 2


def make_partitions_ahead(conn: psycopg.Connection[Any]) -> None:
    """Makes the partitions of this and the coming months; a no-op on TimescaleDB."""
    conn.execute(
        "SELECT ensure_month((date_trunc('month', now() AT TIME ZONE 'UTC')"
        " + make_interval(months => n))::date) FROM generate_series(0, %s) AS n",
        (MONTHS_AHEAD,),
    )


def prune_ledger(conn: psycopg.Connection[Any]) -> None:
    """Forgets ledger rows that no redelivery can need."""
    conn.execute(
        "DELETE FROM batch_ledger WHERE written_at < now() - make_interval(days => %s)",
        (LEDGER_DAYS,),
    )
