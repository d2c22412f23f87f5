"""What `tideline status` tells."""

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any

import psutil

from tideline.instance import Instance, ProcessId
from tideline.ports import LOOPBACK


@dataclass(frozen=True)
class ProcessRow:
    """A process and its children; None and zeros when it is down."""

    name: str
    pid: int | None = None
    up_s: float = 0.0
    memory_mb: float = 0.0
    cpu_percent: float = 0.0
    """Of one processor, on average since the start."""


@dataclass(frozen=True)
class Status:
    """An instance as it is now; `checks` are the API's own, empty when it does not answer."""

    status: str
    api_url: str
    dashboard_url: str
    processes: list[ProcessRow]
    checks: dict[str, Any] = field(default_factory=dict)
    backlog_events: int = 0
    oldest_age_s: float = 0.0
    dead_letters: int = 0

    @property
    def is_healthy(self) -> bool:
        """Whether all processes are there and the API says that all is well."""
        return self.status == "ok" and all(row.pid is not None for row in self.processes)

    @property
    def checks_text(self) -> str:
        """The API's checks on one line."""
        return ", ".join(f"{name} {value}" for name, value in self.checks.items())


def read_status(instance: Instance) -> Status:
    """Look at the processes and ask the API."""
    processes = [process_row(name, each) for name, each in instance.processes.items()]
    health = read_health(instance.api_port)
    backlog = health.get("backlog") or {}
    return Status(
        status=str(health.get("status", "the API does not answer")),
        api_url=instance.api_url,
        dashboard_url=instance.dashboard_url,
        processes=processes,
        checks=health.get("checks") or {},
        backlog_events=int(backlog.get("events") or 0),
        oldest_age_s=float(backlog.get("oldest_age_s") or 0.0),
        dead_letters=int(health.get("dead_letters") or 0),
    )


def process_row(name: str, known: ProcessId) -> ProcessRow:
    """One process, its children's memory included."""
    process = known.find()
    if process is None:
        return ProcessRow(name)
    try:
        family = [process, *process.children(recursive=True)]
        up_s = max(time.time() - process.create_time(), 0.001)
        memory = sum(each.memory_info().rss for each in family) / (1 << 20)
        times = [each.cpu_times() for each in family]
    except psutil.Error:
        return ProcessRow(name)
    used_s = sum(each.user + each.system for each in times)
    return ProcessRow(name, process.pid, up_s, memory, 100.0 * used_s / up_s)


def read_health(port: int) -> dict[str, Any]:
    """The answer of /api/v1/health, empty when there is none."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/api/v1/health")
        content = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return content if isinstance(content, dict) else {}
