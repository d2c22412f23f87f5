"""Stopping everything under load, kindly and not, and starting it again."""

import random
import time

import pytest

from tests.faults.exactness import assert_exact
from tests.faults.load import load
from tests.faults.recovery import Probe
from tests.faults.running import Running


@pytest.mark.timeout(400)
def test_a_clean_stop_under_load_loses_nothing(running: Running, chance: random.Random) -> None:
    with load(running, "stop", chance) as traffic:
        time.sleep(chance.uniform(2, 3))
        running.stop()
        running.start()
        time.sleep(1)
    assert_exact(running, traffic)


@pytest.mark.timeout(400)
def test_a_killed_supervisor_loses_nothing(
    running: Running, probe: Probe, chance: random.Random
) -> None:
    with load(running, "supervisor", chance) as traffic:
        time.sleep(chance.uniform(2, 3))
        running.kill_supervisor()
        running.start()
        probe.measure("start after kill of supervisor", time.monotonic())
    assert_exact(running, traffic)
