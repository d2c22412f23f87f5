"""Actors that bring what the writer added into the reports."""

import dramatiq

from jobs.connections import connection
from sql.event_rollups import add_touched_batches, advance_watermarks
from sql.sessions import rebuild_sessions

MAX_AGE_MS = 10_000
"""A message that waited longer is dropped: the schedule has sent a newer one."""
FIRST = -10
"""Dramatiq runs the message with the lowest priority first: what every panel waits for."""


@dramatiq.actor(actor_name="sessions.rebuild", max_age=MAX_AGE_MS, max_retries=0, priority=FIRST)
def rebuild() -> None:
    """Recomputes the sessions of touched visitors.

    Once: where events never stop there is always more, and a thread that waits for the end is lost
    to all other actors. The schedule sends the next message within a second.
    """
    rebuild_sessions(connection())


@dramatiq.actor(actor_name="rollups.add", max_age=MAX_AGE_MS, max_retries=0, priority=FIRST)
def add() -> None:
    """Adds new events to the rollups of events."""
    add_touched_batches(connection())


@dramatiq.actor(actor_name="rollups.advance", max_age=600_000, max_retries=0)
def advance() -> None:
    """Materialises closed buckets (TimescaleDB)."""
    advance_watermarks(connection())
