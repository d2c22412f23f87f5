"""How fast written events become sessions, visitor days, gaps and rollups.

    python -m bench.sessions [--events 200000] [--batch 25000] [--connections 2]

Writes synthetic events through the real writer, a batch at a time, rebuilds after each, and prints
events per second of writing, of the sessions alone and of the whole rebuild with days, gaps and
rollups, beside a bare binary COPY of the same rows. Both rebuild on as many connections at once as
there are cores, as the threads of the worker do.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import redis
from psycopg.conninfo import make_conninfo

from jobs.writer import Writer
from sql.database import SyncConnection, connect
from sql.event_rollups import add_touched_batches
from sql.event_rows import COPY, HEADER, TRAILER
from sql.events import CollectedEvent, encode_batch, shard_of, stream_key
from sql.migrations import migrate
from sql.planner_statistics import gather_statistics
from sql.sessions import (
    make_scratch_tables,
    rebuild_sessions,
    replace_sessions,
    touched_shards,
)
from sql.sites import ensure_site
from sql.text import query
from tideline.embedded import running_servers

Log = list[CollectedEvent]
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


def measure(
    database_url: str, redis_url: str, log: Log, chosen: argparse.Namespace, *, is_alone: bool
) -> None:
    """Prints the rates of one run."""
    batch: int = chosen.batch
    migrate(database_url)
    with ExitStack() as stack:
        conn, *workers = (
            stack.enter_context(connect(database_url)) for _ in range(chosen.connections + 1)
        )
        pool = stack.enter_context(ThreadPoolExecutor(len(workers)))
        ensure_site(conn, "bench", timezone="Europe/Berlin")  # a new database: site 1
        client = stack.enter_context(redis.Redis.from_url(redis_url))
        writer = stack.enter_context(Writer(database_url, client, batch_events=batch))
        writer.own_shards()
        writer.turn()  # the first one looks for what a predecessor left
        stages: dict[str, Callable[[], object]] = {"write": lambda: repeat(writer.turn)}
        if is_alone:
            stages["sessions alone"] = lambda: list(pool.map(alone, workers, shares(workers)))
        else:
            stages["rebuild"] = lambda: list(pool.map(rebuild_all, workers))
            stages["event rollups"] = lambda: add_touched_batches(conn)
        times: dict[str, list[float]] = {name: [] for name in stages}
        for begin in range(0, len(log), batch):
            piece = log[begin : begin + batch]
            entry = {"batch_id": f"{begin:024x}", "events": encode_batch(piece)}
            client.xadd(stream_key(shard_of(1)), entry)
            for name, stage in stages.items():
                started = time.perf_counter()
                stage()
                times[name].append((time.perf_counter() - started) / len(piece))
        bare = bare_copy(database_url)
    for name, taken in times.items():
        rate, whole = 1 / statistics.median(taken), 1 / statistics.mean(taken)
        print(
            f"{name:16} {rate:10,.0f} events/s (median batch) {whole:10,.0f} (all)"
            f"   {rate / bare:5.2f} x bare COPY"
        )
    print(f"{'bare COPY':16} {bare:10,.0f} rows/s")


def rebuild_all(conn: SyncConnection) -> None:
    """What a worker thread does until nobody waits."""
    repeat(lambda: rebuild_sessions(conn))


def repeat(work: Callable[[], object]) -> None:
    """Calls until there is nothing to do."""
    while work():
        pass


def shares(workers: list[SyncConnection]) -> list[list[int]]:
    """The shards that wait, divided among the connections."""
    waiting = touched_shards(workers[0])
    return [waiting[first :: len(workers)] for first in range(len(workers))]


def alone(conn: SyncConnection, shards: list[int]) -> None:
    """What a rebuild does for the sessions as such, in one transaction."""
    gather_statistics(conn)
    make_scratch_tables(conn)
    with conn.transaction():
        conn.execute(query("sessions/take_touches"), {"shards": shards, "most": 1_000_000})
        replace_sessions(conn)


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
    parser.add_argument("--batch", type=int, default=25_000)
    parser.add_argument("--connections", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_servers(Path(folder)) as servers:
        url, redis_url = servers.postgres.url(), servers.redis.url
        with connect(url) as conn:
            conn.execute("CREATE DATABASE alone")
        log = list(traffic(chosen.events, site_id=1))
        for database_url, is_alone in ((make_conninfo(url, dbname="alone"), True), (url, False)):
            measure(database_url, redis_url, log, chosen, is_alone=is_alone)


if __name__ == "__main__":
    main()
