"""Storing arrivals exactly once, and finding those that cannot be stored."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec

from jobs.batches import (
    Arrival,
    BatchBuilder,
    ClientIds,
    client_ids,
    encode_arrivals,
    origin_of,
)
from jobs.figures import batch_events, commit_s, transaction_s, written_events
from jobs.local_time import SiteClock
from sql.database import Refused, SyncConnection
from sql.event_rows import SiteRows, SiteRules
from sql.labels import SiteLabels
from sql.sites import Site, goals_by_site, moved_sites, sites_by_id
from sql.writing import (
    DeadLetter,
    StoredBatch,
    ensure_months,
    enter_ledger,
    enter_seen,
    next_batch_seq,
    store_batch,
)

log = logging.getLogger("tideline.writer")

SITES_FRESH_S = 2.0

_POISONOUS: tuple[type[Exception], ...] = (*Refused, ValueError, ArithmeticError)
"""What an event that must not be stored raises; anything else is no event's fault."""


@dataclass(frozen=True)
class Batch:
    """Arrivals with their COPY rows, or the reasons why they have none."""

    batch_seq: int
    arrivals: Sequence[Arrival]
    rows: Sequence[bytes | str]
    undecodable: Sequence[DeadLetter] = ()

    @cached_property
    def batch_ids(self) -> set[str]:
        """Ids of the stream's batches that it holds events of."""
        return {a.batch_id for a in self.arrivals} | {d.batch_id for d in self.undecodable}

    @cached_property
    def ids(self) -> list[ClientIds]:
        """The client ids of all that has a row."""
        return self.client_ids(range(len(self.arrivals)))

    @cached_property
    def expected(self) -> StoredBatch:
        """What is stored when neither a batch nor an id was seen before, as nearly always."""
        return self.build(self.batch_ids, {i for ids in self.ids for i in ids.indexes})

    def client_ids(self, indexes: Iterable[int]) -> list[ClientIds]:
        """The client ids of those of the indexes that have a row."""
        return client_ids(self.arrivals, [i for i in indexes if isinstance(self.rows[i], bytes)])

    def build(self, fresh: set[str], firsts: set[int]) -> StoredBatch:
        """What is stored of the batches in `fresh`, of events with ids only `firsts`."""
        builder = BatchBuilder()
        builder.dead_letters.extend(d for d in self.undecodable if d.batch_id in fresh)
        for i, (arrival, row) in enumerate(zip(self.arrivals, self.rows, strict=True)):
            if arrival.batch_id not in fresh:
                continue
            if isinstance(row, str):
                builder.bury(arrival, row)
            elif arrival.event.event_id is None or i in firsts:
                builder.take(arrival.event, row)
            else:
                builder.count(arrival.event, "duplicate")
        return builder.finish()

    def part(self, indexes: Sequence[int]) -> "Batch":
        """Some of its arrivals."""
        arrivals = [self.arrivals[i] for i in indexes]
        return Batch(self.batch_seq, arrivals, [self.rows[i] for i in indexes])


