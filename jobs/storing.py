"""Storing arrivals exactly once, and finding those that cannot be stored."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.batches import Arrival, BatchBuilder, client_ids, encode_arrivals, origin_of
from jobs.figures import batch_events, commit_s, transaction_s, written_events
from jobs.local_time import SiteClock
from sql.database import Refused, SyncConnection
from sql.event_rows import SiteRows, SiteRules
from sql.labels import SiteLabels
from sql.sites import Site, goals_by_site, sites_by_id
from sql.writing import (
    DeadLetter,
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


@dataclass
class _Batch:
    """Arrivals with their COPY rows, or the reasons why they have none."""

    batch_seq: int
    arrivals: Sequence[Arrival]
    rows: list[bytes | str]

    def part(self, indexes: Sequence[int]) -> "_Batch":
        arrivals = [self.arrivals[i] for i in indexes]
        return _Batch(self.batch_seq, arrivals, [self.rows[i] for i in indexes])


class EventStore:
    """Stores arrivals over a connection in autocommit mode."""

    def __init__(self, conn: SyncConnection) -> None:
        self._conn = conn
        self._clocks: dict[str, SiteClock] = {}
        self._labels: dict[int, SiteLabels] = {}
        self._sites: dict[int, SiteRows] = {}
        self._slugs: dict[int, str] = {}
        self._sites_read_at = float("-inf")

    def store(self, arrivals: Sequence[Arrival], undecodable: Sequence[DeadLetter]) -> None:
        """Stores, in one transaction, what the ledger does not hold yet.

        What the database refuses becomes a dead letter, and nothing else with it. Raises
        Disconnected; then it is not known whether anything was stored, and a repetition is safe.
        """
        self._refresh_sites(arrivals)
        batch_seq = next_batch_seq(self._conn)
        batch = _Batch(batch_seq, arrivals, self._encode(arrivals, batch_seq))
        try:
            stored = self._transaction(batch, undecodable)
        except _POISONOUS as error:
            reason = _reason(error)
            log.warning("a batch was refused (%s); looking for the events that cause it", reason)
            self._mark_refused(batch, range(len(arrivals)))
            stored = self._transaction(batch, undecodable)
        self._count(stored)

    def _count(self, stored: BatchBuilder) -> None:
        batch_events.observe(sum(stored.outcomes.values()))
        for (site_id, _, outcome), events in stored.outcomes.items():
            written_events.labels(self._slugs.get(site_id, ""), outcome).inc(events)

    def _encode(self, arrivals: Sequence[Arrival], batch_seq: int) -> list[bytes | str]:
        try:
            rows = encode_arrivals(self._conn, arrivals, self._sites, batch_seq)
            pairs = zip(arrivals, rows, strict=True)
            ensure_months(self._conn, [a.event.ts_us for a, row in pairs if isinstance(row, bytes)])
        except _POISONOUS as error:
            if len(arrivals) == 1:
                return [_reason(error)]
            middle = len(arrivals) // 2
            halves = arrivals[:middle], arrivals[middle:]
            return [row for half in halves for row in self._encode(half, batch_seq)]
        return rows

    def _transaction(self, batch: _Batch, undecodable: Sequence[DeadLetter] = ()) -> BatchBuilder:
        """Stores what the ledger does not hold yet; returns what that was."""
        arrivals, rows = batch.arrivals, batch.rows
        builder = BatchBuilder()
        began = time.perf_counter()
        with self._conn.transaction():
            batch_ids = {a.batch_id for a in arrivals} | {d.batch_id for d in undecodable}
            fresh = enter_ledger(self._conn, sorted(batch_ids))
            builder.dead_letters.extend(d for d in undecodable if d.batch_id in fresh)
            new = [i for i, arrival in enumerate(arrivals) if arrival.batch_id in fresh]
            firsts = self._firsts(arrivals, [i for i in new if isinstance(rows[i], bytes)])
            for i in new:
                arrival, row = arrivals[i], rows[i]
                if isinstance(row, str):
                    builder.bury(arrival, row)
                elif arrival.event.event_id is None or i in firsts:
                    builder.take(arrival.event, row)
                else:
                    builder.count(arrival.event, "duplicate")
            store_batch(self._conn, builder.finish(), batch.batch_seq)
            stored = time.perf_counter()
        transaction_s.observe(time.perf_counter() - began)
        commit_s.observe(time.perf_counter() - stored)
        return builder

    def _firsts(self, arrivals: Sequence[Arrival], indexes: Sequence[int]) -> set[int]:
        """Indexes whose client id was not seen before on their site; the first to arrive wins."""
        firsts: set[int] = set()
        for site_id, by_hash in sorted(client_ids(arrivals, indexes).items()):
            hashes = sorted(by_hash)
            instants = [arrivals[by_hash[hash_]].event.ts_us for hash_ in hashes]
            firsts.update(
                map(by_hash.__getitem__, enter_seen(self._conn, site_id, hashes, instants))
            )
        return firsts

    def _mark_refused(self, batch: _Batch, indexes: Sequence[int]) -> None:
        """Bisects down to the events that the database refuses; the reason replaces their row."""
        try:
            with self._conn.transaction(force_rollback=True):
                self._transaction(batch.part(indexes))
        except _POISONOUS as error:
            if len(indexes) == 1:
                batch.rows[indexes[0]] = _reason(error)
                return
            middle = len(indexes) // 2
            self._mark_refused(batch, indexes[:middle])
            self._mark_refused(batch, indexes[middle:])

    def _refresh_sites(self, arrivals: Sequence[Arrival]) -> None:
        is_known = all(arrival.event.site_id in self._sites for arrival in arrivals)
        if is_known and time.monotonic() - self._sites_read_at < SITES_FRESH_S:
            return
        goals, sites = goals_by_site(self._conn), sites_by_id(self._conn)
        self._sites = {
            site_id: self._rows_of(site, goals.get(site_id, frozenset()))
            for site_id, site in sites.items()
        }
        self._slugs = {site_id: site.slug for site_id, site in sites.items()}
        self._sites_read_at = time.monotonic()

    def _rows_of(self, site: Site, goals: frozenset[str]) -> SiteRows:
        """What makes the site's rows: the one before, unless the site has changed."""
        rules = SiteRules(site.site_id, site.currency, goals, site.high_value_threshold)
        clock = self._clocks.setdefault(site.timezone, SiteClock(site.zone))
        known = self._sites.get(site.site_id)
        if known is not None and known.rules == rules and known.local == clock.at:
            return known
        labels = self._labels.setdefault(site.site_id, SiteLabels(site.site_id))
        return SiteRows(rules, labels, local=clock.at, origin=origin_of)


def _reason(error: Exception) -> str:
    """The first line of what an error says, in text that the database takes."""
    lines = str(error).replace("\0", "\\0").splitlines()
    return lines[0] if lines else type(error).__name__
