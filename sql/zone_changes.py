"""Another time zone for a site, or other rules of it: its days are built anew under a new number,
beside the old ones.

Raw events are copied in rounds, each up to a number of a writer transaction, while more arrive
under the old number; the ordinary jobs build what is derived from the copies. When nothing waits
for them, one transaction copies the rest and points the slug, and all that people made for the
site, to the new number. The old one stays as a hint for events that still name it; a job deletes
what it holds.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg.rows import class_row

from sql.event_rows import COLUMNS
from sql.events import STREAM_SHARDS
from sql.text import query
from sql.writing import hold_writers
from sql.zones import first_difference

log = logging.getLogger(__name__)

_LOCK = 7_500
"""Advisory lock of whoever takes the next step of all changes."""

MOST_COPIED = 50_000
"""Events that one transaction copies, and that may be left for the one that points the slug."""

_AHEAD = timedelta(days=2)
"""No event is further ahead of the clock."""

_BUILT = {"site_id", "local_day", "local_hour", "local_weekday", "batch_seq"}
_KEPT = ", ".join(column for column in COLUMNS if column not in _BUILT)

_FOLLOWING: tuple[LiteralString, ...] = (
    "api_keys", "goals", "annotations", "funnels", "segments", "experiments", "experiment_changes",
    "experiment_units", "experiment_outcomes", "experiment_days", "experiment_segments",
    "experiment_results", "experiment_plans", "touched_units", "intake_minutes", "dead_letters",
)  # fmt: skip
"""Relations whose rows become the new number's as they are."""


@dataclass(frozen=True)
class ZoneChange:
    """A change under way."""

    site_id: int
    """The number that the slug still points to."""
    new_site_id: int | None
    """None: not begun."""
    timezone: str
    done_seq: int
    """Events of writer transactions up to it are copied."""
    until_seq: int | None
    """Up to which the running round copies; None: no round is running."""
    copied_to: datetime | None
    """The round has copied the events before it; None: not begun."""
    has_seen: bool
    """Whether the client event ids were copied, but for those that came since."""

    @property
    def numbers(self) -> dict[str, object]:
        """What every statement refers to."""
        return {
            "old": self.site_id,
            "new": self.new_site_id,
            "timezone": self.timezone,
            "done_seq": self.done_seq,
            "until_seq": self.until_seq,
            "most": MOST_COPIED,
        }


@dataclass(frozen=True)
class ZoneProgress:
    """How far a change under way is."""

    site_id: int
    timezone: str
    requested_at: datetime
    copied_events: int
    all_events: int
    """Of the site; those that arrive meanwhile count too."""


_COLUMNS = "site_id, new_site_id, timezone, done_seq, until_seq, copied_to, has_seen"


async def zone_progress(conn: psycopg.AsyncConnection[Any]) -> dict[int, ZoneProgress]:
    """The changes under way by site."""
    async with conn.cursor(row_factory=class_row(ZoneProgress)) as cursor:
        await cursor.execute(query("zones/progress"))
        return {progress.site_id: progress async for progress in cursor}


async def request_zone(conn: psycopg.AsyncConnection[Any], site_id: int, timezone: str) -> None:
    """Has the site's days built in a zone; what was being built in another is given up.

    The caller holds the transaction. A site's own zone only ends a change under way.
    """
    await conn.execute(
        "UPDATE sites SET deleted_at = now() WHERE site_id = ("
        " SELECT new_site_id FROM zone_changes WHERE site_id = %s FOR UPDATE)",
        (site_id,),
    )
    await conn.execute("DELETE FROM zone_changes WHERE site_id = %s", (site_id,))
    await conn.execute(
        "INSERT INTO zone_changes (site_id, timezone)"
        " SELECT site_id, %(timezone)s FROM sites"
        " WHERE site_id = %(site_id)s AND timezone <> %(timezone)s",
        {"site_id": site_id, "timezone": timezone},
    )


async def hold_number(conn: psycopg.AsyncConnection[Any], site_id: int) -> int:
    """The number that a site has now, for whoever knows the one it had a moment ago.

    Nobody gives the site another until the transaction, which the caller holds, ends.
    """
    found = await conn.execute(
        "SELECT coalesce(moved_to, site_id) FROM sites WHERE site_id = %s FOR KEY SHARE", (site_id,)
    )
    row = await found.fetchone()
    return site_id if row is None else int(row[0])


