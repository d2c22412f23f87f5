"""The real API process's application, served from a thread on a free loopback port."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import uvicorn

from ingest_api.app import create_app
from ingest_api.settings import ApiSettings
from jobs.settle import settle


@dataclass(frozen=True)
class RunningApi:
    """A served API and the servers behind it."""

    url: str
    database_url: str
    redis_url: str
    client: httpx.Client

    def post(self, path: str, body: Any, *, expect: Sequence[int] = (202,)) -> Any:
        """POSTs JSON and returns the answer's; fails on a status that is not expected."""
        answer = self.client.post(path, json=body)
        assert answer.status_code in expect, (answer.status_code, answer.text)
        return answer.json()

    def get(self, path: str, *, expect: int = 200, **query: Any) -> Any:
        """GETs JSON; `first` and `last` stand for from and to, lists are sent as JSON."""
        names = {"first": "from", "last": "to"}
        text = urlencode(
            {
                names.get(key, key): json.dumps(value) if isinstance(value, list) else value
                for key, value in query.items()
            }
        )
        answer = self.client.get(f"{path}?{text}")
        assert answer.status_code == expect, (answer.status_code, answer.text)
        return answer.json()

    def settle(self) -> None:
        """Brings everything accepted so far into every report."""
        result = settle(self.database_url, self.redis_url, 60)
        assert not result.timed_out
        assert result.dead_letters == 0


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serves an ASGI application from a thread on a free loopback port; yields its URL."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        loop="asyncio",
        log_level="warning",
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start within 30 s"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive(), "the server did not stop"


@contextmanager
def running_api(database_url: str, redis_url: str, **settings: Any) -> Iterator[RunningApi]:
    """Serves the API until the end of the block."""
    chosen = {"auth": "open", "metrics_port": 0, "sites_refresh_s": 0.2, **settings}
    app = create_app(
        ApiSettings(_env_file=None, database_url=database_url, redis_url=redis_url, **chosen)
    )
    with served(app) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield RunningApi(url, database_url, redis_url, client)
