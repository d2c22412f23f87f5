"""Goals: which events are conversions, and marking the stored ones again when that changes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import class_row

from sql.engine import Engine, engine_of
from sql.event_rollups import keep_rollups
from sql.text import query
from sql.zone_changes import hold_number

WRITERS_KNOW_AFTER = timedelta(seconds=30)
"""Until then a writer may still have stored events by the goals of before."""

_CHANGED_TABLE = (
    "CREATE TEMP TABLE IF NOT EXISTS run_changed_events (ts timestamptz, local_day date,"
    " name_id integer, visitor_id bigint, session_key bigint, batch_seq bigint, sign integer)"
    " ON COMMIT DELETE ROWS"
)


@dataclass(frozen=True)
class Goal:
    """Events of this name are conversions."""

    event: str
    created_at: datetime


async def list_goals(conn: psycopg.AsyncConnection[Any], site_id: int) -> list[Goal]:
    """A site's goals, oldest first."""
    async with conn.cursor(row_factory=class_row(Goal)) as cursor:
        await cursor.execute(
            "SELECT event, created_at FROM goals WHERE site_id = %s ORDER BY goal_id", (site_id,)
        )
        return await cursor.fetchall()


async def add_goal(conn: psycopg.AsyncConnection[Any], site_id: int, event: str) -> Goal | None:
    """Makes an event a conversion; None when it is one. A job marks the stored events."""
    async with conn.transaction(), conn.cursor(row_factory=class_row(Goal)) as cursor:
        site_id = await hold_number(conn, site_id)
        await cursor.execute(
            "INSERT INTO goals (site_id, event) VALUES (%s, %s)"
            " ON CONFLICT (site_id, event) DO NOTHING RETURNING event, created_at",
            (site_id, event),
        )
        goal = await cursor.fetchone()
        if goal is not None:
            await conn.execute("INSERT INTO touched_goals (site_id) VALUES (%s)", (site_id,))
        return goal


async def delete_goal(conn: psycopg.AsyncConnection[Any], site_id: int, event: str) -> bool:
    """Lets an event be a conversion no more; False when it was none."""
    async with conn.transaction():
        site_id = await hold_number(conn, site_id)
        changed = await conn.execute(
            "DELETE FROM goals WHERE site_id = %s AND event = %s", (site_id, event)
        )
        if changed.rowcount:
            await conn.execute("INSERT INTO touched_goals (site_id) VALUES (%s)", (site_id,))
        return changed.rowcount == 1


def apply_changed_goals(conn: psycopg.Connection[Any]) -> int:
    """Marks the events of the sites whose goals changed; returns how many events it changed.

    A site is gone over again until every writer knows its goals. Needs a connection in autocommit
    mode outside a transaction.
    """
    rows = conn.execute("SELECT DISTINCT site_id FROM touched_goals ORDER BY site_id").fetchall()
    return sum(apply_goals(conn, site_id) for (site_id,) in rows)


def apply_goals(conn: psycopg.Connection[Any], site_id: int) -> int:
    """Marks a site's stored events by its goals of now; returns how many events it changed.

    Repairs what the rollups of events hold of them, and touches their minutes and visitors, in one
    transaction. Needs a connection in autocommit mode outside a transaction. Safe to repeat.
    """
    conn.execute(_CHANGED_TABLE)
    parameters = {"site_id": site_id}
    with conn.transaction():
        keep_rollups(conn)
        changed = conn.execute(query("goals/mark_events"), parameters).rowcount
        if changed:
            names = ["touch_visitors", "touch_minutes"]
            if engine_of(conn) is Engine.TIMESCALE:
                names += ["touch_spans"]
            else:
                names += ["correct_quarters", "correct_name_days"]
            for name in names:
                conn.execute(query(f"goals/{name}"), parameters)
        conn.execute(
            "DELETE FROM touched_goals WHERE site_id = %s AND changed_at < now() - %s",
            (site_id, WRITERS_KNOW_AFTER),
        )
    return changed
