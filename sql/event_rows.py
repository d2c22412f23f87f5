"""Events as binary COPY rows: one `struct.pack` for the fixed columns, bytes for the others."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from psycopg.adapt import PyFormat, Transformer

from sql.events import CollectedEvent, session_key

_IDS = (
    "name", "hostname", "path", "title", "referrer", "source", "channel", "utm_source",
    "utm_medium", "utm_campaign", "utm_term", "utm_content", "country", "region", "city",
    "device", "browser", "os", "language", "screen",
)  # fmt: skip
_FIXED = (
    ("site_id", "i"), ("local_day", "i"), ("local_hour", "h"), ("local_weekday", "h"),
    ("kind", "h"), ("is_conversion", "?"), ("is_high_value", "?"), ("is_browser", "?"),
    ("ts", "q"), ("received_at", "q"), ("batch_seq", "q"), ("session_key", "q"),
    *((f"{name}_id", "i") for name in _IDS), ("duration_ms", "i"),
)  # fmt: skip
_OTHERS = (
    "visitor_id", "value", "revenue", "currency", "event_id", "user_id", "session_id", "properties",
)  # fmt: skip

COPY = f"COPY events ({', '.join([name for name, _ in _FIXED] + list(_OTHERS))}) FROM STDIN BINARY"
HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"

_PACK = struct.Struct("!h" + "".join("i" + code for _, code in _FIXED)).pack
_SIZES = [struct.calcsize("!" + code) for _, code in _FIXED]
_COLUMNS = len(_FIXED) + len(_OTHERS)
_PARTS: list[Any] = [_COLUMNS, *(part for size in _SIZES for part in (size, 0))]
"""What the fixed columns are packed from: number of columns, then size and value of each."""
_NULL = b"\xff\xff\xff\xff"
_LENGTH = struct.Struct("!i").pack
_VISITOR = struct.Struct("!iq").pack
_EPOCH_2000_US = 946_684_800_000_000
_numeric = Transformer().get_dumper(Decimal(0), PyFormat.BINARY)

PAGE_VIEW, ENGAGEMENT, EXPOSURE, PURCHASE, REFUND, OTHER = 1, 2, 3, 4, 5, 0
KINDS = {
    "page_view": PAGE_VIEW,
    "engagement": ENGAGEMENT,
    "experiment_exposure": EXPOSURE,
    "purchase": PURCHASE,
    "refund": REFUND,
}


class LocalTime(NamedTuple):
    """A quarter hour on a site's clock."""

    day: int
    """Days since 2000-01-01."""
    hour: int
    weekday: int
    """ISO, 1 = Monday."""


@dataclass(frozen=True)
class SiteRules:
    """What of a site decides how its events are stored."""

    site_id: int
    currency: str
    goals: frozenset[str]
    high_value_threshold: float | None


def label_columns(
    event: CollectedEvent, source: str, channel: str, referrer: str | None
) -> tuple[str | None, ...]:
    """The texts of an event that are stored as labels, in the order of their columns."""
    return (
        event.name, event.hostname, event.path, event.title, referrer, source, channel,
        event.utm_source, event.utm_medium, event.utm_campaign, event.utm_term,
        event.utm_content, event.country, event.region, event.city, event.device, event.browser,
        event.os, event.language, event.screen,
    )  # fmt: skip


def _text(value: str | None) -> bytes:
    if value is None:
        return _NULL
    data = value.encode()
    return _LENGTH(len(data)) + data


def _decimal(value: Decimal | None) -> bytes:
    if value is None:
        return _NULL
    data = bytes(_numeric.dump(value) or b"")
    return _LENGTH(len(data)) + data


def revenue_of(kind: int, value: Decimal | None, currency: str | None, own: str) -> Decimal | None:
    """Signed revenue of an event in the site's own currency; None when it brings none.

    A purchase counts its value (0 when blank), a refund -|value|; an amount in another currency
    is stored but not summed.
    """
    if kind not in (PURCHASE, REFUND) or (currency is not None and currency != own):
        return None
    amount = value if value is not None else Decimal(0)
    return amount if kind == PURCHASE else -abs(amount)


def encode_event(
    event: CollectedEvent,
    *,
    event_id: str,
    texts: tuple[str | None, ...],
    labels: Mapping[str | None, int],
    rules: SiteRules,
    local: LocalTime,
    batch_seq: int,
) -> bytes:
    """One row of the binary COPY. Every text of `texts` must be in `labels`."""
    kind = KINDS.get(event.name, OTHER)
    value = None if event.value is None else Decimal(event.value)
    threshold = rules.high_value_threshold
    numbers: tuple[Any, ...] = (
        rules.site_id, local.day, local.hour, local.weekday, kind, event.name in rules.goals,
        threshold is not None and value is not None and value >= threshold, event.is_browser,
        event.ts_us - _EPOCH_2000_US, event.received_us - _EPOCH_2000_US, batch_seq,
        session_key(event.session_id), *[labels[text] for text in texts], event.duration_ms or 0,
    )  # fmt: skip
    parts = _PARTS.copy()
    parts[2::2] = numbers
    fixed = _PACK(*parts)
    visitor = _NULL if event.visitor_id is None else _VISITOR(8, event.visitor_id)
    if value is None and event.currency is None and kind not in (PURCHASE, REFUND):
        money = _NULL * 3
    else:
        revenue = revenue_of(kind, value, event.currency, rules.currency)
        money = _decimal(value) + _decimal(revenue) + _text(event.currency)
    properties = _NULL
    if event.properties is not None:
        data = event.properties.encode()
        properties = _LENGTH(len(data) + 1) + b"\x01" + data
    return b"".join(
        (fixed, visitor, money, _text(event_id), _text(event.user_id), _text(event.session_id),
         properties)
    )  # fmt: skip
