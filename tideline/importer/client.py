"""Posts batches to the API until each is taken, however busy it is."""

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tideline.errors import TidelineError

PATH = "/api/v1/events/batch"
BUSY = (429, 503)
REQUEST_TIMEOUT_S = 60.0
PATIENCE_S = 300.0
LONGEST_WAIT_S = 30.0


@dataclass(frozen=True)
class Answer:
    """What the API took of a batch; `rejected` are its own words: index, field, message."""

    accepted: int
    rejected: list[dict[str, Any]]


class Client:
    """One connection to an API at `url`, with a key when it asks for one.

    A batch whose answer was lost is sent again: every event has an id, so none counts twice.
    `waiting` is told why and for how many seconds whenever there is a wait.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        waiting: Callable[[str, float], None] = lambda _why, _seconds: None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise TidelineError(f"{url!r} is not the address of an API, such as http://host:8000")
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._connection = kind(parts.hostname, parts.port, timeout=REQUEST_TIMEOUT_S)
        self._path = parts.path.rstrip("/") + PATH
        self._headers = {"Content-Type": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._waiting = waiting
        self._patience_s = patience_s

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def post(self, body: bytes) -> Answer:
        """Post one batch; raises TidelineError when it is refused or the API stays away."""
        deadline = time.monotonic() + self._patience_s
        attempt = 0
        while True:
            attempt += 1
            try:
                status, retry_after, text = self._request(body)
                problem = f"the API answers {status}"
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                status, retry_after, text = 0, None, b""
                problem = f"no answer from the API ({error!r})"
            if status and status not in BUSY:
                return answer_of(status, text)
            wait_s = wait_before(attempt, retry_after)
            if time.monotonic() + wait_s > deadline:
                raise TidelineError(f"{problem}, for {self._patience_s:g} s now; try again later")
            self._waiting(problem, wait_s)
            time.sleep(wait_s)

    def _request(self, body: bytes) -> tuple[int, str | None, bytes]:
        self._connection.request("POST", self._path, body, self._headers)
        response = self._connection.getresponse()
        return response.status, response.getheader("Retry-After"), response.read()


def wait_before(attempt: int, retry_after: str | None) -> float:
    """Seconds to wait after the `attempt`-th try: what the server says, else twice as long each."""
    if retry_after is not None and retry_after.strip().isdigit():
        return max(0.1, min(float(retry_after), LONGEST_WAIT_S))
    return min(0.25 * 2.0 ** (attempt - 1), 5.0)


def answer_of(status: int, text: bytes) -> Answer:
    """The answer of the API; raises TidelineError when it refused the request as a whole."""
    try:
        content = json.loads(text)
        if "rejected" in content:
            return Answer(int(content.get("accepted", 0)), list(content["rejected"]))
        message = content["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = text[:200].decode("utf-8", "replace")
    hint = "; set TIDELINE_API_KEY to a key with the scope collect" if status == 401 else ""
    raise TidelineError(f"the API refuses the import ({status}): {message}{hint}")
