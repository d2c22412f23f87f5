"""How fast written events become sessions, visitor days, gaps and rollups.

    python -m bench.sessions [--events 200000] [--batch 5000]

Writes synthetic events through the real writer, a batch at a time, rebuilds after each, and prints
events per second of writing and rebuilding beside a bare binary COPY of the same rows.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import redis

from jobs.writer import Writer
from sql.database import connect
from sql.event_rollups import add_touched_batches
from sql.event_rows import COPY, HEADER, TRAILER
from sql.events import CollectedEvent, encode_batch, shard_of, stream_key
from sql.migrations import migrate
from sql.sessions import rebuild_sessions
from sql.sites import ensure_site
from tideline.embedded import running_servers

START_US = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp() * 1e6)


def traffic(events: int, site_id: int) -> Iterator[CollectedEvent]:
    """Visits of one to nine page views, 3 % of the events up to two hours late, over three days."""
    rng = random.Random(7)
    made: list[CollectedEvent] = []
    step_us = 3 * 86_400_000_000 // events
    while len(made) < events:
        visitor = rng.randrange(events // 8)
        at = START_US + len(made) * step_us
        for _ in range(rng.choice((1, 1, 2, 3, 5, 9))):
            at += rng.randrange(60_000_000)
            made.append(
                CollectedEvent(
                    site_id=site_id,
                    name=rng.choice(("page_view", "page_view", "page_view", "click")),
                    ts_us=at,
                    received_us=at + (rng.randrange(7_200_000_000) if rng.random() < 0.03 else 0),
                    visitor_id=visitor,
                    path=f"/page/{int(rng.paretovariate(1.0)) % 2000}",
                    referrer=rng.choice((None, "https://google.com/", "https://t.co/x")),
                    country=rng.choice(("DE", "US", "FR", "IN")),
                    device=rng.choice(("desktop", "mobile")),
                    browser=rng.choice(("Chrome", "Safari", "Firefox")),
                    os=rng.choice(("Windows", "iOS", "Android")),
                )
            )
    made.sort(key=lambda event: event.received_us)
    return iter(made[:events])


def measure(database_url: str, redis_url: str, events: int, batch: int) -> None:
    """Prints the rates of one run."""
    migrate(database_url)
    with connect(database_url) as conn, connect(database_url) as own:
        ensure_site(conn, "bench", timezone="Europe/Berlin")
        row = conn.execute("SELECT site_id FROM sites").fetchone()
        assert row is not None
        client = redis.Redis.from_url(redis_url)
        writer = Writer(own, client, batch_events=batch)
        writer.own_shards()
        written, rebuilt, rolled = [], [], []
        log = list(traffic(events, row[0]))
        for begin in range(0, len(log), batch):
            piece = log[begin : begin + batch]
            entry = {"batch_id": f"{begin:024x}", "events": encode_batch(piece)}
            client.xadd(stream_key(shard_of(row[0])), entry)
            started = time.perf_counter()
            while writer.turn():
                pass
            middle = time.perf_counter()
            while rebuild_sessions(conn):
                pass
            late = time.perf_counter()
            add_touched_batches(conn)
            written.append((middle - started) / len(piece))
            rebuilt.append((late - middle) / len(piece))
            rolled.append((time.perf_counter() - late) / len(piece))
        bare = bare_copy(database_url)
    for name, times in (("write", written), ("rebuild", rebuilt), ("event rollups", rolled)):
        rate = 1 / statistics.median(times)
        print(f"{name:14} {rate:10,.0f} events/s   {rate / bare:5.2f} x bare COPY")
    print(f"{'bare COPY':14} {bare:10,.0f} rows/s")


def bare_copy(database_url: str) -> float:
    """Rows per second of a binary COPY of the stored events into a table without indexes."""
    with connect(database_url) as conn:
        columns = COPY.partition("(")[2].partition(")")[0]
        conn.execute("CREATE TABLE bare AS SELECT * FROM events LIMIT 0")
        with conn.cursor().copy(f"COPY (SELECT {columns} FROM events) TO STDOUT BINARY") as copy:
            data = b"".join(bytes(piece) for piece in copy)
        assert data.startswith(HEADER)
        assert data.endswith(TRAILER)
        rows = conn.execute("SELECT count(*) FROM events").fetchone()
        started = time.perf_counter()
        with conn.cursor().copy(f"COPY bare ({columns}) FROM STDIN BINARY") as copy:
            copy.write(data)
        assert rows is not None
        return float(rows[0] / (time.perf_counter() - started))


def main() -> None:
    """Runs on embedded servers in a temporary directory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=5_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_servers(Path(folder)) as servers:
        measure(servers.postgres.url(), servers.redis.url, chosen.events, chosen.batch)


if __name__ == "__main__":
    main()
