"""Checking every derived table of a site against its raw events."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from sql.filtered_days import expected_parts, stored_days
from sql.rollups import NAMES, event_rollups
from sql.running import by_set
from sql.sessions import build_sessions, make_scratch_tables
from sql.sites import sites_by_id
from sql.text import query

_REBUILT = {
    "sessions": ("run_new_sessions", "local_day"),
    "session_hours": ("run_new_hours", "local_day"),
    "session_pages": ("run_new_pages", "local_day"),
    "session_names": ("run_new_names", "local_day"),
}
"""Tables that are recomputed from the events: where to, and their day."""

_SUMMED: dict[str, str | None] = {
    "events": "local_day",
    "visitor_value_days": "day",
    "value_gaps": "day",
    "visitors": "first_day",
    "session_quarters": "local_day",
    "session_value_days": "local_day",
    "session_page_days": "local_day",
    "hour_visitors": "local_day",
    "session_minutes": "minute::date",
    "event_minutes": "minute::date",
    "cohort_retention": "period_day",
    "experiment_units": "exposed_day",
    "experiment_outcomes": "day",
    "experiment_days": "day",
    "experiment_segments": None,
}
"""Tables that follow from those, by queries/verification, and their day; None: of all days."""


@dataclass(frozen=True)
class Difference:
    """A row that a table lacks, or holds although it should not."""

    relation: str
    is_missing: bool
    """True: the row should be there and is not; False: it is there and should not be."""
    row: dict[str, Any]


@dataclass(frozen=True)
class Days:
    """Local days to look at, both included; None means no bound."""

    first: date | None = None
    last: date | None = None


def verify_site(
    conn: psycopg.Connection[Any], site_id: int, days: Days | None = None, *, most: int = 20
) -> list[Difference]:
    """Recomputes a site from its raw events and returns what differs, at most `most` a table.

    Run it when nothing waits (`tideline settle`); it changes nothing. Needs a connection in
    autocommit mode outside a transaction. Before the site's `raw_from` nothing is compared.
    """
    days = days or Days()
    make_scratch_tables(conn)
    found: list[Difference] = []
    with conn.transaction(force_rollback=True):
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        days, raw_from = _bounded(conn, site_id, days)
        parameters = {"site_id": site_id, "from_at": raw_from}
        if conn.execute(query("verification/spans_of_visitors"), parameters).rowcount:
            build_sessions(conn)
        for relation, expected, day in _expectations():
            with _measures(conn, relation, expected, parameters) as columns:
                found += _differences(conn, relation, columns, day, days, site_id, most)
        found += _of_filters(conn, site_id, days, most)
    return found


def _of_filters(
    conn: psycopg.Connection[Any], site_id: int, days: Days, most: int
) -> Iterator[Difference]:
    """Differences of what is stored for filters, day by day."""
    stored = stored_days(conn, site_id)
    site = sites_by_id(conn)[site_id] if stored else None
    conn.execute(*by_set(has_lookups=False, is_sorted=False))
    for day in stored:
        if site and (days.first or day) <= day <= (days.last or day):
            expected, given = expected_parts(site, day)
            with _measures(conn, "filtered_parts", expected, given) as columns:
                of_day = Days(day, day)
                yield from _differences(
                    conn, "filtered_parts", columns, "local_day", of_day, site_id, most
                )


def _bounded(conn: psycopg.Connection[Any], site_id: int, days: Days) -> tuple[Days, Any]:
    """The days without those before the first whole day that has raw events; raw_from."""
    row = conn.execute(
        "SELECT raw_from, (raw_from AT TIME ZONE timezone)::date + 1 FROM sites WHERE site_id = %s",
        (site_id,),
    ).fetchone()
    if row is None or row[0] is None:
        return days, None
    return Days(max(days.first or row[1], row[1]), days.last), row[0]


def _expectations() -> Iterator[tuple[str, str, str | None]]:
    """Relation, the SELECT of what it should hold, its day column (None: of all days)."""
    for relation, (rebuilt, day) in _REBUILT.items():
        yield relation, f"SELECT * FROM {rebuilt}", day
    for relation, of_day in _SUMMED.items():
        yield relation, query(f"verification/{relation}"), of_day
    for rollup in event_rollups():
        expected = rollup.of("SELECT * FROM events WHERE site_id = %(site_id)s")
        yield rollup.name, expected, rollup.day


@contextmanager
def _measures(
    conn: psycopg.Connection[Any], relation: str, expected: str, parameters: dict[str, Any]
) -> Iterator[list[str]]:
    """Puts what a relation should hold into the table `expected`; yields its columns."""
    table = f"CREATE TEMP TABLE expected ON COMMIT DROP AS {expected}"
    conn.execute(table, parameters, prepare=False)
    described = conn.execute("SELECT * FROM expected LIMIT 0", prepare=False).description or ()
    yield [column.name for column in described]
    conn.execute("DROP TABLE expected")


_COUNTS = {
    "session_quarters", "session_value_days", "session_page_days", "hour_visitors", "value_gaps",
    "session_minutes", "experiment_days", "experiment_segments", *NAMES,
}  # fmt: skip
"""Relations of sums, where a row that has fallen to zero means the same as no row."""


def _differences(
    conn: psycopg.Connection[Any],
    relation: str,
    columns: list[str],
    day: str | None,
    days: Days,
    site_id: int,
    most: int,
) -> list[Difference]:
    listed = ", ".join(columns)
    bounds = {"site_id": site_id, "first": days.first, "last": days.last, "most": most}
    within = "WHERE site_id = %(site_id)s"
    if day is not None:
        within += (
            f" AND ({day} >= %(first)s OR %(first)s::date IS NULL)"
            f" AND ({day} <= %(last)s OR %(last)s::date IS NULL)"
        )
    if relation in _COUNTS:
        within += f" AND {_is_something(columns)}"
    stored = f"SELECT {listed} FROM {relation} {within}"
    wanted = f"SELECT {listed} FROM expected {within}"
    found = []
    for is_missing, ours, theirs in ((True, wanted, stored), (False, stored, wanted)):
        rows = conn.execute(
            f"SELECT to_jsonb(d) FROM ({ours} EXCEPT {theirs} LIMIT %(most)s) AS d",
            bounds,
            prepare=False,
        )
        found += [Difference(relation, is_missing, row[0]) for row in rows]
    return found


_KEYS = {
    "site_id", "bucket", "local_day", "local_week", "dimension", "value_id", "page_id", "name_id",
    "hour_at", "day", "prev_day", "minute", "experiment_id", "variant",
}  # fmt: skip


def _is_something(columns: list[str]) -> str:
    measures = [f"{column} <> 0" for column in columns if column not in _KEYS]
    return f"({' OR '.join(measures)})"
