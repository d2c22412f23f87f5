"""Keeping the rollups of raw events up to date with what the writer added."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql as composed

from sql.engine import Engine, engine_of
from sql.kpis import touch_minutes
from sql.rollups import EventRollup, event_rollups

_LOCK = 7_300
"""Advisory lock of whoever brings the rollups of events up to date."""

WIDTHS = {
    "event_quarters": timedelta(minutes=15), "event_page_hours": timedelta(hours=1),
    "event_name_hours": timedelta(hours=1), "event_page_weeks": timedelta(days=7),
}  # fmt: skip
"""Bucket width of a rollup; a day unless listed."""

_NEW = (
    "SELECT * FROM events WHERE batch_seq = ANY(%(seqs)s) AND ts BETWEEN %(from_at)s AND %(to_at)s"
)

_PASSED = (
    "SELECT * FROM events WHERE site_id = %(site_id)s AND ts < %(raw_from)s AND ts >= coalesce("
    "(SELECT raw_from FROM rollup_bounds WHERE site_id = %(site_id)s), '-infinity')"
)


def add_touched_batches(conn: psycopg.Connection[Any]) -> int:
    """Brings the rollups of events up to date; returns how many writer transactions were added.

    0 also when somebody else is at it. Needs a connection in autocommit mode outside a
    transaction. Safe to repeat.
    """
    row = conn.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
    if row is None or not row[0]:
        return 0
    try:
        if engine_of(conn) is Engine.TIMESCALE:
            return _refresh(conn)
        return _add(conn)
    finally:
        if not conn.closed:
            conn.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


def keep_rollups(conn: psycopg.Connection[Any]) -> None:
    """Lets nobody bring the rollups up to date until the caller's transaction ends; may wait."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


def _add(conn: psycopg.Connection[Any]) -> int:
    """Plain PostgreSQL: adds exactly the new rows, in the transaction that forgets their touch."""
    with conn.transaction():
        rows = conn.execute(
            "DELETE FROM touched_batches RETURNING batch_seq, from_at, to_at"
        ).fetchall()
        if not rows:
            return 0
        parameters = {
            "seqs": sorted({row[0] for row in rows}),
            "from_at": min(row[1] for row in rows),
            "to_at": max(row[2] for row in rows),
        }
        for rollup in event_rollups():
            conn.execute(_addition(conn, rollup, rollup.name, _NEW), parameters)
        touch_minutes(conn, parameters["seqs"], (parameters["from_at"], parameters["to_at"]))
        return len(parameters["seqs"])


def keep_counted(
    conn: psycopg.Connection[Any], site_id: int, raw_from: datetime, day: date
) -> tuple[datetime, datetime] | None:
    """TimescaleDB: lets what is counted of a site's events before `raw_from` outlast them.

    `day` is the local day that begins then; nobody may add or change events before it any more.
    Returns the instants that the events span; None: there are none. Needs a connection in
    autocommit mode outside a transaction. Safe to repeat.
    """
    bounds = {"site_id": site_id, "raw_from": raw_from, "day": day}
    with conn.transaction():
        keep_rollups(conn)
        span = span_of_events(conn, site_id, raw_from)
        if span is None:
            return None
        for rollup in event_rollups():
            conn.execute(_addition(conn, rollup, rollup.kept, _PASSED), bounds)
        conn.execute(
            "INSERT INTO rollup_bounds AS b VALUES (%(site_id)s, %(raw_from)s, %(day)s)"
            " ON CONFLICT (site_id) DO UPDATE SET raw_from = excluded.raw_from, day = excluded.day",
            bounds,
        )
        return span


def span_of_events(
    conn: psycopg.Connection[Any], site_id: int, before: datetime | None = None
) -> tuple[datetime, datetime] | None:
    """The first and the last instant of a site's events (before an instant); None without any."""
    row = conn.execute(
        "SELECT min(ts), max(ts) FROM events"
        " WHERE site_id = %s AND ts < coalesce(%s, 'infinity'::timestamptz)",
        (site_id, before),
    ).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1])


def touch_deleted(conn: psycopg.Connection[Any], span: tuple[datetime, datetime]) -> None:
    """Lets the aggregates of TimescaleDB forget deleted events that lay between two instants."""
    conn.execute(
        "INSERT INTO touched_batches VALUES (nextval('batch_seq'), 0, %s, %s, now())", span
    )


