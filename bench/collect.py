"""How fast the API takes events, beside an empty ASGI endpoint under the same server.

    .venv/bin/python -m bench.collect [--seconds 3] [--rounds 3]

Accepting alone: into a real Redis that syncs every write, with nobody reading the stream. Needs
`wrk` (apt-get install wrk). Rounds are interleaved; the ratios and the server's CPU time per
request are what counts, because a busy machine slows both sides. Bounded to a few minutes.
"""

import argparse
import os
import re
import shutil
import socket
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

import psutil
import redis

from sql.database import connect
from sql.events import STREAM_SHARDS, decode_batch, stream_key
from sql.migrations import migrate
from sql.sites import ensure_site
from tideline.embedded import running_servers

ROOT = Path(__file__).resolve().parent.parent
ANSWER = b'{"accepted":1,"rejected":[]}'
EVENT = (
    '{"site_id":"demo","name":"page_view","url":"https://shop.example/products/\'..(n%500)..\''
    '?utm_source=google&utm_medium=cpc","referrer":"https://www.google.com/","user_id":"user-\''
    '..(n%20000)..\'","session_id":"s-\'..(n%30000)..\'","country":"DE","device":"desktop",'
    '"browser":"Chrome","os":"Linux","language":"de-DE","properties":{"plan":"pro","n":\'..n..\'}}'
)
LUA = f"""
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local bodies = {{}}
for k = 1, 200 do
  local events = {{}}
  for i = 1, SIZE do
    local n = k * SIZE + i
    events[i] = '{EVENT}'
  end
  bodies[k] = SIZE == 1 and events[1] or '{{"events":[' .. table.concat(events, ",") .. ']}}'
end
local sent = 0
request = function()
  sent = sent + 1
  return wrk.format(nil, "/api/v1/events/batch", nil, bodies[sent % 200 + 1])
end
"""


async def empty(scope: Any, receive: Any, send: Any) -> None:
    """The empty endpoint: reads the body, answers what the API answers."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", b"28")]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


@dataclass(frozen=True)
class Load:
    """Requests of `events` events over `connections` connections."""

    events: int
    connections: int


@dataclass(frozen=True)
class Run:
    """One run of the load generator against one server."""

    requests_per_s: float
    cpu_us: float
    """Server CPU time per request, microseconds."""
    p50: str
    p99: str
    requests: int


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(arguments: list[str], port: int, environment: dict[str, str]) -> Iterator[int]:
    """A server process that answers on a port; gives its process id."""
    command = [sys.executable, "-m", *arguments]
    process = subprocess.Popen(command, env=os.environ | environment, cwd=ROOT)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def run_load(load: Load, port: int, pid: int, seconds: int, scripts: Path) -> Run:
    """Load a server with wrk; fails when it refused anything."""
    script = scripts / f"{load.events}.lua"
    script.write_text(LUA.replace("SIZE", str(load.events)))
    before = _cpu_s(pid)
    output = subprocess.run(
        ["wrk", "-t1", f"-c{load.connections}", f"-d{seconds}", "--latency", "-s", str(script),
         f"http://127.0.0.1:{port}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    cpu_s = _cpu_s(pid) - before
    if "Non-2xx" in output:
        raise SystemExit(f"the server refused events:\n{output}")
    requests = int(_found(r"(\d+) requests in", output))
    return Run(
        float(_found(r"Requests/sec:\s+([\d.]+)", output)),
        cpu_s / requests * 1e6,
        _found(r"50%\s+(\S+)", output),
        _found(r"99%\s+(\S+)", output),
        requests,
    )


def _cpu_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"wrk said something unexpected:\n{text}")
    return match[1]


def empty_stream(redis_url: str) -> int:
    """Number of events in the stream, which is emptied."""
    events = 0
    with redis.Redis.from_url(redis_url) as client:
        for shard in range(STREAM_SHARDS):
            for _, fields in client.xrange(stream_key(shard)):
                events += len(decode_batch(fields[b"events"]))
            client.delete(stream_key(shard))
    return events


def measure(seconds: int, rounds: int) -> None:
    """Print a line per load: the API beside the empty endpoint."""
    loads = [Load(1, 64), Load(50, 16), Load(500, 8)]
    api_port, empty_port = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="tideline-bench-") as name:
        directory = Path(name)
        with running_servers(directory, durable=True) as servers:
            environment = {
                "TIDELINE_DATABASE_URL": servers.postgres.url(),
                "TIDELINE_REDIS_URL": servers.redis.url,
                "TIDELINE_AUTH": "open",
                "TIDELINE_API_PORT": str(api_port),
                "TIDELINE_METRICS_PORT": "0",
                "TIDELINE_BACKLOG_LIMIT_EVENTS": "100000000",
            }
            migrate(servers.postgres.url())
            with connect(servers.postgres.url()) as conn:
                ensure_site(conn, "demo")
            bare = ["uvicorn", "bench.collect:empty", "--port", str(empty_port)]
            bare += ["--loop", "uvloop", "--http", "httptools", "--log-level", "warning"]
            bare += ["--no-access-log", "--no-proxy-headers", "--no-server-header"]
            with (
                serving(["ingest_api"], api_port, environment) as api,
                serving(bare, empty_port, {}) as baseline,
            ):
                for load in loads:
                    pairs = []
                    for _ in range(rounds):
                        plain = run_load(Load(1, 64), empty_port, baseline, seconds, directory)
                        ours = run_load(load, api_port, api, seconds, directory)
                        stored = empty_stream(servers.redis.url)
                        if stored < ours.requests * load.events:
                            raise SystemExit(f"{ours.requests} requests, only {stored} events")
                        pairs.append((plain, ours))
                    report(load, pairs)
                rss = psutil.Process(api).memory_info().rss / 2**20
                print(f"API memory after the run: {rss:.0f} MB")


def report(load: Load, pairs: list[tuple[Run, Run]]) -> None:
    """One line: medians over the rounds."""
    plain = statistics.median(run.requests_per_s for run, _ in pairs)
    ours = statistics.median(run.requests_per_s for _, run in pairs)
    by_rate = statistics.median(b.requests_per_s / a.requests_per_s for a, b in pairs)
    cpu = statistics.median(b.cpu_us for _, b in pairs)
    by_cpu = statistics.median(a.cpu_us / b.cpu_us for a, b in pairs)
    print(
        f"{load.events:>4} events/post, {load.connections} connections: {ours:,.0f} posts/s ="
        f" {ours * load.events:,.0f} events/s; empty {plain:,.0f}/s, ratio {by_rate:.2f} by rate,"
        f" {by_cpu:.2f} by CPU; {cpu / load.events:.1f} µs CPU/event;"
        f" p50 {pairs[-1][1].p50}, p99 {pairs[-1][1].p99}; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def main() -> None:
    """Parse the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing; install it with apt-get install wrk.")
    measure(options.seconds, options.rounds)


if __name__ == "__main__":
    main()
