"""How long until an accepted event is seen, while thousands of others come every second.

    python -m bench.freshness [--rate 5000] [--seconds 40]

Starts everything but the dashboard, posts `rate` events a second in batches of 50, and beside them
one event a second to a site of its own in the same stream. From the moment it is accepted until
the API shows it: on the realtime route, and on all of overview, traffic, pages and breakdown.
"""

import argparse
import itertools
import json
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path

import httpx

from bench.posting import requests
from bench.serving import serve
from sql.database import connect
from sql.migrations import migrate
from sql.sites import ensure_site
from tideline.embedded import running_servers
from tideline.ports import free_port

PER_POST = 50
POLL_S = 0.05
GIVE_UP_S = 30.0


def post_steadily(port: int, rate: int, seconds: float, stopping: threading.Event) -> None:
    """Post at a steady pace over one connection, until told to stop."""
    made = requests(port, PER_POST, int(rate * seconds), site="demo", has_ids=False, seed=1)
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for number, request in enumerate(made):
            if stopping.is_set():
                return
            time.sleep(max(0.0, began + number * PER_POST / rate - time.perf_counter()))
            connection.sendall(request)
            answer = b""
            while not answer.endswith(b"}"):
                answer += connection.recv(65_536)
            if not answer.startswith(b"HTTP/1.1 202"):
                raise SystemExit(f"refused: {answer!r}")


def seen_everywhere(client: httpx.Client, number: int) -> bool:
    """Whether all of a dashboard shows that many of the probe's events."""
    board = client.get("/api/v1/dashboard", params={"site_id": "probe", "period": "today"}).json()
    everywhere = (
        board["overview"]["visitors"],
        board["overview"]["sessions"],
        board["overview"]["pageviews"],
        sum(point["pageviews"] for point in board["traffic"]),
        sum(row["pageviews"] for row in board["pages"]),
        sum(row["visitors"] for row in board["countries"]),
        board["users"]["new_visitors"],
    )
    return min(everywhere) >= number


def seen_in_realtime(client: httpx.Client, number: int) -> bool:
    """Whether the realtime route shows that many of the probe's page views."""
    answer = client.get("/api/v1/dashboard/realtime", params={"site_id": "probe"}).json()
    return int(answer["pageviews_5m"]) >= number


def probe(port: int, seconds: float) -> tuple[list[float], list[float]]:
    """Seconds until each probe was in realtime, and in every panel."""
    realtime, everywhere = [], []
    deadline = time.monotonic() + seconds
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        for number in itertools.count(1):
            if time.monotonic() > deadline:
                return realtime, everywhere
            event = {"site_id": "probe", "name": "page_view", "user_id": f"p{number}", "path": "/"}
            client.post("/api/v1/events", json=event | {"country": "DE"}).raise_for_status()
            accepted = time.monotonic()
            for seen, found in ((seen_in_realtime, realtime), (seen_everywhere, everywhere)):
                while not seen(client, number):
                    if time.monotonic() > accepted + GIVE_UP_S:
                        raise SystemExit(f"probe {number} was not seen by {seen.__name__}")
                    time.sleep(POLL_S)
                found.append(time.monotonic() - accepted)
            time.sleep(0.2)
    raise AssertionError


def main() -> None:
    """Parse the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=40)
    options = parser.parse_args()
    port = free_port()
    with (
        tempfile.TemporaryDirectory(prefix="tideline-bench-") as name,
        running_servers(Path(name), durable=True) as servers,
    ):
        url = servers.postgres.url()
        migrate(url)
        with connect(url) as conn:
            for slug in ("demo", "a", "b", "c", "probe"):  # the fifth shares the first one's stream
                ensure_site(conn, slug)
        with serve(servers, port, "jobs.worker", "jobs.schedule") as watched:
            stopping = threading.Event()
            seconds = options.seconds + 30
            load = threading.Thread(
                target=post_steadily, args=(port, options.rate, seconds, stopping), daemon=True
            )
            load.start()
            time.sleep(10)
            before = watched.cpu_s()
            realtime, everywhere = probe(port, options.seconds)
            used = {n: (s - before[n]) / options.seconds for n, s in watched.cpu_s().items()}
            stopping.set()
            load.join()
    for what, found in (("realtime", realtime), ("every panel", everywhere)):
        found.sort()
        print(
            f"{what}: {len(found)} probes, median {statistics.median(found):.2f} s,"
            f" p99 {found[int(len(found) * 0.99)]:.2f} s, max {found[-1]:.2f} s"
        )
    print("cores used:", json.dumps({name: round(share, 2) for name, share in used.items()}))


if __name__ == "__main__":
    main()
