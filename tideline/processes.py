"""One child process: started, watched, logged, stopped."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO

from tideline.privileges import User, child_command

Sink = Callable[[str, str], None]  # (process name, one line of its output)
KILL_WAIT_S = 5.0


def nothing() -> None:
    """Nothing to do before the start."""


def at_once() -> bool:
    """Ready as soon as it runs."""
    return True


@dataclass(frozen=True)
class ProcessSpec:
    """What to run and how to end it.

    `environment` is added to this process's own. `before_start` runs before every start, restarts
    included. `stop_signal` asks it to end; after `stop_timeout_s` it is killed. Without `repeat` it
    is not started again when it ends.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: User | None = None
    stop_signal: int = signal.SIGTERM
    stop_timeout_s: float = 15.0
    before_start: Callable[[], None] = nothing
    is_ready: Callable[[], bool] = at_once
    repeat: bool = True


class Process:
    """A running child in a session of its own, so that Ctrl-C reaches only the supervisor.

    Start it from a thread that lives as long as this process: Linux ends it with that thread.
    """

    def __init__(self, spec: ProcessSpec, sink: Sink) -> None:
        self.spec = spec
        self.started = time.monotonic()
        self._sink = sink
        spec.before_start()
        self._popen = subprocess.Popen(
            child_command(list(spec.argv), user=spec.user, end_signal=spec.stop_signal),
            env={**os.environ, **spec.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._popen.stdout is not None
        self._reader = threading.Thread(
            target=self._read, args=(self._popen.stdout,), name=f"log-{spec.name}", daemon=True
        )
        self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._popen.poll()

    @property
    def age_s(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.started

    def ask_to_stop(self) -> None:
        """Send its stop signal."""
        if self.exit_code is None:
            self._popen.send_signal(self.spec.stop_signal)

    def stop(self, timeout_s: float | None = None) -> bool:
        """End it and everything it started; False when it had to be killed."""
        self.ask_to_stop()
        try:
            self._popen.wait(self.spec.stop_timeout_s if timeout_s is None else timeout_s)
            in_time = True
        except subprocess.TimeoutExpired:
            in_time = False
        self.kill_session()
        self._popen.wait(KILL_WAIT_S)
        self._reader.join(1.0)
        return in_time

    def kill_session(self) -> None:
        """Kill what is left of it and of its children."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def wait_until_ready(self, timeout_s: float) -> bool:
        """Wait until it is ready; False when it ended or the time ran out before."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.exit_code is not None:
                return False
            if self.spec.is_ready():
                return True
            time.sleep(0.02)
        return False

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._sink(self.spec.name, line.decode("utf-8", "replace").rstrip("\r\n"))
