"""Traffic that remembers, of every event it sent, whether it was acknowledged."""

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from tests.faults.running import Running

POSTS_PER_S = 25.0
"""Of each sender; a post has 1 to 7 events."""
ANSWER_S = 15.0
ZONES = {
    "plain": "America/St_Johns",
    "ids": "Europe/Berlin",
    "sdk": "UTC",
    "sdk2": "Asia/Kathmandu",
    "plain2": "UTC",
}
"""Senders by name, with the zone of their site. `sdk`: tries again until it is acknowledged."""
NAMES = ("page_view", "page_view", "page_view", "scroll", "purchase", "engagement")


@dataclass
class Sender:
    """Posts to a site of its own, one post after the other, so that order means something.

    `marks` are the numbers its events carry.
    """

    kind: str
    slug: str
    site_id: int
    address: str
    random: random.Random
    acknowledged: list[int] = field(default_factory=list)
    unacknowledged: list[int] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    """Answers that are neither 202 nor 503."""
    _number: int = 0
    _connection: http.client.HTTPConnection | None = None

    def run(self, stopping: threading.Event) -> None:
        """Send until told to stop."""
        while not stopping.wait(self.random.expovariate(POSTS_PER_S)):
            events = [self._event() for _ in range(self.random.randint(1, 7))]
            is_taken = self._post(events)
            if self.kind.startswith("sdk"):
                is_taken = is_taken or self._try_again(events)
                if self.random.random() < 0.1:
                    self._post(events)  # the same ids once more, although it was acknowledged
            marks = [event["properties"]["mark"] for event in events]
            (self.acknowledged if is_taken else self.unacknowledged).extend(marks)
        self._disconnect()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _try_again(self, events: list[dict[str, Any]]) -> bool:
        give_up_at = time.monotonic() + 90
        while time.monotonic() < give_up_at:
            time.sleep(0.1)
            if self._post(events):
                return True
        return False

    def _event(self) -> dict[str, Any]:
        chance = self.random.random
        self._number += 1
        name = self.random.choice(NAMES)
        event: dict[str, Any] = {
            "site_id": self.slug,
            "name": name,
            "path": f"/page/{self.random.randrange(20)}",
            "properties": {"mark": self._number},
        }
        if chance() < 0.95:
            event["user_id"] = f"user-{self.random.randrange(300)}"
        if self.kind != "plain" and self.kind != "plain2":
            event["event_id"] = f"{self.slug}-{self._number}"
        if name == "purchase":
            event["value"] = f"{self.random.randrange(100_000) / 100}"
        if chance() < 0.2:
            past = timedelta(seconds=self.random.randrange(40_000))
            event["timestamp"] = (datetime.now(UTC) - past).isoformat()
        return event

    def _post(self, events: list[dict[str, Any]]) -> bool:
        """Whether all of it was acknowledged."""
        try:
            if self._connection is None:
                where = urlsplit(self.address).netloc
                self._connection = http.client.HTTPConnection(where, timeout=ANSWER_S)
            body = json.dumps({"events": events})
            headers = {"content-type": "application/json"}
            self._connection.request("POST", "/api/v1/events/batch", body, headers)
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self._disconnect()
            time.sleep(0.05)
            return False
        if answer.status == 202 and json.loads(text)["accepted"] == len(events):
            return True
        if answer.status != 503:
            self.unexpected.append(f"{answer.status} {text}")
        return False


@dataclass
class Load:
    """Senders at work."""

    senders: list[Sender]

    @property
    def acknowledged(self) -> int:
        """Events acknowledged so far."""
        return sum(len(sender.acknowledged) for sender in self.senders)

    @property
    def unacknowledged(self) -> int:
        """Events given up so far."""
        return sum(len(sender.unacknowledged) for sender in self.senders)


@contextmanager
def load(running: Running, name: str, chance: random.Random) -> Iterator[Load]:
    """Sends to new sites until the end of the block; then every sender has had its answer."""
    senders = [
        Sender(
            kind,
            f"{name}-{kind}",
            running.new_site(f"{name}-{kind}", zone),
            running.api_url,
            random.Random(chance.random()),
        )
        for kind, zone in ZONES.items()
    ]
    stopping = threading.Event()
    threads = [threading.Thread(target=each.run, args=(stopping,)) for each in senders]
    for thread in threads:
        thread.start()
    try:
        yield Load(senders)
    finally:
        stopping.set()
        for thread in threads:
            thread.join(120)
