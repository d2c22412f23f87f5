"""Restarting what dies and stopping in order, on tiny real processes."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from tideline.errors import TidelineError
from tideline.processes import ProcessSpec
from tideline.supervisor import StopRequestedError, Supervisor, describe_exit, restart_delay_s

SLEEPER = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    " print('deaf', flush=True); time.sleep(60)"
)
PARENT = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time;"
    " time.sleep(60)']); print(child.pid, flush=True); time.sleep(60)"
)


class Lines:
    """A log that can be waited on."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str]] = []

    def line(self, name: str, text: str) -> None:
        self.all.append((name, text))

    def of(self, name: str) -> list[str]:
        return [text for each, text in self.all if each == name]


class Fixture:
    """A supervisor with its log; everything is stopped at the end of the test."""

    def __init__(self) -> None:
        self.log = Lines()
        self.stopping = threading.Event()
        self.changes: list[dict[str, int]] = []
        self.supervisor = Supervisor(self.log, self.stopping, self._changed)

    def _changed(self, supervisor: Supervisor) -> None:
        self.changes.append(supervisor.pids)

    def wait(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.log.all
            self.supervisor.tick()
            time.sleep(0.01)


@pytest.fixture
def running() -> Iterator[Fixture]:
    fixture = Fixture()
    yield fixture
    fixture.supervisor.stop([])


def python(name: str, code: str, **options: object) -> ProcessSpec:
    return ProcessSpec(name, (sys.executable, "-c", code), **options)  # type: ignore[arg-type]


def test_restart_delay_is_none_at_first_then_doubles_up_to_five_seconds() -> None:
    assert [restart_delay_s(n) for n in range(8)] == [0, 0.5, 1, 2, 4, 5, 5, 5]


def test_exit_codes_are_told_in_words() -> None:
    assert describe_exit(3) == "ended with exit code 3"
    assert describe_exit(-9) == "was ended by SIGKILL"


def test_killed_process_runs_again_within_a_second(running: Fixture) -> None:
    running.supervisor.start(python("sleeper", SLEEPER))
    first = running.supervisor.pids["sleeper"]
    os.kill(first, signal.SIGKILL)
    running.wait(lambda: running.supervisor.pids.get("sleeper") not in (None, first), 1.0)
    assert running.log.of("tideline") == ["sleeper was ended by SIGKILL; starting it again now"]
    assert running.changes[-1] == running.supervisor.pids


def test_process_that_keeps_dying_is_restarted_ever_later(running: Fixture) -> None:
    running.supervisor.start(python("broken", "raise SystemExit(7)"))
    running.wait(lambda: len(running.log.of("tideline")) == 3)
    assert running.log.of("tideline") == [
        "broken ended with exit code 7; starting it again now",
        "broken ended with exit code 7; starting it again in 0.5 s",
        "broken ended with exit code 7; starting it again in 1.0 s",
    ]


def test_process_that_never_becomes_ready_is_reported(running: Fixture) -> None:
    running.supervisor.start(python("broken", "raise SystemExit(7)", is_ready=lambda: False))
    with pytest.raises(TidelineError, match="broken did not start"):
        running.supervisor.wait_ready(["broken"], 20.0)


def test_waiting_ends_when_somebody_asks_to_stop(running: Fixture) -> None:
    running.supervisor.start(python("sleeper", SLEEPER, is_ready=lambda: False))
    running.stopping.set()
    with pytest.raises(StopRequestedError):
        running.supervisor.wait_ready(["sleeper"], 20.0)


def test_process_without_repeat_is_not_started_again(running: Fixture) -> None:
    running.supervisor.start(python("once", "raise SystemExit(0)", repeat=False))
    running.wait(lambda: running.supervisor.pids == {})
    assert running.log.of("tideline") == ["once ended with exit code 0"]


def test_run_once_returns_the_exit_code_and_logs_the_output(running: Fixture) -> None:
    assert running.supervisor.run_once(python("task", "print('hello'); raise SystemExit(5)")) == 5
    assert running.log.of("task") == ["hello"]


def test_everything_stops_in_the_given_order(running: Fixture) -> None:
    for name in ("one", "two", "three"):
        running.supervisor.start(python(name, SLEEPER))
    processes = [psutil.Process(pid) for pid in running.supervisor.pids.values()]
    running.supervisor.stop(["three", "one"])
    assert running.log.of("tideline") == ["three stopped", "one stopped", "two stopped"]
    assert not any(process.is_running() for process in processes)


def test_process_that_ignores_its_signal_is_killed(running: Fixture) -> None:
    running.supervisor.start(python("deaf", STUBBORN, stop_timeout_s=0.2))
    running.wait(lambda: running.log.of("deaf") == ["deaf"])
    running.supervisor.stop([])
    assert running.log.of("tideline") == ["deaf did not stop within 0.2 s; killed"]


def test_children_of_a_process_end_with_it(running: Fixture) -> None:
    running.supervisor.start(python("parent", PARENT))
    running.wait(lambda: running.log.of("parent") != [])
    grandchild = psutil.Process(int(running.log.of("parent")[0]))
    running.supervisor.stop([])
    grandchild.wait(5)
    assert not grandchild.is_running()
