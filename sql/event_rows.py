"""Events as rows of a binary COPY, put together from parts that many of them share."""

import struct
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeVar

from psycopg.adapt import PyFormat, Transformer

from sql.events import CollectedEvent, session_key
from sql.labels import LABEL_BYTES, SiteLabels

Key = TypeVar("Key", bound=Hashable)

COLUMNS = (
    "site_id", "local_day", "local_hour", "local_weekday", "kind", "is_conversion", "name_id",
    "path_id", "title_id", "hostname_id", "referrer_id", "source_id", "channel_id",
    "utm_source_id", "utm_medium_id", "utm_campaign_id", "utm_term_id", "utm_content_id",
    "language_id", "screen_id", "country_id", "region_id", "city_id", "device_id", "browser_id",
    "os_id", "session_key", "visitor_id", "user_id", "session_id", "is_high_value", "is_browser",
    "ts", "received_at", "batch_seq", "duration_ms", "value", "revenue", "currency", "event_id",
    "properties",
)  # fmt: skip
"""In the order of the rows' parts: what events have in common lies together, to be remembered."""

COPY = f"COPY events ({', '.join(COLUMNS)}) FROM STDIN BINARY"
HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"

_MAX_REMEMBERED = 50_000
"""Parts of rows that a site remembers before it starts over."""

_SITE = struct.Struct("!hii").pack
_LOCAL = struct.Struct("!iiihih").pack
_NAME = struct.Struct("!ihi?").pack
_NAME_BYTES = struct.calcsize("!ihi?") + LABEL_BYTES
_OWN = struct.Struct("!i?i?iqiqiqii").pack
_NULL = b"\xff\xff\xff\xff"
_NO_MONEY = _NULL * 3
_LENGTH = struct.Struct("!i").pack
_BIGINT = struct.Struct("!iq").pack
EPOCH_2000_US = 946_684_800_000_000
YEAR_10000_US = 253_402_300_800_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_numeric = Transformer().get_dumper(Decimal(0), PyFormat.BINARY)

PAGE_VIEW, ENGAGEMENT, EXPOSURE, PURCHASE, REFUND, OTHER = 1, 2, 3, 4, 5, 0
KINDS = {
    "page_view": PAGE_VIEW,
    "engagement": ENGAGEMENT,
    "experiment_exposure": EXPOSURE,
    "purchase": PURCHASE,
    "refund": REFUND,
}


def local_part(day: int, hour: int, weekday: int) -> bytes:
    """Local columns of a row: days since 2000-01-01, hour, ISO weekday (1 = Monday)."""
    return _LOCAL(4, day, 2, hour, 2, weekday)


@dataclass(frozen=True)
class SiteRules:
    """What of a site decides how its events are stored."""

    site_id: int
    currency: str
    goals: frozenset[str]
    high_value_threshold: float | None
    raw_from: datetime | None
    """No event before it is stored; None: no limit."""


class Origin(NamedTuple):
    """What an event's referrer and campaign tell of where it came from."""

    source: str
    channel: str
    referrer: str | None


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _text(value: str | None) -> bytes:
    if value is None:
        return _NULL
    data = value.encode()
    return _LENGTH(len(data)) + data


def _json(value: str) -> bytes:
    data = value.encode()
    return _LENGTH(len(data) + 1) + b"\x01" + data


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


