"""The processes that a benchmark loads, and what they use."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tideline.embedded import Servers

ROOT = Path(__file__).resolve().parent.parent
ANSWER = b'{"accepted":1,"rejected":[]}'


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
class Watched:
    """Processes by name; PostgreSQL with all its backends."""

    processes: dict[str, psutil.Process]

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds that each and its children have used since their start."""
        return {name: sum(map(_cpu_s, self._family(name))) for name in self.processes}

    def memory_mb(self) -> dict[str, float]:
        """Resident memory, of PostgreSQL that of its processes without what they share."""
        return {
            name: sum(p.memory_full_info().uss for p in self._family(name)) / 2**20
            for name in self.processes
        }

    def _family(self, name: str) -> list[psutil.Process]:
        process = self.processes[name]
        return [process, *process.children(recursive=True)]


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def started(arguments: list[str], environment: dict[str, str]) -> Iterator[psutil.Process]:
    """A Python module's process, ended after the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments], env=os.environ | environment, cwd=ROOT
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def wait_for_port(port: int) -> None:
    """Wait until somebody listens on it."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nothing listens on port {port}")


@contextmanager
def serve(servers: Servers, port: int, *others: str) -> Iterator[Watched]:
    """The API and the writer, and other modules such as jobs.worker."""
    environment = {
        "TIDELINE_DATABASE_URL": servers.postgres.url(),
        "TIDELINE_REDIS_URL": servers.redis.url,
        "TIDELINE_AUTH": "open",
        "TIDELINE_API_PORT": str(port),
        "TIDELINE_METRICS_PORT": "0",
        "TIDELINE_BACKLOG_LIMIT_EVENTS": "100000000",
    }
    modules = {"api": "ingest_api", "writer": "jobs.writer"}
    modules |= {name.rpartition(".")[2]: name for name in others}
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(started([module], environment))
            for name, module in modules.items()
        }
        wait_for_port(port)
        yield Watched(processes | _servers())


def _servers() -> dict[str, psutil.Process]:
    """The servers that this process has started."""
    found = {}
    for process in psutil.Process().children(recursive=True):
        name = process.name()
        if name == "redis-server":
            found["redis"] = process
        elif name == "postgres" and process.parent() and process.parent().name() != "postgres":
            found["postgres"] = process
    return found


@contextmanager
def serve_empty(port: int) -> Iterator[None]:
    """The empty endpoint, under the server the API runs under."""
    arguments = ["uvicorn", "bench.serving:empty", "--port", str(port), "--loop", "uvloop"]
    arguments += ["--http", "httptools", "--log-level", "warning", "--no-access-log"]
    arguments += ["--no-proxy-headers", "--no-server-header"]
    with started(arguments, {}):
        wait_for_port(port)
        yield
