"""A server that answers nobody for a while: buffered, refused honestly, caught up afterwards."""

import random
import time

import pytest

from tests.faults.exactness import assert_exact
from tests.faults.load import Load, load
from tests.faults.recovery import Probe
from tests.faults.running import Running

OUTAGE_S = 20.0


def _outage(running: Running, probe: Probe, traffic: Load, name: str) -> None:
    time.sleep(2)
    frozen = running.tree(name)
    for process in frozen:
        process.suspend()
    try:
        time.sleep(OUTAGE_S)
    finally:
        for process in frozen:
            process.resume()
    probe.measure(f"{name} away for {OUTAGE_S:g} s", time.monotonic())


@pytest.mark.timeout(300)
def test_redis_may_be_unreachable(running: Running, probe: Probe, chance: random.Random) -> None:
    with load(running, "redis-away", chance) as traffic:
        _outage(running, probe, traffic, "redis")
    assert traffic.unacknowledged > 0
    assert_exact(running, traffic)


@pytest.mark.timeout(300)
def test_events_are_taken_while_postgres_is_unreachable(
    running: Running, probe: Probe, chance: random.Random
) -> None:
    with load(running, "postgres-away", chance) as traffic:
        _outage(running, probe, traffic, "postgres")
    assert traffic.unacknowledged == 0
    assert_exact(running, traffic)
