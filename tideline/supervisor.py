"""Keeps processes running: restarts what dies, stops everything in order."""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tideline.errors import TidelineError
from tideline.logs import Log
from tideline.processes import Process, ProcessSpec

STABLE_S = 30.0
LONGEST_DELAY_S = 5.0
TICK_S = 0.1
OWN_NAME = "tideline"


class StopRequestedError(Exception):
    """Somebody asked to stop while something was awaited."""


def restart_delay_s(failures: int) -> float:
    """How long to wait before the restart that follows `failures` earlier ones in a row.

    None at first, then half a second, doubling up to five seconds.
    """
    return 0.0 if failures == 0 else min(0.5 * 2.0 ** (failures - 1), LONGEST_DELAY_S)


@dataclass
class Watched:
    """A process that is kept running; `start_at` on the monotonic clock, when it is down."""

    spec: ProcessSpec
    process: Process | None = None
    failures: int = 0
    start_at: float = 0.0


class Supervisor:
    """Runs processes until told to stop; use it from the main thread only.

    `on_change` is called after every start and restart, `stopping` ends all waiting.
    """

    def __init__(
        self, log: Log, stopping: threading.Event, on_change: Callable[["Supervisor"], None]
    ) -> None:
        self._log = log
        self._stopping = stopping
        self._on_change = on_change
        self._watched: dict[str, Watched] = {}

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name, of those that were started and not stopped."""
        return {
            name: each.process.pid
            for name, each in self._watched.items()
            if each.process is not None
        }

    def say(self, text: str) -> None:
        """A line of the supervisor's own."""
        self._log.line(OWN_NAME, text)

    def start(self, spec: ProcessSpec) -> None:
        """Start a process and keep it running from now on."""
        self._watched[spec.name] = watched = Watched(spec)
        self._start(watched)

    def wait_ready(self, names: Sequence[str], timeout_s: float) -> None:
        """Wait until these are ready, restarting what dies meanwhile.

        Raises TidelineError when the time runs out or one of them fails three times in a row, and
        StopRequestedError when asked to stop.
        """
        deadline = time.monotonic() + timeout_s
        waiting = [self._watched[name] for name in names]
        while waiting := [each for each in waiting if not self._is_ready(each)]:
            failed = [each.spec.name for each in waiting if each.failures >= 3]
            if failed or time.monotonic() > deadline:
                names = failed or [each.spec.name for each in waiting]
                raise TidelineError(f"{', '.join(names)} did not start; see the log above")
            self.tick()
            self._pause(0.02)

    def run_once(self, spec: ProcessSpec) -> int:
        """Run a process to its end and return its exit code. Raises StopRequestedError."""
        process = Process(spec, self._log.line)
        try:
            while (code := process.exit_code) is None:
                self.tick()
                self._pause(0.02)
            return code
        finally:
            process.stop()

    def run(self, each_tick: Callable[[], None]) -> None:
        """Keep everything running until asked to stop, calling `each_tick` ten times a second."""
        while not self._stopping.wait(TICK_S):
            self.tick()
            each_tick()

    def tick(self) -> None:
        """Notice what died, and start again what is due."""
        for watched in list(self._watched.values()):
            process = watched.process
            if process is not None and process.exit_code is not None:
                self._died(watched, process)
            elif process is None and time.monotonic() >= watched.start_at:
                self._start(watched)

    def stop(self, order: Sequence[str]) -> None:
        """Stop everything: first these, one after the other, then what else there is."""
        names = [name for name in order if name in self._watched]
        names += [name for name in self._watched if name not in names]
        for name in names:
            process = self._watched.pop(name).process
            if process is None:
                continue
            if process.stop():
                self.say(f"{name} stopped")
            else:
                self.say(f"{name} did not stop within {process.spec.stop_timeout_s:g} s; killed")

    def _start(self, watched: Watched) -> None:
        try:
            watched.process = Process(watched.spec, self._log.line)
        except (TidelineError, OSError) as error:
            self.say(f"{watched.spec.name} cannot start: {error}")
            self._plan_restart(watched)
        self._on_change(self)

    def _died(self, watched: Watched, process: Process) -> None:
        process.kill_session()
        watched.process = None
        if not watched.spec.repeat:
            del self._watched[watched.spec.name]
            self.say(f"{watched.spec.name} {describe_exit(process.exit_code or 0)}")
            return
        if process.age_s >= STABLE_S:
            watched.failures = 0
        self._plan_restart(watched)
        wait_s = watched.start_at - time.monotonic()
        when = "now" if wait_s <= 0 else f"in {wait_s:.1f} s"
        reason = describe_exit(process.exit_code or 0)
        self.say(f"{watched.spec.name} {reason}; starting it again {when}")

    def _plan_restart(self, watched: Watched) -> None:
        watched.start_at = time.monotonic() + restart_delay_s(watched.failures)
        watched.failures += 1

    def _is_ready(self, watched: Watched) -> bool:
        process = watched.process
        return process is not None and process.exit_code is None and watched.spec.is_ready()

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise StopRequestedError


def describe_exit(code: int) -> str:
    """An exit code in words."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
