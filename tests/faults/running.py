"""One real `tideline up` in a directory of its own, whose processes can be killed and stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

from sql.database import SyncConnection, connect
from tideline.instance import DataDirectory, Instance
from tideline.ports import free_port

START_S = 120.0
PROCESSES = ("api", "writer", "worker", "schedule", "dashboard", "redis", "postgres")


class Running:
    """`tideline up` on ports that stay the same when it is started again."""

    def __init__(self, directory: Path) -> None:
        self.directory = DataDirectory(directory)
        self._output = directory.parent / "output"
        self._api_port, self._dashboard_port, self._metrics_port = (free_port() for _ in range(3))
        self.api_url = f"http://127.0.0.1:{self._api_port}"
        self.dashboard_url = f"http://127.0.0.1:{self._dashboard_port}"
        self.start()

    def start(self) -> None:
        """Start it and wait until it announces itself."""
        ports = ["--api-port", str(self._api_port), "--dashboard-port", str(self._dashboard_port)]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                self._argv("up", *ports),
                env=self._environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.until(lambda: f"API        {self.api_url}" in self.log, START_S)

    def _argv(self, *arguments: str) -> list[str]:
        directory = ["--data-dir", str(self.directory.path)]
        return [sys.executable, "-m", "tideline", *arguments, *directory]

    def _environment(self, **more: str) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TIDELINE_")}
        return (
            inherited | {"TIDELINE_METRICS_PORT": str(self._metrics_port), "COLUMNS": "300"} | more
        )

    @property
    def log(self) -> str:
        """What it has printed since its start."""
        return self._output.read_text(errors="replace")

    @property
    def instance(self) -> Instance:
        """How to reach it."""
        return self.directory.running()

    def connect(self) -> SyncConnection:
        """A connection to its database."""
        return connect(self.instance.database_url)

    def until(self, condition: Callable[[], bool], seconds: float) -> float:
        """Wait for it; returns the seconds it took."""
        began = time.monotonic()
        while not condition():
            waited = time.monotonic() - began
            assert waited < seconds, self.log[-5_000:]
            assert self.process.poll() is None, self.log[-5_000:]
            time.sleep(0.05)
        return time.monotonic() - began

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A `tideline` command on the same data directory."""
        return subprocess.run(
            self._argv(*arguments),
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )

    def settle(self) -> None:
        """Brings everything accepted into every report."""
        done = self.command("settle", "--timeout", "120")
        assert done.returncode == 0, (done.returncode, done.stdout, done.stderr[-3_000:])

    def get(self, path: str, **query: Any) -> Any:
        """JSON of the API."""
        answer = httpx.get(f"{self.api_url}{path}", params=query, timeout=30)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()

    def new_site(self, slug: str, timezone: str = "UTC") -> int:
        """Makes a site and returns its number."""
        site = {"site_id": slug, "timezone": timezone}
        answer = httpx.post(f"{self.api_url}/api/v1/sites", json=site, timeout=30)
        assert answer.status_code == 201, answer.text
        with self.connect() as conn:
            row = conn.execute("SELECT site_id FROM sites WHERE slug = %s", (slug,)).fetchone()
        assert row is not None
        return int(row[0])

    def pid(self, name: str) -> int:
        """The process of that name."""
        return self.instance.processes[name].pid

    def kill(self, name: str) -> int:
        """kill -9; returns the process id that is no more."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def tree(self, name: str) -> list[psutil.Process]:
        """A process and those it started."""
        process = psutil.Process(self.pid(name))
        return [process, *process.children(recursive=True)]

    def second_writer(self) -> "subprocess.Popen[bytes]":
        """Another writer beside the supervised one."""
        instance = self.instance
        environment = self._environment(
            TIDELINE_DATABASE_URL=instance.database_url, TIDELINE_REDIS_URL=instance.redis_url
        )
        return subprocess.Popen(
            [sys.executable, "-m", "jobs.writer"], env=environment, stderr=subprocess.DEVNULL
        )

    def stop(self) -> None:
        """SIGTERM, and wait for the clean end."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(90) == 0, self.log[-5_000:]

    def kill_supervisor(self) -> None:
        """kill -9 of the supervisor; everything it started must end by itself."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait(10)
        _, alive = psutil.wait_procs(family, timeout=30)
        left = [process.as_dict(["pid", "name", "status", "cmdline"]) for process in alive]
        assert left == []
