"""What the live debugger sees of a site while somebody follows it: events as the API took them.

The API leaves them in Redis for a short while; of IP and user agent it has nothing to leave.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
import psycopg

from sql.analytics import NO_EVENT, NO_SESSION, EventRecord, SessionRecord
from sql.events import CollectedEvent
from sql.running import fetch_text
from sql.sites import Site
from sql.text import query

Row = TypeVar("Row")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

WATCHED_KEY = "tideline:watched"
"""A sorted set: slugs of the sites that are followed, by the epoch second until which."""
FOLLOWED_S = 30
KEPT_S = 900
KEPT_EVENTS = 50


def watch_key(slug: str) -> str:
    """Redis key of what was seen of a site: a list, newest first."""
    return f"tideline:watch:{slug}"


class Watched(msgspec.Struct, array_like=True, frozen=True):
    """An event and what the API made of it."""

    at_us: int
    """Receipt, microseconds since 1970-01-01 UTC."""
    number: int
    """Its place among those of its request."""
    outcome: str
    """accepted, rejected, bot or dnt."""
    event: CollectedEvent | None = None
    """As it goes on its way; None when it does not."""
    reason: str = ""
    message: str | None = None
    """What its sender was told; None where that may quote an IP or user agent."""
    event_id: str | None = None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Watched)
encode_watched = _encoder.encode
decode_watched = _decoder.decode


@dataclass(frozen=True)
class StoredEvent:
    """An event as it was stored, and the session it fell into."""

    event: EventRecord
    session: SessionRecord | None
    """None without identity, and until sessions are cut anew."""


async def stored_events(
    conn: psycopg.AsyncConnection[Any], site: Site, events: Sequence[CollectedEvent]
) -> list[StoredEvent | None]:
    """What is stored of each event; None: nothing, not yet or never."""
    given = {
        **NO_EVENT,
        **NO_SESSION,
        "site_id": site.site_id,
        "currency": site.currency,
        "most": None,
        "happened": [_instant(event.ts_us) for event in events],
        "received": [_instant(event.received_us) for event in events],
    }

    async def read(picking: str, reading: str, row: type[Row]) -> list[Row]:
        text = f"{query(f'trust/{picking}')}\n{query(f'analytics/{reading}')}"
        return await fetch_text(conn, text, row, given)

    rows = await read("pick_received", "event_rows", EventRecord)
    sessions = await read("pick_received_sessions", "session_rows", SessionRecord)
    return [_stored(event, rows, sessions) for event in events]


def _stored(
    event: CollectedEvent, rows: list[EventRecord], sessions: list[SessionRecord]
) -> StoredEvent | None:
    row = next((row for row in rows if _is_same(event, row)), None)
    if row is None:
        return None
    rows.remove(row)
    holding = (s for s in sessions if s.visitor_id == row.visitor_id)
    return StoredEvent(
        row, next((s for s in holding if s.started_at <= row.at <= s.ended_at), None)
    )


def _is_same(event: CollectedEvent, row: EventRecord) -> bool:
    visitor = None if event.visitor_id is None else str(event.visitor_id)
    known = row.at, row.received_at, row.name, row.visitor_id, row.page
    given = _instant(event.ts_us), _instant(event.received_us), event.name, visitor, event.path
    return known == given and event.event_id in (None, row.event_id)


def _instant(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)
