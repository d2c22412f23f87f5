"""Raw events and sessions on the wire: JSON, lines of JSON, CSV; and where a list goes on."""

import base64
import binascii
import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from sql.analytics import EventPosition, EventRecord, SessionPosition, SessionRecord
from sql.scope import ScopeError

Json = dict[str, Any]
Position = TypeVar("Position")

_DERIVED = (
    "duration_s", "engaged_s", "average_order_value", "conversions_per_session", "engagement_score",
)  # fmt: skip
_RENAMED = {"at": "timestamp"}

EVENT_FIELDS = tuple(field.name for field in fields(EventRecord))
SESSION_FIELDS = (
    *(f.name for f in fields(SessionRecord) if f.name not in ("duration_us", "engaged_ms")),
    *_DERIVED,
)


def names_of(attributes: Sequence[str]) -> list[str]:
    """What the attributes of a record are called on the wire."""
    return [_RENAMED.get(name, name) for name in attributes]


def plain(value: Any, zone: ZoneInfo) -> Any:
    """A value as JSON has it: instants ISO 8601 in the site's zone, money a decimal string."""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value


def record_json(record: object, attributes: Sequence[str], zone: ZoneInfo) -> Json:
    """A record as a JSON object."""
    return {_RENAMED.get(name, name): plain(getattr(record, name), zone) for name in attributes}


def json_lines(records: Sequence[object], attributes: Sequence[str], zone: ZoneInfo) -> bytes:
    """Records as lines of JSON."""
    encoder = msgspec.json.Encoder()
    return b"".join(
        encoder.encode(record_json(record, attributes, zone)) + b"\n" for record in records
    )


def csv_lines(
    records: Sequence[object],
    attributes: Sequence[str],
    zone: ZoneInfo,
    *,
    is_for_people: bool = False,
) -> bytes:
    """Records as lines of CSV; objects are JSON, nothing is empty.

    Texts are exactly as they are; for people, who open them in a spreadsheet, `harmless`.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for record in records:
        cells = [_cell(plain(getattr(record, name), zone)) for name in attributes]
        if is_for_people:
            # of numbers only money is a text here, and a refund begins with a minus
            cells = [
                harmless(cell) if isinstance(getattr(record, name), str) else cell
                for name, cell in zip(attributes, cells, strict=True)
            ]
        writer.writerow(cells)
    return text.getvalue().encode()


def harmless(text: str) -> str:
    """A text with a leading apostrophe where a spreadsheet would run it as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def csv_header(attributes: Sequence[str]) -> bytes:
    """The first line of the CSV."""
    return (",".join(names_of(attributes)) + "\n").encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def _encode(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def event_cursor(record: EventRecord) -> str:
    """The cursor after an event."""
    return _encode([record.at.isoformat(), record.event_id, record.is_browser])


def session_cursor(record: SessionRecord) -> str:
    """The cursor after a session."""
    return _encode([record.started_at.isoformat(), record.session_id])


def event_position(cursor: str) -> EventPosition:
    """Inverse of `event_cursor`. Raises ScopeError."""

    def position(at: str, event_id: object, is_browser: object) -> EventPosition:
        if not isinstance(event_id, str) or "\x00" in event_id:
            raise ValueError(event_id)
        return EventPosition(_instant(at), event_id, bool(is_browser))

    return _decode(cursor, position)


def session_position(cursor: str) -> SessionPosition:
    """Inverse of `session_cursor`. Raises ScopeError."""

    def position(at: str, session_id: str) -> SessionPosition:
        number = int(session_id)
        if not -(2**63) <= number < 2**63:
            raise ValueError(session_id)
        return SessionPosition(_instant(at), number)

    return _decode(cursor, position)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(text)
    return instant


def _decode(cursor: str, build: Callable[..., Position]) -> Position:
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(parts, list):
            raise TypeError(parts)
        return build(*parts)
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise ScopeError(
            "cursor", f"{cursor!r} is not a cursor; send next_cursor of the answer before"
        ) from error
