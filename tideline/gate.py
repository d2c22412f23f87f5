"""Prints the addresses once somebody answers there."""

import http.client
import threading
import time
from collections.abc import Callable

from tideline.instance import Instance
from tideline.ports import LOOPBACK

PATIENCE_S = 60.0
POLL_S = 0.2


def status_of(port: int, path: str) -> int | None:
    """The HTTP status of a page on this machine, None when nobody answers within two seconds."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class HealthGate:
    """Waits in a thread until the API is healthy and the dashboard answers, then says where."""

    def __init__(self, instance: Instance, say: Callable[[str], None]) -> None:
        self._instance = instance
        self._say = say
        self._open = threading.Event()
        threading.Thread(target=self._watch, name="gate", daemon=True).start()

    @property
    def is_open(self) -> bool:
        """Whether both answered."""
        return self._open.is_set()

    def _watch(self) -> None:
        complain_at = time.monotonic() + PATIENCE_S
        while missing := self._missing():
            if time.monotonic() > complain_at:
                complain_at = float("inf")
                self._say(f"not healthy after {PATIENCE_S:g} s: {', '.join(missing)}; still trying")
            time.sleep(POLL_S)
        self._say(f"Dashboard  {self._instance.dashboard_url}")
        self._say(f"API        {self._instance.api_url}")
        self._open.set()

    def _missing(self) -> list[str]:
        api = status_of(self._instance.api_port, "/api/v1/health")
        page = status_of(self._instance.dashboard_port, "/")
        missing = []
        if api != 200:
            missing.append(f"API health at port {self._instance.api_port} ({api or 'no answer'})")
        if page is None or page >= 500:
            at = self._instance.dashboard_port
            missing.append(f"dashboard at port {at} ({page or 'no answer'})")
        return missing
