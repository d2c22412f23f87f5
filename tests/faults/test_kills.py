"""kill -9 of every process under load: nothing acknowledged is lost, nothing is counted twice."""

import os
import random
import signal
import time

import httpx
import pytest

from tests.faults.exactness import assert_exact
from tests.faults.load import load
from tests.faults.recovery import Probe
from tests.faults.running import PROCESSES, Running

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "2"))
BACKEND = "postgres backend"


@pytest.mark.timeout(600)
def test_every_process_may_be_killed_at_any_moment(
    running: Running, probe: Probe, chance: random.Random
) -> None:
    with load(running, "kills", chance) as traffic:
        for _ in range(ROUNDS):
            for name in chance.sample([*PROCESSES, BACKEND], len(PROCESSES) + 1):
                time.sleep(chance.uniform(0, 1))
                _kill(running, probe, name)
    assert_exact(running, traffic)


def _kill(running: Running, probe: Probe, name: str) -> None:
    if name == BACKEND:
        _kill_backend(running)
        probe.measure(f"kill {name}", time.monotonic())
        return
    before = running.kill(name)
    probe.measure(f"kill {name}", time.monotonic())
    running.until(lambda: running.pid(name) != before, 30)
    if name == "dashboard":
        running.until(lambda: _answers(running.dashboard_url), 30)


def _kill_backend(running: Running) -> None:
    """Of the writer: PostgreSQL then ends all others too, and recovers by itself."""
    with running.connect() as conn:
        row = conn.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'tideline-writer'"
        ).fetchone()
    assert row is not None
    os.kill(row[0], signal.SIGKILL)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
