"""Cohorts computed ahead: bounded retention and revenue of every period that has ended.

Readers use them up to the first period that a rebuild of sessions touched since, and the visitor
days from there on, so an answer never waits for this job.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from sql.text import query

_LOCK = 7_900
"""Advisory lock class of a site's cohorts; the second key is the site."""

_EVER = datetime.max.replace(tzinfo=UTC)


def has_touched_cohorts(conn: psycopg.Connection[Any]) -> bool:
    """Whether the cohorts of any site must be computed again."""
    row = conn.execute("SELECT EXISTS (SELECT FROM touched_cohorts)").fetchone()
    return bool(row and row[0])


def recompute_due(conn: psycopg.Connection[Any]) -> int:
    """Computes what is missing or touched, one transaction a site; returns how many sites.

    Needs a connection in autocommit mode outside a transaction. Safe to repeat; waits for others
    who are at the same site.
    """
    sites = [row[0] for row in conn.execute(query("retention/find_due"))]
    for site_id in sites:
        with conn.transaction():
            _recompute(conn, site_id)
    return len(sites)


def _recompute(conn: psycopg.Connection[Any], site_id: int) -> None:
    conn.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_LOCK, site_id))
    touched = conn.execute(
        "WITH taken AS (DELETE FROM touched_cohorts WHERE site_id = %s RETURNING from_day)"
        " SELECT min(from_day) FROM taken",
        (site_id,),
    ).fetchone()
    assert touched is not None
    plan = conn.execute(
        query("retention/plan_site"), {"site_id": site_id, "touched": touched[0]}
    ).fetchall()
    for grain, begin_day, done_day in plan:
        if begin_day < done_day:
            _rewrite(conn, site_id, grain, begin_day, done_day)


def _rewrite(
    conn: psycopg.Connection[Any], site_id: int, grain: str, begin_day: date, done_day: date
) -> None:
    """Replaces the periods that begin on `begin_day` or later, before `done_day`."""
    conn.execute(
        "DELETE FROM cohort_retention WHERE site_id = %s AND grain = %s AND period_day >= %s",
        (site_id, grain, begin_day),
    )
    conn.execute(
        "INSERT INTO cohort_retention"
        " SELECT %(site_id)s, %(grain)s, cohort, period,"
        " (cohort + period * ('1 ' || %(grain)s)::interval)::date, retained, revenue_net"
        f" FROM ({query('retention/cells')}) AS cells",
        {
            "site_id": site_id,
            "grain": grain,
            "first": date.min,
            "last_cohort": date.max,
            "live_first": begin_day,
            "live_last": done_day - timedelta(days=1),
            "as_of": _EVER,
        },
    )
    conn.execute(
        "INSERT INTO cohort_progress VALUES (%s, %s, %s)"
        " ON CONFLICT (site_id, grain) DO UPDATE SET done_day = excluded.done_day",
        (site_id, grain, done_day),
    )
