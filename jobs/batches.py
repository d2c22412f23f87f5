"""From collected events to what one transaction stores: duplicates dropped, the rest enriched."""

import hashlib
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from jobs.attribution import attribute
from sql.database import SyncConnection
from sql.event_rows import YEAR_10000_US, Origin, SiteRows
from sql.events import CollectedEvent, encode_batch, session_key
from sql.writing import DeadLetter, SiteSpan, StoredBatch, Touch

LATE_US = 10 * 60 * 1_000_000
"""An event whose instant lies this long before its receipt is counted as late."""


class Arrival(msgspec.Struct, gc=False, frozen=True):
    """An event, in order of arrival, with the id it is stored under."""

    batch_id: str
    event_id: str
    """The sender's id, or one made of batch and position: the same on redelivery."""
    event: CollectedEvent


def arrivals_of(batch_id: str, events: Iterable[CollectedEvent]) -> Iterator[Arrival]:
    """The events of a batch as they arrive."""
    for position, event in enumerate(events):
        yield Arrival(batch_id, event.event_id or f"{batch_id}{position:04x}", event)


def seen_hash(event: CollectedEvent) -> bytes:
    """128 bits of a client event id in its name space (browser or server)."""
    space = b"b" if event.is_browser else b"s"
    return hashlib.blake2b(space + (event.event_id or "").encode(), digest_size=16).digest()


def origin_of(event: CollectedEvent) -> Origin:
    """Source, channel and referrer of an event."""
    return attribute(
        referrer=event.referrer,
        hostname=event.hostname,
        utm_source=event.utm_source,
        utm_medium=event.utm_medium,
        click_id=event.click_id,
    )


def encode_arrivals(
    conn: SyncConnection,
    arrivals: Sequence[Arrival],
    sites: Mapping[int, SiteRows],
    batch_seq: int,
) -> list[bytes | str]:
    """A COPY row for each arrival, or the reason why it cannot be stored.

    Stores new labels; call it outside a transaction.
    """
    rows: list[bytes | str] = [""] * len(arrivals)
    todo: Sequence[int] = range(len(arrivals))
    while todo := _encode(arrivals, todo, sites, batch_seq, rows):
        for site in {arrivals[i].event.site_id for i in todo}:
            sites[site].labels.store_missing(conn)
    return rows


def _encode(
    arrivals: Sequence[Arrival],
    indexes: Sequence[int],
    sites: Mapping[int, SiteRows],
    batch_seq: int,
    rows: list[bytes | str],
) -> list[int]:
    """Sets the rows of the indexes; returns those that lack labels, which are noted as missing."""
    incomplete = []
    for i in indexes:
        arrival = arrivals[i]
        event = arrival.event
        site = sites.get(event.site_id)
        if site is None:
            rows[i] = f"site {event.site_id} does not exist any more"
            continue
        misses = site.labels.misses
        try:
            rows[i] = site.encode(event, arrival.event_id, batch_seq)
        except (ValueError, ArithmeticError, struct.error) as error:
            rows[i] = f"{type(error).__name__}: {error}"
            continue
        if site.labels.misses != misses:
            incomplete.append(i)
    return incomplete


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
        site_id, ts_us, received_us = event.site_id, event.ts_us, event.received_us
        outcome = "late" if received_us - ts_us > LATE_US else "stored"
        self.outcomes[site_id, received_us // 60_000_000 * 60, outcome] += 1
        span = self._spans.get(site_id)
        if span is None:
            self._spans[site_id] = [ts_us, ts_us, received_us]
        else:
            _widen(span, ts_us, received_us)
        if event.visitor_id is None:
            return
        key = (site_id, event.visitor_id, session_key(event.session_id))
        span = self._touches.get(key)
        if span is None:
            self._touches[key] = [ts_us, ts_us, received_us]
        else:
            _widen(span, ts_us, received_us)

    def bury(self, arrival: Arrival, error: str) -> None:
        """Keeps an event that cannot be stored; nothing in it is relied on."""
        event = arrival.event
        is_sane = 0 < event.site_id < 2**31 and 0 <= event.received_us < YEAR_10000_US
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


def _widen(span: list[int], ts_us: int, received_us: int) -> None:
    """Extends a span of (from, to, earliest receipt), in microseconds, to an event."""
    if ts_us < span[0]:
        span[0] = ts_us
    elif ts_us > span[1]:
        span[1] = ts_us
    if received_us < span[2]:
        span[2] = received_us


class ClientIds(NamedTuple):
    """Client event ids on a site, in order of their hash: the first arrival of each."""

    site_id: int
    hashes: Sequence[bytes]
    instants_us: Sequence[int]
    indexes: Sequence[int]


def client_ids(arrivals: Sequence[Arrival], indexes: Iterable[int]) -> list[ClientIds]:
    """The client event ids of the arrivals, by site in order of its number."""
    found: dict[int, dict[bytes, int]] = {}
    for i in indexes:
        event = arrivals[i].event
        if event.event_id is not None:
            found.setdefault(event.site_id, {}).setdefault(seen_hash(event), i)
    ids = []
    for site_id, by_hash in sorted(found.items()):
        hashes = sorted(by_hash)
        firsts = [by_hash[hash_] for hash_ in hashes]
        ids.append(ClientIds(site_id, hashes, [arrivals[i].event.ts_us for i in firsts], firsts))
    return ids
