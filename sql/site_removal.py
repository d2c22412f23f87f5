"""Deleting what a site held."""

from typing import Any

import psycopg

from sql.engine import Engine, engine_of
from sql.event_rollups import span_of_events, touch_deleted
from sql.rollups import event_rollups

_RELATIONS = (
    "touched_visitors", "touched_batches", "seen_events", "intake_minutes", "dead_letters",
    "sessions", "session_hours", "session_pages", "session_names", "visitors",
    "visitor_value_days", "value_gaps", "session_quarters", "session_value_days", "hour_visitors",
    "session_page_days", "touched_minutes", "touched_days", "event_minutes", "session_minutes",
    "touched_cohorts", "cohort_progress", "cohort_retention", "filtered_days",
    "filtered_page_days", "filtered_progress", "touched_filtered_days", "touched_units",
    "experiment_units", "experiment_outcomes", "experiment_days", "experiment_segments", "labels",
)  # fmt: skip


def remove_deleted_sites(conn: psycopg.Connection[Any]) -> int:
    """Deletes all that deleted sites hold, one transaction a site; returns how many sites.

    Waits a minute after the deletion, so that events under way find nothing to be stored for. A
    number whose site goes on under another stays, as a hint.
    """
    rows = conn.execute(
        "SELECT site_id FROM sites WHERE deleted_at < now() - INTERVAL '1 minute'"
    ).fetchall()
    relations = [*_RELATIONS, *_rollups(engine_of(conn))]
    for (site_id,) in rows:
        with conn.transaction():
            span = span_of_events(conn, site_id)
            if span is not None:
                touch_deleted(conn, span)
            conn.execute("DELETE FROM events WHERE site_id = %s", (site_id,))
            for relation in relations:
                conn.execute(f"DELETE FROM {relation} WHERE site_id = %s", (site_id,))
            conn.execute("DELETE FROM sites WHERE site_id = %s AND moved_to IS NULL", (site_id,))
            conn.execute("UPDATE sites SET deleted_at = NULL WHERE site_id = %s", (site_id,))
    return len(rows)


def _rollups(engine: Engine) -> list[str]:
    """The tables that hold rollups of events."""
    if engine is Engine.TIMESCALE:
        return ["rollup_bounds", *(rollup.kept for rollup in event_rollups())]
    return [rollup.name for rollup in event_rollups()]
