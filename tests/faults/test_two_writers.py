"""Two writers: one works, the other takes over."""

import os
import random
import signal
import time

import pytest

from sql.events import STREAM_SHARDS
from tests.faults.exactness import assert_exact
from tests.faults.load import load
from tests.faults.recovery import Probe
from tests.faults.running import Running


def _owners(running: Running) -> list[int]:
    """The backend that holds the lease of each shard, in order of the shards."""
    with running.connect() as conn:
        rows = conn.execute(
            "SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE l.locktype = 'advisory' AND l.classid = 7100 AND l.granted"
            " AND a.application_name = 'tideline-writer' ORDER BY l.objid"
        ).fetchall()
    return [row[0] for row in rows]


def _are_owned_anew(running: Running, before: list[int]) -> bool:
    owners = _owners(running)
    return len(owners) == STREAM_SHARDS and set(owners).isdisjoint(before)


@pytest.mark.timeout(300)
def test_a_second_writer_takes_over_and_order_is_kept(
    running: Running, probe: Probe, chance: random.Random
) -> None:
    running.until(lambda: len(_owners(running)) == STREAM_SHARDS, 30)
    second = running.second_writer()
    try:
        with load(running, "writers", chance) as traffic:
            time.sleep(3)
            for name in ("kill writer of two", "kill the other writer"):
                before = _owners(running)
                assert len(set(before)) == 1
                os.kill(_process_of(running, second.pid, name), signal.SIGKILL)
                killed_at = time.monotonic()
                running.until(lambda: _are_owned_anew(running, before), 20)  # noqa: B023
                probe.measure(name, killed_at)
                time.sleep(2)
    finally:
        second.kill()
        second.wait(10)
    assert_exact(running, traffic)


def _process_of(running: Running, second: int, name: str) -> int:
    return running.pid("writer") if name == "kill writer of two" else second
