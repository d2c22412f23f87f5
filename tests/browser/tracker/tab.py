"""A browser tab, handled as its user would."""

import json
from dataclasses import dataclass
from typing import Any

from tests.browser.tracker.harness import Browser, Collector, Event, wait_until


@dataclass
class Tab:
    """A browser tab, the site it visits and the server that collects."""

    driver: Browser
    site: str
    collector: Collector

    def open(self, path: str) -> None:
        self.driver.get(self.site + path)

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def paths(self, events: list[Event], field: str = "url") -> list[str]:
        """The addresses in `field` of the events, without the site's own."""
        return [str(event[field]).removeprefix(self.site) for event in events]

    def go_elsewhere(self) -> None:
        """Leaves the site by a page without tracker."""
        self.driver.get("about:blank")

    def another_tab(self) -> None:
        """A new tab in front; the one before is hidden then."""
        self.driver.switch_to.new_window("tab")

    def close(self) -> None:
        """Closes the tab as its user would, and goes on in a new one."""
        self.driver.close()
        self.driver.switch_to.window(self.driver.window_handles[0])
        self.another_tab()

    def offline(self, offline: bool) -> None:
        """Takes this tab off the network, or puts it back."""
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd(
            "Network.emulateNetworkConditions",
            {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
        )

    def stored(self) -> dict[str, str]:
        """What the site's localStorage holds."""
        return dict(self.run("return {...localStorage}"))

    def queued(self) -> list[Event]:
        return [json.loads(v) for k, v in self.stored().items() if k.startswith("tideline.e.")]

    def settled(self) -> None:
        """Returns when every event has been answered for."""
        wait_until(lambda: not self.queued(), 5, self.queued)
