"""What the tracker meets in the world: a collecting server, a site on another origin, Chromium."""

import json
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).parents[3]
PAGES = Path(__file__).parent
COLLECT_PATH = "/api/v1/events/batch"

Event = dict[str, Any]
Browser = Any
"""A selenium `webdriver.Chrome`; this version of selenium has no types."""


@dataclass
class Post:
    """One request to the collect route, as it arrived."""

    method: str
    path: str
    received_ms: float
    headers: dict[str, str]
    events: list[Event]


@dataclass
class Collector:
    """An HTTP server that hands out the tracker and keeps what is posted to it.

    `answers` are the statuses of the next posts, 202 when it is empty; `None` closes the
    connection without an answer once `release` is set. `retry_after_s` goes with every answer.
    """

    url: str = ""
    posts: list[Post] = field(default_factory=list)
    answers: deque[int | None] = field(default_factory=deque)
    retry_after_s: str = "0"
    release: threading.Event = field(default_factory=threading.Event)

    def events(self, name: str | None = None) -> list[Event]:
        """The events received, oldest request first, those of `name` only when given.

        As in the database, an event that came twice counts once.
        """
        received: dict[str, Event] = {}
        for post in list(self.posts):
            for event in post.events:
                received.setdefault(event["event_id"], event)
        return [event for event in received.values() if name is None or event["name"] == name]

    def wait_for(self, name: str, count: int = 1, timeout_s: float = 10) -> list[Event]:
        """The events of `name` once there are `count` of them; fails after `timeout_s`."""
        wait_until(lambda: len(self.events(name)) >= count, timeout_s, self.events)
        return self.events(name)

    def wait_for_posts(self, count: int, timeout_s: float = 10) -> list[Post]:
        """The requests once there are `count` of them; fails after `timeout_s`."""
        wait_until(lambda: len(self.posts) >= count, timeout_s, lambda: self.posts)
        return list(self.posts)


def wait_until(
    condition: Callable[[], bool], timeout_s: float, explain: Callable[[], object] = lambda: ""
) -> None:
    """Returns as soon as `condition` holds; fails with what `explain` says after `timeout_s`."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not so within {timeout_s} s: {explain()}")
        time.sleep(0.02)


class _QuietHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _collector_handler(collector: Collector) -> type[_QuietHandler]:
    scripts = {
        "/t.js": ROOT / "assets" / "tracker.js",
        "/source/t.js": ROOT / "assets" / "tracker.src.js",
    }

    class Handler(_QuietHandler):
        def arrived(self, events: list[Event]) -> Post:
            headers = dict(self.headers)
            return Post(self.command, self.path, time.time() * 1000, headers, events)

        def do_GET(self) -> None:
            script = scripts.get(self.path)
            if script is None:
                return self.reply(404)
            return self.reply(200, script.read_bytes(), Content_Type="text/javascript")

        def do_OPTIONS(self) -> None:
            collector.posts.append(self.arrived([]))
            self.reply(405)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = collector.answers.popleft() if collector.answers else 202
            collector.posts.append(self.arrived(body["events"]))
            if status is None:
                collector.release.wait(30)
                self.close_connection = True
                return
            self.reply(
                status if self.path.endswith(COLLECT_PATH) else 404,
                Access_Control_Allow_Origin=self.headers["Origin"],
                Access_Control_Expose_Headers="Retry-After",
                Retry_After=collector.retry_after_s,
            )

    return Handler


def _site_handler(tracker: str) -> type[_QuietHandler]:
    vectors = ROOT / "tests" / "data" / "assignment_vectors.json"

    class Handler(_QuietHandler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0].strip("/") or "index"
            page = PAGES / f"{path}.html"
            if path == "assignment_vectors.json":
                return self.reply(200, vectors.read_bytes(), Content_Type="application/json")
            if not page.is_file():
                page = PAGES / "index.html"
            html = page.read_text(encoding="utf-8").replace("{{tracker}}", tracker)
            return self.reply(200, html.encode(), Content_Type="text/html; charset=utf-8")

    return Handler


@contextmanager
def _serving(handler: type[_QuietHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def collecting() -> Iterator[Collector]:
    """A running `Collector`."""
    collector = Collector()
    with _serving(_collector_handler(collector)) as collector.url:
        yield collector
        collector.release.set()


@contextmanager
def site(tracker: str) -> Iterator[str]:
    """The address of a site, with storage of its own, whose pages load the script `tracker`.

    Pages are those beside this file; any other path shows index.html.
    """
    with _serving(_site_handler(tracker)) as url:
        yield url


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """A headless Chromium whose user asks not to be tracked."""
    options: Any = Options()
    options.binary_location = _program("chromium")
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"enable_do_not_track": True})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service(_program("chromedriver")), options=options)
    try:
        yield driver
    finally:
        driver.quit()


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise AssertionError(f"{name} is not installed; the tracker is tested in a real Chromium")
    return path
