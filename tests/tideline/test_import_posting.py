"""Posting batches to a real HTTP server: retries, refusals and the summary."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from tideline.errors import TidelineError
from tideline.importer.client import Answer, Client, wait_before
from tideline.importer.reader import Source
from tideline.importer.run import run_import
from tideline.importer.summary import Summary

Reply = tuple[int, dict[str, str], object]
REFUSED = 'timestamp "%s" is not a time; send ISO 8601.'


class Api(ThreadingHTTPServer):
    """Answers posts with the replies it was given, the last one again and again."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = []
        self.bodies: list[dict[str, object]] = []
        self.authorisations: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Api
    protocol_version: ClassVar[str] = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.bodies.append(json.loads(self.rfile.read(length)))
        self.server.authorisations.append(self.headers["Authorization"])
        replies = self.server.replies
        status, headers, content = replies.pop(0) if len(replies) > 1 else replies[0]
        if status == 0:
            self.close_connection = True
            return
        text = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *arguments: object) -> None:
        """Stay quiet."""


@pytest.fixture
def api() -> Iterator[Api]:
    server = Api()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def waits() -> list[tuple[str, float]]:
    return []


@pytest.fixture
def client(api: Api, waits: list[tuple[str, float]]) -> Iterator[Client]:
    client = Client(api.url, "secret", lambda why, s: waits.append((why, s)), patience_s=3.0)
    yield client
    client.close()


def test_busy_api_is_waited_for_as_it_asks(
    api: Api, client: Client, waits: list[tuple[str, float]]
) -> None:
    busy = {"error": {"code": "unavailable", "message": "later", "field": None}}
    taken = {"accepted": 1, "rejected": []}
    api.replies = [
        (503, {"Retry-After": "0"}, busy),
        (429, {"Retry-After": "1"}, busy),
        (202, {}, taken),
    ]
    assert client.post(b'{"events":[]}') == Answer(1, [])
    assert waits == [("the API answers 503", 0.1), ("the API answers 429", 1.0)]
    assert api.authorisations == ["Bearer secret"] * 3


def test_batch_whose_answer_was_lost_is_sent_again(api: Api, client: Client) -> None:
    api.replies = [(0, {}, None), (202, {}, {"accepted": 1, "rejected": []})]
    assert client.post(b'{"events":[{"name":"a"}]}') == Answer(1, [])
    assert api.bodies == [{"events": [{"name": "a"}]}] * 2


def test_api_that_stays_busy_is_given_up(api: Api) -> None:
    api.replies = [(503, {"Retry-After": "1"}, {})]
    client = Client(api.url, patience_s=0.5)
    with pytest.raises(TidelineError, match=r"the API answers 503, for 0\.5 s now"):
        client.post(b"{}")
    client.close()


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, r"\(401\): no key; set TIDELINE_API_KEY"),
        (403, r"\(403\): no key"),
        (413, r"\(413\): no key"),
    ],
)
def test_refused_request_ends_the_import(
    api: Api, client: Client, status: int, message: str
) -> None:
    api.replies = [(status, {}, {"error": {"message": "no key"}})]
    with pytest.raises(TidelineError, match=message):
        client.post(b"{}")


@pytest.mark.parametrize(
    ("attempt", "retry_after", "seconds"),
    [
        (1, None, 0.25),
        (3, None, 1.0),
        (9, None, 5.0),
        (1, "7", 7.0),
        (1, "900", 30.0),
        (2, "x", 0.5),
    ],
)
def test_waits_grow_unless_the_server_says_how_long(
    attempt: int, retry_after: str | None, seconds: float
) -> None:
    assert wait_before(attempt, retry_after) == seconds


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://x", ""])
def test_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(TidelineError, match="is not the address of an API"):
        Client(url)


def test_import_counts_what_was_rejected_by_reason_with_the_lines(
    api: Api, client: Client, tmp_path: Path
) -> None:
    path = tmp_path / "events.csv"
    path.write_text("event_id,name,timestamp\n1,a,x\n2,b,\n3\n4,c,y\n5,d,z\n")
    rejected = [
        {"index": index, "event_id": None, "field": "timestamp", "message": REFUSED % text}
        for index, text in ((0, "x"), (2, "y"), (3, "z"))
    ]
    api.replies = [(202, {}, {"accepted": 1, "rejected": rejected})]
    seen: list[int] = []
    source = Source(path, {}, "csv", "shop")
    summary = run_import(source, client, lambda done, _: seen.append(done))
    assert (summary.accepted, summary.rejected) == (1, 4)
    first, second = summary.by_count()
    assert (first.count, first.lines, first.example) == (3, [2, 5, 6], REFUSED % "x")
    assert (second.count, second.lines) == (1, [4])
    assert second.example == "the line has 1 columns, the header 3"
    assert seen == [path.stat().st_size]


def test_batch_of_which_nothing_was_taken_is_counted_not_fatal(
    api: Api, client: Client, tmp_path: Path
) -> None:
    path = tmp_path / "events.csv"
    path.write_text("event_id,name\n1,a\n")
    refusal = {"index": 0, "event_id": "1", "field": "site_id", "message": 'no site "shop"'}
    api.replies = [(404, {}, {"error": {"message": "no"}, "accepted": 0, "rejected": [refusal]})]
    summary = run_import(Source(path, {}, "csv", "shop"), client, lambda *_: None)
    assert (summary.accepted, summary.rejected) == (0, 1)


def test_only_the_first_lines_of_a_reason_are_kept() -> None:
    summary = Summary()
    for line in range(10, 20):
        summary.reject(line, "value", f'value "{line}" is no number')
    (reason,) = summary.by_count()
    assert (reason.count, reason.lines) == (10, [10, 11, 12, 13, 14])