def follow_zone_rules(conn: psycopg.Connection[Any], now: datetime) -> None:
    """Has sites follow the rules of their zones where the server has others than it had.

    Days that the new rules change are built anew, like those of another zone. Where raw events are
    gone they cannot be: the new rules then hold from now on, and the log says so. Needs a
    connection in autocommit mode outside a transaction. Safe to repeat.
    """
    with conn.cursor(row_factory=class_row(_Outdated)) as cursor:
        found = cursor.execute(query("zones/find_outdated")).fetchall()
    for site in found:
        with conn.transaction():
            _follow(conn, site, now)


@dataclass(frozen=True)
class _Outdated:
    """A site whose days are built by other rules of its zone than the server has now."""

    site_id: int
    slug: str
    timezone: str
    built: bytes
    current: bytes


def _follow(conn: psycopg.Connection[Any], site: _Outdated, now: datetime) -> None:
    # No job moves raw_from meanwhile.
    row = conn.execute(
        "SELECT raw_from, coalesce((SELECT min(ts) FROM events e WHERE e.site_id = s.site_id), %s)"
        " FROM sites s WHERE site_id = %s FOR UPDATE",
        (now, site.site_id),
    ).fetchone()
    if row is None:
        return
    raw_from, first_at = row
    differs_at = first_difference(site.built, site.current, first_at)
    changes_days = differs_at is not None and differs_at <= now + _AHEAD
    if changes_days and raw_from is None:
        log.warning(
            "the database has new rules for %s from %s on: the days of %s are built anew",
            site.timezone, differs_at, site.slug,
        )  # fmt: skip
        conn.execute(
            "INSERT INTO zone_changes (site_id, timezone) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (site.site_id, site.timezone),
        )
        return
    if changes_days:
        log.warning(
            "the database has new rules for %s from %s on: the days of %s until now stay as they"
            " are, for its raw events before %s are gone",
            site.timezone, differs_at, site.slug, raw_from,
        )  # fmt: skip
    conn.execute(
        "UPDATE sites SET zone_rules = %s WHERE site_id = %s", (site.current, site.site_id)
    )


def advance_zone_changes(conn: psycopg.Connection[Any]) -> bool:
    """Takes the next step of every change under way; whether there was any.

    Needs a connection in autocommit mode outside a transaction. Safe to repeat; while somebody else
    is at it nothing is done.
    """
    rows = conn.execute("SELECT site_id FROM zone_changes ORDER BY site_id").fetchall()
    for (site_id,) in rows:
        with conn.transaction():
            _take_step(conn, site_id)
    return bool(rows)


def _take_step(conn: psycopg.Connection[Any], site_id: int) -> None:
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    with conn.cursor(row_factory=class_row(ZoneChange)) as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM zone_changes WHERE site_id = %s FOR UPDATE", (site_id,)
        )
        change = cursor.fetchone()
    if change is None:
        return
    slug = _slug_of(conn, site_id)
    if slug is None:
        _give_up(conn, change)
    elif change.new_site_id is None:
        _begin(conn, change)
    elif change.until_seq is not None:
        _copy_piece(conn, change)
    elif not change.has_seen:
        _copy_seen(conn, change)
    elif _is_waiting(conn, change):
        return
    elif _is_much_left(conn, change):
        _begin_round(conn, change)
    else:
        _switch(conn, change, slug)


def _slug_of(conn: psycopg.Connection[Any], site_id: int) -> str | None:
    row = conn.execute("SELECT slug FROM sites WHERE site_id = %s", (site_id,)).fetchone()
    return row[0] if row else None


def _set(conn: psycopg.Connection[Any], change: ZoneChange, what: LiteralString) -> None:
    conn.execute(f"UPDATE zone_changes SET {what} WHERE site_id = %(old)s", change.numbers)


def _give_up(conn: psycopg.Connection[Any], change: ZoneChange) -> None:
    """The site was deleted."""
    conn.execute("UPDATE sites SET deleted_at = now() WHERE site_id = %(new)s", change.numbers)
    conn.execute("DELETE FROM zone_changes WHERE site_id = %(old)s", change.numbers)


def _begin(conn: psycopg.Connection[Any], change: ZoneChange) -> None:
    """A number of the same stream shard, so that the order of arrival is kept at the switch."""
    new = _next_number(conn)
    while new % STREAM_SHARDS != change.site_id % STREAM_SHARDS:
        new = _next_number(conn)
    parameters = change.numbers | {"new": new}
    conn.execute(query("zones/make_site"), parameters)
    conn.execute(
        "UPDATE zone_changes SET new_site_id = %(new)s WHERE site_id = %(old)s", parameters
    )
    _begin_round(conn, change)


def _next_number(conn: psycopg.Connection[Any]) -> int:
    row = conn.execute("SELECT nextval(pg_get_serial_sequence('sites', 'site_id'))").fetchone()
    assert row is not None
    return int(row[0])


