"""Events that could not be stored: kept with the reason, shown, replayed or dropped."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec
import psycopg
from psycopg.rows import class_row

from sql.events import decode_batch, shard_of, stream_key

_WHERE = "WHERE %(letter_id)s::bigint IS NULL OR dead_letter_id = %(letter_id)s"


@dataclass(frozen=True)
class DeadLetterRow:
    """A dead letter without its event."""

    dead_letter_id: int
    site: str | None
    """Slug; None: unknown."""
    batch_id: str
    failed_at: datetime
    error: str


@dataclass(frozen=True)
class ShownLetter:
    """A dead letter with its event."""

    dead_letter_id: int
    failed_at: datetime
    error: str
    event: dict[str, Any]
    """As collected; `undecodable` with the bytes in hex when it is none."""
    is_replayable: bool


async def newest_dead_letters(
    conn: psycopg.AsyncConnection[Any], site_id: int, *, limit: int
) -> tuple[int, list[ShownLetter]]:
    """Number of the dead letters of a site and of no known one, and the newest of them."""
    cursor = await conn.execute(
        "SELECT dead_letter_id, failed_at, error, event, site_id, count(*) OVER ()"
        " FROM dead_letters WHERE site_id = %s OR site_id IS NULL"
        " ORDER BY dead_letter_id DESC LIMIT %s",
        (site_id, limit),
    )
    rows = await cursor.fetchall()
    letters = [
        ShownLetter(number, failed_at, error, _event_of(payload), of_site is not None)
        for number, failed_at, error, payload, of_site, _ in rows
    ]
    return (rows[0][5] if rows else 0), letters


def list_dead_letters(conn: psycopg.Connection[Any], *, limit: int = 50) -> list[DeadLetterRow]:
    """Dead letters, newest first."""
    with conn.cursor(row_factory=class_row(DeadLetterRow)) as cursor:
        cursor.execute(
            "SELECT dead_letter_id, s.slug AS site, batch_id, failed_at, error"
            " FROM dead_letters d LEFT JOIN sites s USING (site_id)"
            " ORDER BY dead_letter_id DESC LIMIT %s",
            (limit,),
        )
        return cursor.fetchall()


def show_dead_letter(conn: psycopg.Connection[Any], letter_id: int) -> str | None:
    """A dead letter with its event as JSON text; None when there is none of that number."""
    row = conn.execute(
        "SELECT batch_id, failed_at, error, event FROM dead_letters WHERE dead_letter_id = %s",
        (letter_id,),
    ).fetchone()
    if row is None:
        return None
    batch_id, failed_at, error, payload = row
    shown = {
        "dead_letter": letter_id,
        "batch_id": batch_id,
        "failed_at": failed_at.isoformat(),
        "error": error,
        "event": _event_of(payload),
    }
    return json.dumps(shown)


def _event_of(payload: bytes) -> dict[str, Any]:
    try:
        return dict(msgspec.structs.asdict(decode_batch(payload)[0]))
    except (ValueError, IndexError):
        return {"undecodable": bytes(payload).hex()}


def waiting_events(
    conn: psycopg.Connection[Any], letter_id: int | None
) -> list[tuple[int, int | None, bytes]]:
    """Number, site number and encoded event of one dead letter, or of all (None), oldest first."""
    return conn.execute(
        f"SELECT dead_letter_id, site_id, event FROM dead_letters {_WHERE} ORDER BY dead_letter_id",
        {"letter_id": letter_id},
    ).fetchall()


def _replay_batch_id(number: int) -> str:
    return hashlib.blake2b(b"replay:%d" % number, digest_size=12).hexdigest()


def replay_batch_ids(conn: psycopg.Connection[Any]) -> list[str]:
    """The batch ids that the dead letters have, or would have, in the stream."""
    rows = conn.execute("SELECT dead_letter_id FROM dead_letters")
    return [_replay_batch_id(number) for (number,) in rows]


class Streams(Protocol):
    """What of a Redis client the replay uses."""

    def xadd(self, name: str, fields: Any, /) -> Any:
        """Adds an entry to a stream."""


def replay_dead_letters(
    conn: psycopg.Connection[Any], streams: Streams, letter_id: int | None
) -> int:
    """Puts one dead letter, or all (None), back into its stream; returns how many.

    The batch id is made of the letter's number, so that a replay cut short and repeated does not
    count an event twice. A letter without a site (an undecodable entry) stays where it is.
    """
    count = 0
    for number, site_id, payload in waiting_events(conn, letter_id):
        if site_id is None:
            continue
        entry = {"batch_id": _replay_batch_id(number), "events": payload}
        streams.xadd(stream_key(shard_of(site_id)), entry)
        count += drop_dead_letters(conn, number)
    return count


def drop_dead_letters(conn: psycopg.Connection[Any], letter_id: int | None) -> int:
    """Forgets one dead letter, or all (None); returns how many."""
    return conn.execute(f"DELETE FROM dead_letters {_WHERE}", {"letter_id": letter_id}).rowcount
