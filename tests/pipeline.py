"""The pipeline without HTTP: collected events through the real stream, writer and jobs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import redis

from jobs.writer import Writer
from sql.cohorts import recompute_due
from sql.database import SyncConnection, connect
from sql.event_rollups import add_touched_batches, advance_watermarks
from sql.events import CollectedEvent, encode_batch, shard_of, stream_key
from sql.filtered_days import store_due
from sql.kpis import compute_minutes
from sql.rollups import NAMES
from sql.sessions import rebuild_sessions
from sql.sites import ensure_site

_numbers = count(1)

LABELLED = {
    "entry_page_id", "exit_page_id", "source_id", "channel_id", "country_id", "device_id",
    "browser_id", "os_id", "referrer_id", "page_id", "name_id", "value_id", "language_id",
    "screen_id", "region_id", "city_id", "utm_source_id", "utm_medium_id", "utm_campaign_id",
    "utm_term_id", "utm_content_id",
}  # fmt: skip
COUNTED = {"page_ids": "page_views", "name_ids": "name_events"}
"""Arrays of labels, and of a number for each."""

DERIVED = (
    "sessions", "session_hours", "session_pages", "session_names", "visitors",
    "visitor_value_days", "value_gaps", "session_quarters", "session_value_days", "hour_visitors",
    "session_page_days", "cohort_retention", *NAMES,
)  # fmt: skip


@dataclass
class Pipeline:
    """A database, Redis and a writer that owns every shard."""

    conn: SyncConnection
    client: "redis.Redis"
    writer: Writer

    def new_site(self, timezone: str = "UTC") -> int:
        """Number of a new site."""
        slug = f"site-{next(_numbers)}"
        ensure_site(self.conn, slug, timezone=timezone)
        row = self.conn.execute("SELECT site_id FROM sites WHERE slug = %s", (slug,)).fetchone()
        assert row is not None
        return int(row[0])

    def write(self, events: Sequence[CollectedEvent]) -> None:
        """Stores events of one site as one stream entry."""
        entry: dict[Any, Any] = {
            "batch_id": f"{next(_numbers):024x}",
            "events": encode_batch(events),
        }
        self.client.xadd(stream_key(shard_of(events[0].site_id)), entry)
        while self.writer.turn():
            pass

    def report(self) -> None:
        """Runs the jobs until nothing waits for them."""
        self.rebuild()
        recompute_due(self.conn)
        store_due(self.conn, rest_s=0, least=1)

    def rebuild(self) -> None:
        """Runs the jobs without that of the cohorts, which nobody waits for."""
        while rebuild_sessions(self.conn) + add_touched_batches(self.conn):
            pass
        while compute_minutes(self.conn):
            pass

    def advance(self) -> None:
        """Materialises what is closed (TimescaleDB)."""
        advance_watermarks(self.conn)

    def tables(self, site_id: int) -> dict[str, list[str]]:
        """Every derived table of a site, sorted, texts in place of label ids."""
        labels = dict(
            self.conn.execute(
                "SELECT label_id, value FROM labels WHERE site_id = %s", (site_id,)
            ).fetchall()
        )
        return {relation: self._rows(relation, site_id, labels) for relation in DERIVED}

    def _rows(self, relation: str, site_id: int, labels: dict[int, str]) -> list[str]:
        cursor = self.conn.execute(f"SELECT * FROM {relation} WHERE site_id = %s", (site_id,))
        names = [column.name for column in cursor.description or ()]
        rows = []
        for row in cursor:
            shown = {
                name: labels.get(value) if name in LABELLED else value
                for name, value in zip(names, row, strict=True)
                if name != "site_id"
            }
            for ids, counts in COUNTED.items():
                if ids in shown:
                    texts = (labels.get(label) for label in shown.pop(ids))
                    shown[counts] = sorted(zip(map(str, texts), shown[counts], strict=True))
            if _means_something(relation, shown):
                rows.append(str(sorted((k, str(v)) for k, v in shown.items())))
        return sorted(rows)


_SUMS = {
    "value_gaps": ("visitors",),
    "hour_visitors": ("visitors",),
    "session_quarters": ("sessions",),
    "session_value_days": ("events", "sessions"),
    "session_page_days": ("visits", "engaged_ms"),
}


def _means_something(relation: str, row: dict[str, Any]) -> bool:
    """A sum that has fallen to zero means the same as no row."""
    return relation not in _SUMS or any(row[name] for name in _SUMS[relation])


@contextmanager
def open_pipeline(database_url: str, redis_url: str) -> Iterator[Pipeline]:
    """A pipeline whose writer owns every shard until the end of the block."""
    with (
        connect(database_url) as conn,
        redis.Redis.from_url(redis_url) as client,
        Writer(database_url, client, batch_events=10_000) as writer,
    ):
        writer.own_shards()
        while writer.turn():
            pass
        yield Pipeline(conn, client, writer)
