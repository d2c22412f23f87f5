"""How fast posted events become committed, enriched rows.

    python -m bench.ingest [--events 250000] [--rounds 1] [--only 500]

Starts PostgreSQL, Redis (every write synced), the API and the writer as `tideline up` does, posts
single events over 64 connections and batches of 50 and 500, with and without a client's event_id,
and waits until all of them are committed rows. Rows must equal accepted events; the first posts
are then sent again, and with ids must add nothing. Beside each, in the same run:

- *bare*: the very same rows, read back from `events`, in one connection's binary COPY into a twin
  of the table (same columns, indexes and partitions), 10,000 rows a transaction;
- *heap*: the same COPY into a table without indexes and partitions;
- *empty*: an endpoint that reads the body and answers, raw ASGI under the same server.

The load generator runs on the same cores. Loopback only; a few minutes. What counts are the ratios
and the CPU time per event of each process.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.serving import Watched, serve, serve_empty
from sql.database import SyncConnection, connect
from sql.engine import Engine, engine_of
from sql.migrations import migrate
from sql.sites import ensure_site
from tideline.embedded import Servers, running_servers
from tideline.ports import free_port

BARE_ROWS = 10_000
"""Rows of one transaction of the bare COPY: as many as the writer stores at once."""
TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Load:
    """A way of posting."""

    per_post: int
    connections: int
    has_ids: bool

    def __str__(self) -> str:
        return f"{self.per_post}/post{', event_id' if self.has_ids else ''}"


@dataclass(frozen=True)
class Run:
    """One load: posts and events a second, and what they cost."""

    posts_per_s: float
    accepted_per_s: float
    stored_per_s: float
    """From the first post to the last commit."""
    p50_ms: float
    p99_ms: float
    cpu_us: dict[str, float]
    """CPU microseconds per event of each process."""


@contextmanager
def poster(port: int, load: Load, events: int, seed: int) -> Iterator["subprocess.Popen[str]"]:
    """A load generator that has its requests ready."""
    command = [sys.executable, "-m", "bench.posting", str(port), "--seed", str(seed)]
    command += ["--connections", str(load.connections), "--per-post", str(load.per_post)]
    command += ["--events", str(events), *(["--client-ids"] if load.has_ids else [])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        if process.stdout.readline() != "ready\n":
            raise SystemExit("the load generator did not start")
        yield process
    finally:
        process.kill()
        process.wait()


def post(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """Let the load generator go; what it measured."""
    output, _ = process.communicate("go\n", timeout=TIMEOUT_S)
    if process.returncode != 0:
        raise SystemExit("the load generator failed")
    return dict(json.loads(output))


def written(conn: SyncConnection) -> int:
    """Events whose fate is committed: stored, late and duplicate ones."""
    row = conn.execute("SELECT coalesce(sum(events), 0) FROM intake_minutes").fetchone()
    return int(row[0]) if row else 0


def count(conn: SyncConnection) -> int:
    """Rows of events."""
    row = conn.execute("SELECT count(*) FROM events").fetchone()
    return int(row[0]) if row else 0


def wait_written(conn: SyncConnection, total: int) -> float:
    """Wait until that many events are committed; the instant they were."""
    deadline = time.time() + TIMEOUT_S
    while written(conn) < total:
        if time.time() > deadline:
            raise SystemExit(f"only {written(conn)} of {total} events were written")
        time.sleep(0.02)
    return time.time()


def run_load(conn: SyncConnection, watched: Watched, port: int, load: Load, events: int) -> Run:
    """Post, wait, verify."""
    before, fates = count(conn), written(conn)
    with poster(port, load, events, seed=before + 1) as process:
        cpu = watched.cpu_s()
        result = post(process)
    done = wait_written(conn, fates + result["events"])
    used = {name: seconds - cpu[name] for name, seconds in watched.cpu_s().items()}
    if count(conn) - before != result["events"]:
        raise SystemExit(f"{result['events']} accepted, {count(conn) - before} stored")
    verify_repetition(conn, port, load, seed=before + 1)
    took = result["ended"] - result["began"]
    used["load"] = result["cpu_s"]
    return Run(
        result["posts"] / took,
        result["events"] / took,
        result["events"] / (done - result["began"]),
        result["p50_ms"],
        result["p99_ms"],
        {name: seconds / result["events"] * 1e6 for name, seconds in used.items()},
    )


def verify_repetition(conn: SyncConnection, port: int, load: Load, seed: int) -> None:
    """Send the first posts again: with ids they add nothing, without they count anew."""
    rows, fates = count(conn), written(conn)
    with poster(port, load, 10 * load.per_post, seed) as process:
        sent = post(process)["events"]
    wait_written(conn, fates + sent)
    if count(conn) - rows != (0 if load.has_ids else sent):
        raise SystemExit(f"{sent} events again added {count(conn) - rows} rows")


def copy_bare(conn: SyncConnection, *, is_indexed: bool, rows: int) -> float:
    """Rows a second of a bare COPY of the newest rows of events."""
    newest = f"(SELECT * FROM events ORDER BY batch_seq DESC LIMIT {rows})"
    with conn.cursor().copy(f"COPY {newest} TO STDOUT BINARY") as copy:
        header, *lines = [bytes(line) for line in copy]
    first, trailer = header[19:], lines.pop()
    lines = [line for line in (first, *lines) if line]
    _make_twin(conn, is_indexed=is_indexed)
    pieces = [
        header[:19] + b"".join(lines[begin : begin + BARE_ROWS]) + trailer
        for begin in range(0, len(lines), BARE_ROWS)
    ]
    began = time.perf_counter()
    for piece in pieces:
        with conn.cursor().copy("COPY twin FROM STDIN BINARY") as copy:
            copy.write(piece)
    took = time.perf_counter() - began
    stored = conn.execute("SELECT count(*) FROM twin").fetchone()
    if stored is None or stored[0] != len(lines):
        raise SystemExit(f"the bare COPY stored {stored} of {len(lines)} rows")
    conn.execute("DROP TABLE twin")
    return len(lines) / took


def _make_twin(conn: SyncConnection, *, is_indexed: bool) -> None:
    if not is_indexed:
        conn.execute("CREATE TABLE twin (LIKE events)")
    elif engine_of(conn) is Engine.TIMESCALE:
        conn.execute("CREATE TABLE twin (LIKE events INCLUDING ALL)")
        conn.execute("SELECT create_hypertable('twin', 'ts', create_default_indexes => false)")
    else:
        conn.execute("CREATE TABLE twin (LIKE events INCLUDING ALL) PARTITION BY RANGE (ts)")
        conn.execute("CREATE TABLE twin_all PARTITION OF twin DEFAULT")


def measure(servers: Servers, loads: list[Load], events: int, rounds: int) -> None:
    """Print a line per load and round."""
    url = servers.postgres.url()
    migrate(url)
    port, empty_port = free_port(), free_port()
    with connect(url) as conn, serve(servers, port) as watched, serve_empty(empty_port):
        ensure_site(conn, "demo", timezone="Europe/Berlin")
        for load in loads:
            size = events if load.per_post > 1 else events // 5
            runs = [one_round(conn, watched, (port, empty_port), load, size) for _ in range(rounds)]
            print(f"  median of {load}: {statistics.median(runs):.2f}", flush=True)
        print("memory, MB: " + ", ".join(f"{n} {mb:.0f}" for n, mb in watched.memory_mb().items()))


def one_round(
    conn: SyncConnection, watched: Watched, ports: tuple[int, int], load: Load, events: int
) -> float:
    """One line, and the ratio that has a budget."""
    run = run_load(conn, watched, ports[0], load, events)
    bare, heap = (copy_bare(conn, is_indexed=flag, rows=min(events, 200_000)) for flag in (1, 0))
    cpu = " ".join(f"{name} {us:.1f}" for name, us in run.cpu_us.items())
    print(
        f"{load}: accepted {run.accepted_per_s:,.0f}/s, stored {run.stored_per_s:,.0f}/s;"
        f" bare {bare:,.0f}/s, ratio {run.stored_per_s / bare:.2f}; heap {heap:,.0f}/s,"
        f" {run.stored_per_s / heap:.2f}; p50 {run.p50_ms:.1f}, p99 {run.p99_ms:.1f} ms;"
        f" CPU µs/event: {cpu}; load {os.getloadavg()[0]:.1f}"
    )
    if load.per_post > 1:
        return run.stored_per_s / bare
    with poster(ports[1], load, events, seed=1) as process:
        result = post(process)
    empty = result["posts"] / (result["ended"] - result["began"])
    print(
        f"  empty endpoint {empty:,.0f}/s, p99 {result['p99_ms']:.1f} ms: accepted"
        f" {run.posts_per_s / empty:.2f}, stored {run.stored_per_s / empty:.2f} of it"
    )
    return run.posts_per_s / empty


def main() -> None:
    """Parse the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=250_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", type=int, choices=(1, 50, 500))
    parser.add_argument("--directory", help="where the servers live; default: a temporary one")
    options = parser.parse_args()
    loads = [
        Load(per_post, connections, has_ids)
        for per_post, connections in ((1, 64), (50, 16), (500, 8))
        for has_ids in (False, True)
        if options.only in (None, per_post)
    ]
    with (
        tempfile.TemporaryDirectory(prefix="tideline-bench-", dir=options.directory) as name,
        running_servers(Path(name), durable=True) as servers,
    ):
        measure(servers, loads, options.events, options.rounds)


if __name__ == "__main__":
    main()
