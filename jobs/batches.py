"""From collected events to what one transaction stores: duplicates dropped, the rest enriched."""

import hashlib
import struct
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar
from uuid import UUID

from jobs.attribution import attribute
from jobs.local_time import SiteClock
from sql.event_rows import SiteRules, encode_event, label_columns
from sql.events import CollectedEvent, encode_batch, session_key
from sql.labels import LabelIds
from sql.writing import DeadLetter, SiteSpan, StoredBatch, Touch

Key = TypeVar("Key", bound=Hashable)

LATE_US = 10 * 60 * 1_000_000
"""An event whose instant lies this long before its receipt is counted as late."""
_YEAR_10000_US = 253_402_300_800_000_000


class Arrival(NamedTuple):
    """An event, in order of arrival, with the id it is stored under."""

    batch_id: str
    position: int
    event: CollectedEvent

    @property
    def event_id(self) -> str:
        """The sender's id, or one made of batch and position: the same on redelivery."""
        return self.event.event_id or f"{self.batch_id}{self.position:04x}"


@dataclass(frozen=True)
class KnownSite:
    """What of a site the writer keeps at hand."""

    rules: SiteRules
    clock: SiteClock


def seen_hash(event: CollectedEvent) -> UUID:
    """128 bits of a client event id in its name space (browser or server)."""
    space = b"b" if event.is_browser else b"s"
    data = space + (event.event_id or "").encode()
    return UUID(bytes=hashlib.blake2b(data, digest_size=16).digest())


def encode_arrivals(
    arrivals: Sequence[Arrival], labels: LabelIds, sites: dict[int, KnownSite], batch_seq: int
) -> list[bytes | str]:
    """A COPY row for each arrival, or the reason why it cannot be stored.

    Stores new labels; call it outside a transaction.
    """
    rows: list[bytes | str] = ["" for _ in arrivals]
    by_site: dict[int, list[int]] = {}
    for index, arrival in enumerate(arrivals):
        by_site.setdefault(arrival.event.site_id, []).append(index)
    for site_id, indexes in by_site.items():
        known = sites.get(site_id)
        if known is None:
            for index in indexes:
                rows[index] = f"site {site_id} does not exist any more"
            continue
        texts = [_texts(arrivals[index].event) for index in indexes]
        ids = labels.resolve(site_id, {text for row in texts for text in row})
        for index, row in zip(indexes, texts, strict=True):
            rows[index] = _encode(arrivals[index], row, ids, known, batch_seq)
    return rows


def _texts(event: CollectedEvent) -> tuple[str | None, ...]:
    origin = attribute(
        referrer=event.referrer,
        hostname=event.hostname,
        utm_source=event.utm_source,
        utm_medium=event.utm_medium,
        click_id=event.click_id,
    )
    return label_columns(event, origin.source, origin.channel, origin.referrer)


def _encode(
    arrival: Arrival,
    texts: tuple[str | None, ...],
    labels: Mapping[str | None, int],
    known: KnownSite,
    batch_seq: int,
) -> bytes | str:
    try:
        return encode_event(
            arrival.event,
            event_id=arrival.event_id,
            texts=texts,
            labels=labels,
            rules=known.rules,
            local=known.clock.at(arrival.event.ts_us),
            batch_seq=batch_seq,
        )
    except (ValueError, ArithmeticError, struct.error) as error:
        return f"{type(error).__name__}: {error}"


@dataclass
class BatchBuilder:
    """Collects what a transaction stores: rows, what they touch, what became of each event."""

    rows: list[bytes] = field(default_factory=list)
    outcomes: Counter[tuple[int, int, str]] = field(default_factory=Counter)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    _touches: dict[tuple[int, int, int], list[int]] = field(default_factory=dict)
    _spans: dict[int, list[int]] = field(default_factory=dict)

    def count(self, event: CollectedEvent, outcome: str) -> None:
        """Counts what became of an event."""
        self.outcomes[event.site_id, event.received_us // 60_000_000 * 60, outcome] += 1

    def take(self, event: CollectedEvent, row: bytes) -> None:
        """Stores the event's row and notes what it touches."""
        self.rows.append(row)
        late = event.received_us - event.ts_us > LATE_US
        self.count(event, "late" if late else "stored")
        _widen(self._spans, event.site_id, event)
        if event.visitor_id is not None:
            key = (event.site_id, event.visitor_id, session_key(event.session_id))
            _widen(self._touches, key, event)

    def bury(self, arrival: Arrival, error: str) -> None:
        """Keeps an event that cannot be stored; nothing in it is relied on."""
        event = arrival.event
        is_sane = 0 < event.site_id < 2**31 and 0 <= event.received_us < _YEAR_10000_US
        site_id = event.site_id if is_sane else None
        payload = encode_batch([event])
        self.dead_letters.append(DeadLetter(site_id, arrival.batch_id, error, payload))
        if is_sane:
            self.count(event, "dead_letter")

    def finish(self) -> StoredBatch:
        """What the transaction stores."""
        return StoredBatch(
            self.rows,
            [Touch(*key, *span) for key, span in self._touches.items()],
            [SiteSpan(site_id, *span) for site_id, span in self._spans.items()],
            self.outcomes,
            self.dead_letters,
        )


def _widen(spans: dict[Key, list[int]], key: Key, event: CollectedEvent) -> None:
    """Extends a span of (from, to, earliest receipt), in microseconds, to the event."""
    span = spans.get(key)
    if span is None:
        spans[key] = [event.ts_us, event.ts_us, event.received_us]
        return
    span[0] = min(span[0], event.ts_us)
    span[1] = max(span[1], event.ts_us)
    span[2] = min(span[2], event.received_us)


def client_ids(arrivals: Iterable[Arrival]) -> dict[int, dict[UUID, Arrival]]:
    """By site, the first arrival of each client event id."""
    found: dict[int, dict[UUID, Arrival]] = {}
    for arrival in arrivals:
        if arrival.event.event_id is not None:
            found.setdefault(arrival.event.site_id, {}).setdefault(
                seen_hash(arrival.event), arrival
            )
    return found
