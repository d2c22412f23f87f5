"""Events that could not be stored: kept with the reason, shown, replayed or dropped."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg.rows import class_row

from sql.events import decode_batch

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
    try:
        events = [msgspec.structs.asdict(event) for event in decode_batch(payload)]
    except ValueError:
        events = [{"undecodable": bytes(payload).hex()}]
    shown = {
        "dead_letter": letter_id,
        "batch_id": batch_id,
        "failed_at": failed_at.isoformat(),
        "error": error,
        "event": events[0] if events else None,
    }
    return json.dumps(shown)


def waiting_events(
    conn: psycopg.Connection[Any], letter_id: int | None
) -> list[tuple[int, int | None, bytes]]:
    """Number, site number and encoded event of one dead letter, or of all (None), oldest first."""
    return conn.execute(
        f"SELECT dead_letter_id, site_id, event FROM dead_letters {_WHERE} ORDER BY dead_letter_id",
        {"letter_id": letter_id},
    ).fetchall()


def drop_dead_letters(conn: psycopg.Connection[Any], letter_id: int | None) -> int:
    """Forgets one dead letter, or all (None); returns how many."""
    return conn.execute(f"DELETE FROM dead_letters {_WHERE}", {"letter_id": letter_id}).rowcount