def _addition(
    conn: psycopg.Connection[Any], rollup: EventRollup, table: str, events: str
) -> composed.Composed:
    name = composed.Identifier(table)
    probe = conn.execute(composed.SQL("SELECT * FROM {} LIMIT 0").format(name))
    columns = [column.name for column in probe.description or ()]
    measures = [column for column in columns if column not in rollup.key]
    return composed.SQL(
        "INSERT INTO {name} AS t ({columns}) {select} ORDER BY {key}"
        " ON CONFLICT ({key}) DO UPDATE SET {additions}"
    ).format(
        name=name,
        columns=composed.SQL(", ").join(map(composed.Identifier, columns)),
        select=composed.SQL(rollup.of(events)),
        key=composed.SQL(", ").join(map(composed.Identifier, rollup.key)),
        additions=composed.SQL(", ").join(
            composed.SQL("{0} = t.{0} + excluded.{0}").format(composed.Identifier(measure))
            for measure in measures
        ),
    )


def _refresh(conn: psycopg.Connection[Any]) -> int:
    """TimescaleDB: refreshes touched buckets below the watermark; above it rows are seen anyway."""
    rows = conn.execute("SELECT batch_seq, from_at, to_at FROM touched_batches").fetchall()
    if not rows:
        return 0
    for rollup in event_rollups():
        watermark = _watermark(conn, rollup.live)
        if watermark is None:
            continue
        width = WIDTHS.get(rollup.name, timedelta(days=1))
        for first, end in _buckets(conn, width, [(row[1], row[2]) for row in rows]):
            if first < watermark:
                conn.execute(
                    "CALL refresh_continuous_aggregate(%s, %s::timestamptz, %s::timestamptz)",
                    (rollup.live, first, min(end, watermark)),
                )
    seqs = sorted({row[0] for row in rows})
    with conn.transaction():
        touch_minutes(conn, seqs, (min(row[1] for row in rows), max(row[2] for row in rows)))
        conn.execute("DELETE FROM touched_batches WHERE batch_seq = ANY(%s)", (seqs,))
    return len(seqs)


def _buckets(
    conn: psycopg.Connection[Any],
    width: timedelta,
    spans: Sequence[tuple[datetime, datetime]],
) -> list[tuple[datetime, datetime]]:
    """Spans widened to whole buckets, [first, end), joined where they meet, in order of time."""
    merged: list[tuple[datetime, datetime]] = []
    rows = conn.execute(
        "SELECT time_bucket(%s, lo), time_bucket(%s, hi) + %s"
        " FROM unnest(%s::timestamptz[], %s::timestamptz[]) AS s(lo, hi) ORDER BY 1, 2",
        (width, width, width, [span[0] for span in spans], [span[1] for span in spans]),
    )
    for first, end in rows:
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((first, end))
    return merged


def _watermark(conn: psycopg.Connection[Any], name: str) -> datetime | None:
    """Instant below which the aggregate is materialised; None: nothing is yet."""
    row = conn.execute(
        # The watermark of a table that is no aggregate is an error, so it is asked for last.
        "WITH found AS MATERIALIZED ("
        " SELECT h.id FROM timescaledb_information.continuous_aggregates a"
        " JOIN _timescaledb_catalog.hypertable h"
        " ON h.schema_name = a.materialization_hypertable_schema"
        " AND h.table_name = a.materialization_hypertable_name WHERE a.view_name = %s)"
        " SELECT watermark FROM ("
        " SELECT _timescaledb_functions.to_timestamp(_timescaledb_functions.cagg_watermark(id))"
        " AS watermark FROM found) AS w WHERE watermark > TIMESTAMPTZ '0100-01-01'",
        (name,),
    ).fetchone()
    return row[0] if row else None


def advance_watermarks(conn: psycopg.Connection[Any]) -> None:
    """TimescaleDB: materialises the closed buckets above each watermark, contiguously.

    A no-op on plain PostgreSQL and while somebody else is at it. Never touches the running bucket.
    """
    if engine_of(conn) is not Engine.TIMESCALE:
        return
    row = conn.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
    if row is None or not row[0]:
        return
    try:
        for rollup in event_rollups():
            width = WIDTHS.get(rollup.name, timedelta(days=1))
            found = conn.execute("SELECT time_bucket(%s, now())", (width,)).fetchone()
            assert found is not None
            watermark = _watermark(conn, rollup.live)
            if watermark is None or watermark < found[0]:
                conn.execute(
                    "CALL refresh_continuous_aggregate(%s, %s::timestamptz, %s::timestamptz)",
                    (rollup.live, watermark, found[0]),
                )
    finally:
        conn.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))
