"""Chromium, the collecting server and a tab on a site that reports to it."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.by import By

from tests.browser.tracker.harness import Browser, Collector, chromium, collecting, site
from tests.browser.tracker.tab import Tab


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture
def tab(browser: Browser, collector: Collector) -> Iterator[Tab]:
    """A fresh tab with the focus for a fresh site; afterwards, no script may have failed."""
    with site(f"{collector.url}/t.js") as url:
        before = set(browser.window_handles)
        browser.switch_to.new_window("tab")
        browser.get("data:text/html,<p>click here for the focus")
        browser.find_element(By.TAG_NAME, "p").click()
        browser.get_log("browser")
        yield Tab(browser, url, collector)
        uncaught = [entry for entry in browser.get_log("browser") if entry["source"] != "network"]
        for handle in set(browser.window_handles) - before:
            browser.switch_to.window(handle)
            browser.close()
        browser.switch_to.window(before.pop())
        assert uncaught == []
