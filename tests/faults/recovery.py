"""How long after a fault a fresh event is taken again, and is in the report."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from tests.faults.running import Running

LIMIT_S = 30.0
"""A generous bound for busy machines; the promise is 10 s, and what was measured is printed."""
POLL_S = 0.05

PROPERTY = "recovery"
"""A test's property: a Recovery as a tuple."""
SEED = "fault_seed"

_numbers = count(1)


@dataclass(frozen=True)
class Recovery:
    """Seconds from a fault, or from its end, to the first event taken and to its being reported."""

    fault: str
    taken_s: float
    reported_s: float


def summary(properties: Iterable[tuple[str, Any]]) -> list[str]:
    """What the tests' properties say: one line a fault, and the slowest; empty without faults."""
    known = list(properties)
    recoveries = [Recovery(*value) for name, value in known if name == PROPERTY]
    if not recoveries:
        return []
    by_fault: dict[str, list[Recovery]] = {}
    for each in recoveries:
        by_fault.setdefault(each.fault, []).append(each)
    seeds = {str(value) for name, value in known if name == SEED}
    lines = [f"FAULT_SEED {' '.join(seeds)}; seconds until taken / until reported"]
    for fault, theirs in by_fault.items():
        shown = ", ".join(f"{each.taken_s:.1f}/{each.reported_s:.1f}" for each in theirs)
        lines.append(f"  {fault:<28} {shown}")
    slowest = sorted(max(each.taken_s, each.reported_s) for each in recoveries)
    p99 = slowest[min(len(slowest) - 1, int(0.99 * len(slowest)))]
    lines.append(f"recovery of {len(slowest)} faults: p99 {p99:.1f} s, max {slowest[-1]:.1f} s")
    return lines


class Probe:
    """A site of which every event is waited for."""

    def __init__(self, running: Running, note: Callable[[Recovery], None]) -> None:
        self._running = running
        self._note = note
        self._slug = f"probe-{next(_numbers)}"
        self._sent = 0
        running.new_site(self._slug)

    def measure(self, fault: str, since: float) -> Recovery:
        """Sends one event until it is taken, waits until it is reported; `since` is monotonic."""
        self._sent += 1
        deadline = since + LIMIT_S
        taken_at = self._wait(self._is_taken, deadline, f"no event was taken after {fault}")
        reported_at = self._wait(self._is_reported, deadline, f"no report after {fault}")
        recovery = Recovery(fault, taken_at - since, reported_at - since)
        self._note(recovery)
        return recovery

    def _wait(self, condition: Callable[[], bool], deadline: float, complaint: str) -> float:
        while not condition():
            assert time.monotonic() < deadline, complaint + "\n" + self._running.log[-5_000:]
            time.sleep(POLL_S)
        return time.monotonic()

    def _is_taken(self) -> bool:
        event = {"site_id": self._slug, "name": "page_view", "user_id": "probe", "path": "/"}
        event["event_id"] = f"{self._slug}-{self._sent}"
        try:
            answer = httpx.post(f"{self._running.api_url}/api/v1/events", json=event, timeout=10)
        except httpx.HTTPError:
            return False
        return answer.status_code == 202

    def _is_reported(self) -> bool:
        query = {"site_id": self._slug, "period": "7d"}
        address = f"{self._running.api_url}/api/v1/dashboard/overview"
        try:
            answer = httpx.get(address, params=query, timeout=10)
        except httpx.HTTPError:
            return False
        if answer.status_code != 200:
            return False
        events = answer.json()["overview"]["events"]
        assert events <= self._sent
        return bool(events == self._sent)
