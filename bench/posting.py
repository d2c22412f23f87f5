"""The load generator: posts events over many connections, one request at a time on each.

    python -m bench.posting PORT --connections 64 --per-post 1 --events 60000 [--client-ids]

A process of its own: raw sockets and requests made beforehand, about 5 µs of CPU a post. It prints
one line when it is ready, waits for a line on standard input, posts, and prints what it measured
as JSON.
"""

import argparse
import json
import random
import select
import socket
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil

AGENTS = [
    f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0{tail}"
    for version in range(110, 140)
    for system, tail in (
        ("Windows NT 10.0; Win64; x64", " Safari/537.36"),
        ("Macintosh; Intel Mac OS X 10_15_7", " Safari/537.36"),
        ("Linux; Android 14; Pixel 8", " Mobile Safari/537.36"),
    )
]
REFERRERS = ["", "https://www.google.com/", "https://news.ycombinator.com/item?id=1"]
QUERIES = ["", "?utm_source=newsletter&utm_medium=email", "?gclid=x1y2", "?sort=price"]


def visits(site: str, *, has_ids: bool, seed: int) -> Iterator[dict[str, Any]]:
    """Events of people who each look at one to nine pages, during the last hour.

    Nothing of what is stored can be had without work: device, browser and system are in the user
    agent, the country in the time zone, the campaign in the address.
    """
    rng = random.Random(seed)
    now = datetime.now(UTC)
    number = 0
    while True:
        visitor = f"user-{rng.randrange(500_000)}"
        session, agent = f"s-{rng.getrandbits(48):x}", rng.choice(AGENTS)
        zone = rng.choice(("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Europe/Paris"))
        referrer, query = rng.choice(REFERRERS), rng.choice(QUERIES)
        at = now - timedelta(seconds=rng.uniform(60, 3_600))
        for step in range(rng.choice((1, 1, 2, 3, 5, 9))):
            number += 1
            at += timedelta(seconds=rng.uniform(0, 5))
            page = int(rng.paretovariate(1.0)) % 2_000
            event = {
                "site_id": site,
                "name": "page_view" if rng.random() < 0.8 else "click",
                "timestamp": at.isoformat(),
                "url": f"https://shop.example/products/{page}{query if step == 0 else ''}",
                "title": f"Product {page}",
                "referrer": referrer if step == 0 else f"https://shop.example/products/{page % 50}",
                "user_id": visitor,
                "session_id": session,
                "user_agent": agent,
                "timezone": zone,
                "language": "de-DE",
                "screen": "1920x1080",
                "properties": {"plan": "pro", "n": number},
            }
            if has_ids:
                event["event_id"] = f"{seed}-{number}-{rng.getrandbits(40):x}"
            yield event


def requests(
    port: int, per_post: int, events: int, *, site: str, has_ids: bool, seed: int
) -> list[bytes]:
    """Whole HTTP requests, `per_post` events in each."""
    made = []
    source = visits(site, has_ids=has_ids, seed=seed)
    path = "/api/v1/events" if per_post == 1 else "/api/v1/events/batch"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    for _ in range(events // per_post):
        batch = [next(source) for _ in range(per_post)]
        content: Any = batch[0] if per_post == 1 else {"events": batch}
        body = json.dumps(content, separators=(",", ":")).encode()
        made.append(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    return made


class Poster:
    """Connections that each have one request under way."""

    def __init__(self, port: int, connections: int, posts: list[bytes]) -> None:
        self._waiting = iter(posts)
        self._poll = select.epoll()
        self._sent_at: dict[int, float] = {}
        self._sockets: dict[int, socket.socket] = {}
        for _ in range(connections):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[connection.fileno()] = connection
            self._poll.register(connection, select.EPOLLIN)
        self.latencies_s: list[float] = []
        self.refused: list[bytes] = []
        self._half: dict[int, bytes] = {}

    def run(self) -> None:
        """Post everything and wait for the last answer."""
        for number in self._sockets:
            self._send(number)
        while self._sent_at:
            for number, _ in self._poll.poll():
                self._receive(number)

    def _send(self, number: int) -> None:
        request = next(self._waiting, None)
        if request is None:
            return
        self._sent_at[number] = time.perf_counter()
        self._sockets[number].sendall(request)

    def _receive(self, number: int) -> None:
        answer = self._half.pop(number, b"") + self._sockets[number].recv(65_536)
        if not answer.endswith(b"}"):  # a JSON answer that is still under way
            self._half[number] = answer
            return
        self.latencies_s.append(time.perf_counter() - self._sent_at.pop(number))
        if not answer.startswith(b"HTTP/1.1 202") or b'"rejected":[]' not in answer:
            self.refused.append(answer[:300])
        self._send(number)


def main() -> None:
    """Make the requests, wait for the start, post, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--per-post", type=int, default=1)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--site", default="demo")
    parser.add_argument("--client-ids", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    posts = requests(
        options.port, options.per_post, options.events,
        site=options.site, has_ids=options.client_ids, seed=options.seed,
    )  # fmt: skip
    poster = Poster(options.port, options.connections, posts)
    print("ready", flush=True)
    sys.stdin.readline()
    before = psutil.Process().cpu_times()
    began = time.time()
    poster.run()
    ended = time.time()
    after = psutil.Process().cpu_times()
    if poster.refused:
        raise SystemExit(f"{len(poster.refused)} posts were refused: {poster.refused[0]!r}")
    latencies = sorted(poster.latencies_s)
    result = {
        "posts": len(latencies),
        "events": len(latencies) * options.per_post,
        "began": began,
        "ended": ended,
        "p50_ms": latencies[len(latencies) // 2] * 1e3,
        "p99_ms": latencies[int(len(latencies) * 0.99)] * 1e3,
        "cpu_s": after.user + after.system - before.user - before.system,
    }
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
