"""Sending events over HTTP: one kept connection, batches within the API's limits, patience."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

import orjson

from tideline.demo.people import Event

MOST_EVENTS = 2_000
MOST_BYTES = 1_000_000
TIMEOUT_S = 60.0
LONGEST_WAIT_S = 20.0
PATIENCE_S = 300.0
"""How long one request is tried again while the server is busy or away."""


class DemoError(Exception):
    """Demo traffic could not be sent; the message says why and what would help."""


@dataclass(frozen=True)
class Batch:
    """The body of one batch request, its number of events and the last one's timestamp."""

    body: bytes
    count: int
    last_timestamp: str


@dataclass(frozen=True)
class Receipt:
    """What the server said about a batch: events taken, and each refusal as (field, message)."""

    accepted: int
    refusals: list[tuple[str, str]]


def batches(events: Iterable[Event]) -> Iterator[Batch]:
    """Cut events into batches of at most MOST_EVENTS and MOST_BYTES, in their order."""
    parts: list[bytes] = []
    size = 2
    last = ""
    for event in events:
        part = orjson.dumps(event)
        if parts and (len(parts) == MOST_EVENTS or size + len(part) > MOST_BYTES):
            yield Batch(b"[" + b",".join(parts) + b"]", len(parts), last)
            parts, size = [], 2
        parts.append(part)
        size += len(part) + 1
        last = str(event["timestamp"])
    if parts:
        yield Batch(b"[" + b",".join(parts) + b"]", len(parts), last)


class Api:
    """One connection to the HTTP API; use it from one thread at a time."""

    def __init__(self, url: str, key: str | None, *, wait: Callable[[float], object] = time.sleep):
        """Take the API's base URL and a key (None: open mode); `wait` pauses for seconds."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise DemoError(f"{url!r} is no API address; give one like http://localhost:8000")
        make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = make(parts.hostname, parts.port, timeout=TIMEOUT_S)
        self._base = parts.path.rstrip("/")
        self._url = url
        self._wait = wait
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def create(self, path: str, body: Event) -> bool:
        """Create something; True when it is new, False when it existed already (409)."""
        status, answer = self._post(path, orjson.dumps(body))
        if status == 409:
            return False
        if status not in (200, 201):
            raise DemoError(f"POST {path} answered {status}: {_message(answer)}")
        return status == 201

    def send(self, batch: Batch) -> Receipt:
        """Send a batch; refused events are in the receipt, a refused request raises DemoError."""
        path = "/api/v1/events/batch"
        status, answer = self._post(path, batch.body)
        if status == 400:
            return Receipt(0, [("batch", _message(answer))] * batch.count)
        if status != 202:
            raise DemoError(f"POST {path} answered {status}: {_message(answer)}")
        parsed = orjson.loads(answer)
        refusals = [(str(r.get("field")), str(r["message"])) for r in parsed["rejected"]]
        return Receipt(parsed["accepted"], refusals)

    def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        give_up = time.monotonic() + PATIENCE_S
        pause_s = 0.25
        while True:
            try:
                response, answer = self._exchange(path, body)
            except (OSError, HTTPException) as error:
                self._connection.close()
                trouble, wait_s = str(error) or type(error).__name__, pause_s
            else:
                if response.status not in (429, 503):
                    return response.status, answer
                trouble = f"{response.status}: {_message(answer)}"
                wait_s = _retry_after_s(response, pause_s)
            if time.monotonic() + wait_s > give_up:
                raise DemoError(f"{self._url} took nothing for {PATIENCE_S:.0f} s ({trouble})")
            self._wait(wait_s)
            pause_s = min(pause_s * 2, LONGEST_WAIT_S)

    def _exchange(self, path: str, body: bytes) -> tuple[HTTPResponse, bytes]:
        self._connection.request("POST", self._base + path, body, self._headers)
        response = self._connection.getresponse()
        return response, response.read()


def _retry_after_s(response: HTTPResponse, usual_s: float) -> float:
    text = response.headers.get("Retry-After", "")
    return min(float(text), LONGEST_WAIT_S) if text.isdigit() else usual_s


def _message(answer: bytes) -> str:
    try:
        return str(orjson.loads(answer)["error"]["message"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return answer[:200].decode("utf-8", "replace")
