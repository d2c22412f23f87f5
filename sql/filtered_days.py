"""Parts of closed days, stored for filters on one frequent value of a low-cardinality dimension.

Readers use what is stored of the days that no rebuild of sessions touched since, and the sessions
of the others, so an answer never waits for this job.
"""

from datetime import date, timedelta
from typing import Any

import psycopg

from sql.filters import LOW_DIMENSIONS
from sql.parts import COLUMNS, EVERYTHING, PAGES, parts_of
from sql.running import selected_shares
from sql.scope import Scope
from sql.sites import Site, sites_by_id
from sql.text import query

LEAST_SESSIONS = 500
"""A value's sessions of a day from which on its parts are stored; fewer are read as fast."""
REST_S = 600.0
"""How long a touched day must be left alone before it is computed again."""

_LOCK = 7_901
"""Advisory lock class of a site's filtered days; the second key is the site."""


def store_due(
    conn: psycopg.Connection[Any], *, rest_s: float = REST_S, least: int = LEAST_SESSIONS
) -> int:
    """Computes the days that are missing or touched, one transaction a day; returns how many.

    Needs a connection in autocommit mode outside a transaction. Safe to repeat; waits for others
    who are at the same site.
    """
    due = conn.execute(query("filtered/find_due"), {"rest_s": rest_s}).fetchall()
    sites = sites_by_id(conn) if due else {}
    for site_id, day in due:
        with conn.transaction():
            conn.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_LOCK, site_id))
            # What is read after this was there, or leaves a touch of its own.
            conn.execute(
                "DELETE FROM touched_filtered_days WHERE site_id = %s AND day = %s", (site_id, day)
            )
            _replace(conn, sites[site_id], day, least)
    return len(due)


def _replace(conn: psycopg.Connection[Any], site: Site, day: date, least: int) -> None:
    for relation in ("filtered_days", "filtered_page_days"):
        conn.execute(
            f"DELETE FROM {relation} WHERE site_id = %s AND local_day = %s", (site.site_id, day)
        )
    if has_frequent_values(conn, site.site_id, day, least):
        expected, given = expected_parts(site, day, least)
        conn.execute(f"WITH parts AS MATERIALIZED ({expected}){_STORE}", given)
    conn.execute(
        "INSERT INTO filtered_progress VALUES (%s, %s) ON CONFLICT (site_id)"
        " DO UPDATE SET done_day = greatest(filtered_progress.done_day, excluded.done_day)",
        (site.site_id, day + timedelta(days=1)),
    )


_STORE = (
    ", pages AS (INSERT INTO filtered_page_days"
    " SELECT %(site_id)s, dimension, value_id, local_day, array_agg(by_id), array_agg(pageviews)"
    f" FROM parts WHERE kind = {PAGES} GROUP BY dimension, value_id, local_day)"
    f" INSERT INTO filtered_days SELECT %(site_id)s, {COLUMNS} FROM parts WHERE kind <> {PAGES}"
)


def has_frequent_values(conn: psycopg.Connection[Any], site_id: int, day: date, least: int) -> bool:
    """Whether any value has so many sessions on a day that its parts are stored."""
    found = conn.execute(query("filtered/frequent_values"), _given(site_id, day, least))
    return found.fetchone() is not None


def expected_parts(site: Site, day: date, least: int) -> tuple[str, dict[str, Any]]:
    """A SELECT of all parts of a day that are stored, and its parameters."""
    scope = Scope(site, day, day)
    shares, given = selected_shares(scope)
    values = ", ".join(
        f"({number}::smallint, {name}_id)" for name, number in LOW_DIMENSIONS.items()
    )
    valued = (
        f"SELECT v.dimension, v.value_id, s.* FROM shares s CROSS JOIN LATERAL (VALUES {values})"
        " AS v(dimension, value_id) JOIN frequent_values USING (dimension, value_id)"
    )
    frequent = f"frequent_values AS MATERIALIZED ({query('filtered/frequent_values')})"
    parts = parts_of(valued, EVERYTHING)
    text = f"WITH {frequent}, {shares} SELECT * FROM ({parts}) AS parts"
    return text, {**scope.parameters, **given, **_given(site.site_id, day, least)}


def _given(site_id: int, day: date, least: int) -> dict[str, Any]:
    return {"site_id": site_id, "day": day, "least": least}
