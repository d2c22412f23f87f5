"""Keeping the machinery small and ready."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

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