class SiteRows:
    """Makes the rows of a site's events.

    A row is useless when `labels` missed a text meanwhile. `local` gives the `local_part` of an
    instant in microseconds since 1970 UTC.
    """

    def __init__(
        self,
        rules: SiteRules,
        labels: SiteLabels,
        *,
        local: Callable[[int], bytes],
        origin: Callable[[CollectedEvent], Origin],
    ) -> None:
        self.rules = rules
        self.labels = labels
        self.local = local
        self._origin_of = origin
        self._from_us = _microseconds(rules.raw_from) if rules.raw_from else -YEAR_10000_US
        self._site = _SITE(len(COLUMNS), 4, rules.site_id)
        self._names: dict[str, bytes] = {}
        self._origins: dict[tuple[str | None, ...], bytes] = {}
        self._devices: dict[tuple[str | None, ...], bytes] = {}
        self._people: dict[tuple[int | None, str | None, str | None], bytes] = {}

    def encode(self, event: CollectedEvent, event_id: str, batch_seq: int) -> bytes:
        """One row of the binary COPY. Raises ValueError, ArithmeticError or struct.error."""
        labels, name = self.labels, event.name
        if not 0 <= event.received_us < YEAR_10000_US:
            raise ValueError(f"received_us {event.received_us} is no instant of ours")
        if event.ts_us < self._from_us:
            raise ValueError(f"it lies before {self.rules.raw_from}, where the site's data begins")
        kind = KINDS.get(name, OTHER)
        money, is_high_value = _NO_MONEY, False
        if event.value is not None or event.currency is not None or kind in (PURCHASE, REFUND):
            money, is_high_value = self._money(event, kind)
        data, properties = event_id.encode(), event.properties
        return b"".join(
            (
                self._site,
                self.local(event.ts_us),
                self._names.get(name) or self._name(name, kind),
                labels[event.path],
                labels[event.title],
                self._origin(event),
                self._device(event),
                self._person(event),
                _OWN(
                    1, is_high_value, 1, event.is_browser, 8, event.ts_us - EPOCH_2000_US,
                    8, event.received_us - EPOCH_2000_US, 8, batch_seq,
                    4, event.duration_ms or 0,
                ),
                money,
                _LENGTH(len(data)),
                data,
                _NULL if properties is None else _json(properties),
            )
        )  # fmt: skip

    def _name(self, name: str, kind: int) -> bytes:
        part = _NAME(2, kind, 1, name in self.rules.goals) + self.labels[name]
        return _remember(self._names, name, part, _NAME_BYTES)

    def _origin(self, event: CollectedEvent) -> bytes:
        key = (
            event.hostname, event.referrer, event.utm_source, event.utm_medium,
            event.utm_campaign, event.utm_term, event.utm_content, event.click_id,
        )  # fmt: skip
        part = self._origins.get(key)
        if part is None:
            origin = self._origin_of(event)
            texts = (event.hostname, origin.referrer, origin.source, origin.channel, *key[2:7])
            part = b"".join(map(self.labels.__getitem__, texts))
            _remember(self._origins, key, part, len(texts) * LABEL_BYTES)
        return part

    def _device(self, event: CollectedEvent) -> bytes:
        key = (
            event.language, event.screen, event.country, event.region, event.city, event.device,
            event.browser, event.os,
        )  # fmt: skip
        part = self._devices.get(key)
        if part is None:
            part = b"".join(map(self.labels.__getitem__, key))
            _remember(self._devices, key, part, len(key) * LABEL_BYTES)
        return part

    def _person(self, event: CollectedEvent) -> bytes:
        visitor, user_id, session_id = event.visitor_id, event.user_id, event.session_id
        key = (visitor, user_id, session_id)
        part = self._people.get(key)
        if part is None:
            session = _BIGINT(8, session_key(session_id))
            visitor_id = _NULL if visitor is None else _BIGINT(8, visitor)
            part = session + visitor_id + _text(user_id) + _text(session_id)
            _remember(self._people, key, part, len(part))
        return part

    def _money(self, event: CollectedEvent, kind: int) -> tuple[bytes, bool]:
        """Columns value, revenue and currency, and whether the value is a high one."""
        value = None if event.value is None else Decimal(event.value)
        revenue = revenue_of(kind, value, event.currency, self.rules.currency)
        threshold = self.rules.high_value_threshold
        is_high = threshold is not None and value is not None and value >= threshold
        return _decimal(value) + _decimal(revenue) + _text(event.currency), is_high


def _remember(parts: dict[Key, bytes], key: Key, part: bytes, size: int) -> bytes:
    """The part, remembered if it is whole."""
    if len(part) == size:
        if len(parts) >= _MAX_REMEMBERED:
            parts.clear()
        parts[key] = part
    return part