class EventStore:
    """Stores arrivals over a connection in autocommit mode.

    `prepare` uses a connection of its own, so that one thread prepares a batch while another
    stores the one before.
    """

    def __init__(self, conn: SyncConnection, lookups: SyncConnection) -> None:
        self._conn = conn
        self._lookups = lookups
        self._clocks: dict[ZoneInfo, SiteClock] = {}
        self._labels: dict[int, SiteLabels] = {}
        self._sites: dict[int, SiteRows] = {}
        self._slugs: dict[int, str] = {}
        self._moved: dict[int, int] = {}
        self._sites_read_at = float("-inf")

    def prepare(self, arrivals: Sequence[Arrival], undecodable: Sequence[DeadLetter]) -> Batch:
        """All of a batch that needs no transaction; raises Disconnected."""
        self._refresh_sites(arrivals)
        if self._moved:
            arrivals = [self._renumbered(arrival) for arrival in arrivals]
        batch_seq = next_batch_seq(self._lookups)
        batch = Batch(batch_seq, arrivals, self._encode(arrivals, batch_seq), undecodable)
        _ = batch.expected
        return batch

    def store(self, batch: Batch) -> None:
        """Stores, in one transaction, what the ledger does not hold yet.

        What the database refuses becomes a dead letter, and nothing else with it. Raises
        Disconnected; then it is not known whether anything was stored, and a repetition is safe.
        """
        try:
            stored = self._transaction(batch)
        except _POISONOUS as error:
            reason = _reason(error)
            log.warning("a batch was refused (%s); looking for the events that cause it", reason)
            rows = [*batch.rows]
            self._mark_refused(batch, range(len(rows)), rows)
            stored = self._transaction(replace(batch, rows=rows))
        self._count(stored)

    def _count(self, stored: StoredBatch) -> None:
        batch_events.observe(sum(stored.outcomes.values()))
        for (site_id, _, outcome), events in stored.outcomes.items():
            written_events.labels(self._slugs.get(site_id, ""), outcome).inc(events)

    def _encode(self, arrivals: Sequence[Arrival], batch_seq: int) -> list[bytes | str]:
        try:
            rows = encode_arrivals(self._lookups, arrivals, self._sites, batch_seq)
            pairs = zip(arrivals, rows, strict=True)
            ensure_months(
                self._lookups, [a.event.ts_us for a, row in pairs if isinstance(row, bytes)]
            )
        except _POISONOUS as error:
            if len(arrivals) == 1:
                return [_reason(error)]
            middle = len(arrivals) // 2
            halves = arrivals[:middle], arrivals[middle:]
            return [row for half in halves for row in self._encode(half, batch_seq)]
        return rows

    def _transaction(self, batch: Batch) -> StoredBatch:
        """Stores what the ledger does not hold yet; returns what that was."""
        began = time.perf_counter()
        with self._conn.transaction():
            fresh = enter_ledger(self._conn, sorted(batch.batch_ids))
            if len(fresh) == len(batch.batch_ids):
                ids = batch.ids
            else:
                new = [i for i, a in enumerate(batch.arrivals) if a.batch_id in fresh]
                ids = batch.client_ids(new)
            firsts = self._firsts(ids)
            is_expected = ids is batch.ids and len(firsts) == sum(len(of.indexes) for of in ids)
            stored = batch.expected if is_expected else batch.build(fresh, firsts)
            store_batch(self._conn, stored, batch.batch_seq)
            stored_at = time.perf_counter()
        transaction_s.observe(time.perf_counter() - began)
        commit_s.observe(time.perf_counter() - stored_at)
        return stored

    def _firsts(self, ids: Sequence[ClientIds]) -> set[int]:
        """Indexes whose client id was not seen before on their site; the first to arrive wins."""
        firsts: set[int] = set()
        for of_site in ids:
            entered = enter_seen(self._conn, *of_site[:3])
            if len(entered) == len(of_site.indexes):
                firsts.update(of_site.indexes)
            else:
                index_of = dict(zip(of_site.hashes, of_site.indexes, strict=True))
                firsts.update(map(index_of.__getitem__, entered))
        return firsts

    def _mark_refused(self, batch: Batch, indexes: Sequence[int], rows: list[bytes | str]) -> None:
        """Bisects down to the events that the database refuses; the reason replaces their row."""
        try:
            with self._conn.transaction(force_rollback=True):
                self._transaction(batch.part(indexes))
        except _POISONOUS as error:
            if len(indexes) == 1:
                rows[indexes[0]] = _reason(error)
                return
            middle = len(indexes) // 2
            self._mark_refused(batch, indexes[:middle], rows)
            self._mark_refused(batch, indexes[middle:], rows)

    def _refresh_sites(self, arrivals: Sequence[Arrival]) -> None:
        known = self._sites.keys() | self._moved.keys()
        is_known = all(arrival.event.site_id in known for arrival in arrivals)
        if is_known and time.monotonic() - self._sites_read_at < SITES_FRESH_S:
            return
        goals, sites = goals_by_site(self._lookups), sites_by_id(self._lookups)
        self._sites = {
            site_id: self._rows_of(site, goals.get(site_id, frozenset()))
            for site_id, site in sites.items()
        }
        self._slugs = {site_id: site.slug for site_id, site in sites.items()}
        self._moved = moved_sites(self._lookups)
        self._sites_read_at = time.monotonic()

    def _renumbered(self, arrival: Arrival) -> Arrival:
        """The arrival under the number that its site has now."""
        number = self._moved.get(arrival.event.site_id)
        if number is None:
            return arrival
        event = msgspec.structs.replace(arrival.event, site_id=number)
        return msgspec.structs.replace(arrival, event=event)

    def _rows_of(self, site: Site, goals: frozenset[str]) -> SiteRows:
        """What makes the site's rows: the one before, unless the site has changed."""
        rules = SiteRules(
            site.site_id, site.currency, goals, site.high_value_threshold, site.raw_from
        )
        clock = self._clocks.setdefault(site.zone, SiteClock(site.zone))
        known = self._sites.get(site.site_id)
        if known is not None and known.rules == rules and known.local == clock.at:
            return known
        labels = self._labels.setdefault(site.site_id, SiteLabels(site.site_id))
        return SiteRows(rules, labels, local=clock.at, origin=origin_of)


def _reason(error: Exception) -> str:
    """The first line of what an error says, in text that the database takes."""
    lines = str(error).replace("\0", "\\0").splitlines()
    return lines[0] if lines else type(error).__name__
