"""`tideline up` whole: it serves, survives, refuses a second one, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.running import Run
from tideline.gate import status_of

NAMES = {"postgres", "redis", "api", "writer", "worker", "schedule", "dashboard"}


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path / "data")
    yield run
    if run.process.poll() is None:
        run.stop()


def command(run: Run, *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "tideline", *arguments]
    argv += ["--data-dir", str(run.directory.path)]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_up_serves_refuses_a_second_one_and_stops_without_a_trace(run: Run) -> None:
    run.until_announced()
    instance = run.instance
    assert set(instance.processes) == NAMES
    assert f"Dashboard  {instance.dashboard_url}" in run.text
    assert status_of(instance.dashboard_port, "/") == 200

    second = command(run, "up", "--api-port", "0", "--dashboard-port", "0")
    assert second.returncode == 1
    assert "Tideline already runs in" in second.stderr
    assert instance.dashboard_url in second.stderr

    status = command(run, "status", "--json")
    assert status.returncode == 0, status.stdout
    assert {row["name"] for row in json.loads(status.stdout)["processes"]} == NAMES
    assert command(run, "settle", "--timeout", "60").returncode == 0
    doctor = command(run, "doctor")
    assert doctor.returncode == 0, doctor.stdout

    family = run.family()
    assert run.stop() == 0
    assert [each for each in family if each.is_running()] == []
    assert run.directory.read() is None
    order = [line.split()[2] for line in run.text.splitlines() if line.endswith(" stopped")]
    assert order == ["api", "schedule", "writer", "worker", "dashboard", "redis", "postgres"]
    logs = {each.stem for each in run.directory.logs.glob("*.log")}
    assert logs >= {"tideline", "postgres", "redis", "migrate", "api", "dashboard"}


def test_killed_processes_are_healthy_again_within_ten_seconds(run: Run) -> None:
    run.until_announced()
    for name in sorted(NAMES):
        before = run.instance.processes[name]
        os.kill(before.pid, signal.SIGKILL)
        run.until(lambda: run.instance.processes.get(name, before) != before, 10)  # noqa: B023
        run.until(run.is_healthy, 10)


def test_killed_supervisor_leaves_nothing_and_the_next_start_works(run: Run) -> None:
    run.until_announced()
    family = run.family()
    run.process.kill()
    run.process.wait(5)
    _, alive = psutil.wait_procs(family, timeout=15)
    assert [each.cmdline() for each in alive] == []
    run.again()
    run.until_announced()
    assert run.stop() == 0
