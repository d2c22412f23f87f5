"""How far the reports are: what is received but not in them yet."""

from typing import Any

import psycopg


def pending_touches(conn: psycopg.Connection[Any]) -> bool:
    """Whether any written event is not in the sessions and rollups yet."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM touched_visitors) OR EXISTS (SELECT FROM touched_batches)"
    ).fetchone()
    return bool(row and row[0])
