"""Parts of closed days, stored for filters on one frequent value of a low dimension, or one page.

Readers use what is stored of the days that no rebuild of sessions touched since, and the sessions
of the others, so an answer never waits for this job.
"""

import math
import time
from datetime import date, timedelta
from typing import Any

import psycopg

from sql.filters import LOW_DIMENSIONS, PAGE
from sql.parts import EVERYTHING, PAGES, parts_of
from sql.running import by_set, selected_shares
from sql.scope import Scope
from sql.sites import Site, sites_by_id
from sql.text import query

LEAST_SESSIONS = 50
"""A value's sessions of a day from which on its parts are stored; fewer are read as fast."""
LEAST_SHARE = 0.01
"""A page's share of the sessions, too; those of others are found by an index as fast."""
REST_S = 600.0
"""How long a touched day must be left alone before it is computed again."""

_LOCK = 7_901
"""Advisory lock class of a site's filtered days; the second key is the site."""


def store_due(
    conn: psycopg.Connection[Any],
    *,
    rest_s: float = REST_S,
    least: int = LEAST_SESSIONS,
    patience_s: float = math.inf,
) -> int:
    """Computes the days that are missing or touched, one transaction a day; returns how many.

    Begins no further day after `patience_s`: the others wait for the next call. Needs a connection
    in autocommit mode outside a transaction. Safe to repeat; waits for others who are at the same
    site.
    """
    due = conn.execute(query("filtered/find_due"), {"rest_s": rest_s}).fetchall()
    sites = sites_by_id(conn) if due else {}
    began = time.monotonic()
    for done, (site_id, day) in enumerate(due):
        if time.monotonic() - began > patience_s:
            return done
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
    frequent = query("filtered/frequent_values")
    given = {"site_id": site.site_id, "day": day, "least": least, "least_share": LEAST_SHARE}
    # The statistics may not know of the day: taken for few, its rows would be looked up one by one.
    conn.execute(*by_set(has_lookups=False, is_sorted=False))
    if conn.execute(frequent, given).fetchone():
        expected, more = _parts_of(site, day, frequent)
        conn.execute(f"WITH parts AS MATERIALIZED ({expected}){_STORE}", {**given, **more})
    conn.execute(
        "INSERT INTO filtered_progress VALUES (%s, %s) ON CONFLICT (site_id)"
        " DO UPDATE SET done_day = greatest(filtered_progress.done_day, excluded.done_day)",
        (site.site_id, day + timedelta(days=1)),
    )


_STORE = (
    ", pages AS (INSERT INTO filtered_page_days"
    " SELECT site_id, dimension, value_id, local_day, array_agg(by_id), array_agg(pageviews)"
    f" FROM parts WHERE kind = {PAGES} GROUP BY site_id, dimension, value_id, local_day)"
    f" INSERT INTO filtered_days SELECT * FROM parts WHERE kind <> {PAGES}"
)


def stored_days(conn: psycopg.Connection[Any], site_id: int) -> list[date]:
    """The days with stored parts that are read, in order of time."""
    return [row[0] for row in conn.execute(query("filtered/stored_days"), {"site_id": site_id})]


def expected_parts(site: Site, day: date) -> tuple[str, dict[str, Any]]:
    """A SELECT of what filtered_parts should hold for the values it has, and its parameters."""
    stored = (
        "SELECT DISTINCT dimension, value_id FROM filtered_days"
        " WHERE site_id = %(site_id)s AND local_day = %(day)s"
    )
    text, given = _parts_of(site, day, stored)
    return text, {**given, "day": day}


def _parts_of(site: Site, day: date, values: str) -> tuple[str, dict[str, Any]]:
    """A SELECT of a day's parts of some values, and its parameters; `values`: their SELECT."""
    scope = Scope(site, day, day)
    shares, given = selected_shares(scope, "MATERIALIZED")
    columns = ", ".join(
        f"({number}::smallint, {name}_id)" for name, number in LOW_DIMENSIONS.items()
    )
    viewed = " UNION ALL ".join(
        f"SELECT session_id, started_at, unnest(page_ids) AS value_id FROM {sessions}"
        for sessions in ("one_day", "more_days")
    )
    valued = (
        f"SELECT v.dimension, v.value_id, s.* FROM shares s CROSS JOIN LATERAL (VALUES {columns})"
        " AS v(dimension, value_id) JOIN frequent_values USING (dimension, value_id)"
        f" UNION ALL SELECT dimension, value_id, s.* FROM ({viewed}) AS viewed"
        " JOIN frequent_values USING (value_id) JOIN shares s USING (session_id, started_at)"
        f" WHERE dimension = {PAGE}"
    )
    parts = parts_of(valued, EVERYTHING, is_table=True)
    text = (
        f"WITH frequent_values AS MATERIALIZED ({values}), {shares}"
        f" SELECT %(site_id)s AS site_id, parts.* FROM ({parts}) AS parts"
    )
    return text, {**scope.parameters, **given}
