"""A real `tideline up` for all fault tests, and what they measured."""

import os
import random
from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite(
    "tests.faults.running", "tests.faults.recovery", "tests.faults.exactness"
)

from tests.faults.recovery import Measurements, Probe  # noqa: E402
from tests.faults.running import Running  # noqa: E402

_measurements = Measurements(
    int(os.environ.get("FAULT_SEED", random.SystemRandom().randrange(10**6)))
)


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Everything running, for all tests of this directory."""
    running = Running(tmp_path_factory.mktemp("faults") / "data")
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """The same for the same FAULT_SEED, another one for each test."""
    return random.Random(f"{_measurements.seed} {request.node.name}")


@pytest.fixture
def probe(running: Running) -> Probe:
    """Measures recoveries."""
    return Probe(running, _measurements)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the recoveries measured."""
    if _measurements.recoveries:
        terminalreporter.section("recovery from faults")
        for line in _measurements.lines():
            terminalreporter.line(line)
