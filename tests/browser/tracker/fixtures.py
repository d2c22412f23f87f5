"""Chromium, the collecting server and a tab on a site that reports to it."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.by import By

from tests.browser.tracker.harness import Browser, Collector, chromium, collecting, site
from tests.browser.tracker.tab import Tab


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture
def tab(driver: Browser, collector: Collector) -> Iterator[Tab]:
    """A fresh tab with the focus for a fresh site; afterwards, no script may have failed."""
    with site(f"{collector.url}/t.js") as url:
        before = set(driver.window_handles)
        driver.switch_to.new_window("tab")
        driver.get("data:text/html,<p>click here for the focus")
        driver.find_element(By.TAG_NAME, "p").click()
        driver.get_log("browser")
        yield Tab(driver, url, collector)
        uncaught = [entry for entry in driver.get_log("browser") if entry["source"] != "network"]
        for handle in set(driver.window_handles) - before:
            driver.switch_to.window(handle)
            driver.close()
        driver.switch_to.window(before.pop())
        assert uncaught == []