def _begin_round(conn: psycopg.Connection[Any], change: ZoneChange) -> None:
    """All that is committed, and nothing that is not, has a number up to that of the round."""
    hold_writers(conn)
    _set(conn, change, "until_seq = (SELECT last_value FROM batch_seq), copied_to = NULL")


def _copy_piece(conn: psycopg.Connection[Any], change: ZoneChange) -> None:
    from_at = change.copied_to or "-infinity"
    row = conn.execute(query("zones/find_end"), change.numbers | {"from_at": from_at}).fetchone()
    assert row is not None
    _copy(conn, change, {"from_at": from_at, "to_at": row[0]})
    if row[0] is None:
        _set(conn, change, "done_seq = until_seq, until_seq = NULL, copied_to = NULL")
    else:
        conn.execute(
            "UPDATE zone_changes SET copied_to = %(to_at)s WHERE site_id = %(old)s",
            change.numbers | {"to_at": row[0]},
        )


def _copy(conn: psycopg.Connection[Any], change: ZoneChange, given: dict[str, object]) -> None:
    conn.execute(query("zones/copy_labels"), change.numbers)
    row = conn.execute("SELECT nextval('batch_seq')").fetchone()
    assert row is not None
    text = query("zones/copy_events").replace("{columns}", _KEPT)
    copied = conn.execute(text, change.numbers | {"batch_seq": row[0], **given}).fetchone()
    assert copied is not None
    conn.execute(
        "UPDATE zone_changes SET copied_events = copied_events + %(events)s"
        " WHERE site_id = %(old)s",
        change.numbers | {"events": copied[0]},
    )


def _copy_seen(conn: psycopg.Connection[Any], change: ZoneChange) -> None:
    conn.execute(query("zones/copy_seen"), change.numbers)
    _set(conn, change, "has_seen = true")


def _is_waiting(conn: psycopg.Connection[Any], change: ZoneChange) -> bool:
    """Whether the jobs have not built all of the copies yet."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM touched_visitors WHERE site_id = %(new)s)"
        " OR EXISTS (SELECT FROM touched_batches WHERE site_id = %(new)s)",
        change.numbers,
    ).fetchone()
    return bool(row and row[0])


def _is_much_left(conn: psycopg.Connection[Any], change: ZoneChange) -> bool:
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM events"
        " WHERE site_id = %(old)s AND batch_seq > %(done_seq)s OFFSET %(most)s)",
        change.numbers,
    ).fetchone()
    return bool(row and row[0])


def _switch(conn: psycopg.Connection[Any], change: ZoneChange, slug: str) -> None:
    """The rest, while no writer adds to it, and everything that has the site's number."""
    hold_writers(conn)
    rest: dict[str, object] = {"from_at": "-infinity", "to_at": None, "until_seq": 2**63 - 1}
    _copy(conn, change, rest)
    conn.execute(query("zones/copy_seen"), change.numbers)
    conn.execute(
        "UPDATE sites SET slug = NULL, deleted_at = now() WHERE site_id = %(old)s", change.numbers
    )
    _keep_gap(conn, change)
    conn.execute(query("zones/point_slug"), change.numbers | {"slug": slug})
    conn.execute(
        "UPDATE sites SET moved_to = %(new)s WHERE site_id = %(old)s OR moved_to = %(old)s",
        change.numbers,
    )
    for relation in _FOLLOWING:
        conn.execute(
            f"UPDATE {relation} SET site_id = %(new)s WHERE site_id = %(old)s", change.numbers
        )
    conn.execute("INSERT INTO touched_goals (site_id) VALUES (%(new)s)", change.numbers)
    conn.execute(
        "UPDATE experiments SET needs_rebuild = true, changed_from = '-infinity'"
        " WHERE site_id = %(new)s",
        change.numbers,
    )
    conn.execute("DELETE FROM zone_changes WHERE site_id = %(old)s", change.numbers)


def _keep_gap(conn: psycopg.Connection[Any], change: ZoneChange) -> None:
    """Another session gap that came meanwhile has the new number's sessions built once more."""
    row = conn.execute(
        "SELECT count(DISTINCT session_gap_s) FROM sites WHERE site_id IN (%(old)s, %(new)s)",
        change.numbers,
    ).fetchone()
    if row is not None and row[0] > 1:
        conn.execute("LOCK TABLE touched_visitors IN SHARE ROW EXCLUSIVE MODE")
        conn.execute(query("sessions/touch_site"), {"site_id": change.new_site_id})
