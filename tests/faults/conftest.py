"""A real `tideline up` for all fault tests."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import astuple

import pytest

pytest.register_assert_rewrite(
    "tests.faults.running", "tests.faults.recovery", "tests.faults.exactness"
)

from tests.faults.recovery import PROPERTY, SEED, Probe  # noqa: E402
from tests.faults.running import Running  # noqa: E402


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Everything running, for all tests of this directory."""
    running = Running(tmp_path_factory.mktemp("faults") / "data")
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture(scope="session")
def seed() -> int:
    """FAULT_SEED, or another one in every run."""
    return int(os.environ.get("FAULT_SEED", random.SystemRandom().randrange(10**6)))


@pytest.fixture
def chance(
    request: pytest.FixtureRequest, seed: int, record_property: Callable[[str, object], None]
) -> random.Random:
    """The same for the same FAULT_SEED, another one for each test."""
    record_property(SEED, seed)
    return random.Random(f"{seed} {request.node.name}")


@pytest.fixture
def probe(running: Running, record_property: Callable[[str, object], None]) -> Probe:
    """Measures recoveries."""
    return Probe(running, lambda recovery: record_property(PROPERTY, astuple(recovery)))
