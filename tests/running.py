"""One `tideline up`, whole, in a directory of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tideline.gate import status_of
from tideline.instance import DataDirectory, Instance

START_S = 90.0


class Run:
    """One `tideline up` on free ports."""

    def __init__(self, directory: Path) -> None:
        self.directory = DataDirectory(directory)
        self.output = directory.parent / "output"
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        path = str(self.directory.path)
        argv = [sys.executable, "-m", "tideline", "up", "--data-dir", path]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TIDELINE_")}
        with self.output.open("wb") as output:
            return subprocess.Popen(
                [*argv, "--api-port", "0", "--dashboard-port", "0"],
                env={**environment, "TIDELINE_METRICS_PORT": "0", "COLUMNS": "200"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def again(self) -> None:
        """Start once more, on the same directory."""
        self.process = self._start()

    @property
    def instance(self) -> Instance:
        return self.directory.running()

    @property
    def text(self) -> str:
        return self.output.read_text()

    def until(self, condition: Callable[[], bool], seconds: float) -> float:
        """Wait, and return the seconds it took."""
        started = time.monotonic()
        while not condition():
            waited = time.monotonic() - started
            assert waited < seconds, self.text
            assert self.process.poll() is None, self.text
            time.sleep(0.05)
        return time.monotonic() - started

    def until_announced(self) -> None:
        self.until(lambda: "API        http://127.0.0.1:" in self.text, START_S)

    def is_healthy(self) -> bool:
        return status_of(self.instance.api_port, "/api/v1/health") == 200

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)
