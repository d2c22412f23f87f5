"""How a job process ends when it is told to, however often."""

import signal
import subprocess
import sys

import pytest

WAITING = (
    "import time; from jobs.process import stop_on_signals\n"
    "stopping = stop_on_signals()\n"
    "print('ready', flush=True)\n"
    "while not stopping.is_set(): stopping.wait(0.0001)\n"
    "time.sleep(0.2)\n"
)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_sent_again_and_again_ends_it(number: signal.Signals) -> None:
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", WAITING], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            for _ in range(2_000):
                process.send_signal(number)
            try:
                assert process.wait(10) == 0
            finally:
                process.kill()
