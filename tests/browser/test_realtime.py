"""Realtime in a real browser: what happens now, by itself, unless paused."""

import time

from tests.browser.page import Page, rows
from tests.sites import SiteUnderTest

PUSHES_AFTER_S = 3
"""By then the first push has come, and the page polls no more."""


def send(site: SiteUnderTest, user: str, path: str, **fields: str) -> None:
    site.send({"name": "page_view", "user_id": user, "path": path, **fields})
    site.api.settle()


def test_events_appear_by_themselves_unless_paused(own_page: Page, site: SiteUnderTest) -> None:
    page = own_page
    send(site, "ada", "/", country="DE", referrer="https://www.google.com/")
    page.driver.get(f"{page.url}/realtime?site=shop")
    page.shows(".realtime-figure", "1")
    send(site, "ada", "/pricing", country="DE", referrer="https://www.google.com/")
    send(site, "bob", "/", country="FR")
    page.shows(".realtime-figure", "2")
    page.shows(".realtime-figures small", "3 page views in five minutes")
    page.shows(".stream-page", "/", "/pricing", "/")
    assert rows(page, "realtime-pages") == ["/", "/pricing"]
    assert sorted(rows(page, "realtime-sources")) == ["Direct", "Google"]
    page.until(lambda: len(page.all(".country")) == 2)
    page.click("#realtime-pause")
    page.shows("#realtime-pause", "Go on")
    time.sleep(0.5)
    send(site, "eve", "/blog")
    time.sleep(2)
    page.shows(".realtime-figure", "2")
    page.click("#realtime-pause")
    page.shows(".realtime-figure", "3")
    page.shows(".stream-page", "/blog", "/", "/pricing", "/")


def test_events_are_pushed_where_nothing_can_be_asked(own_page: Page, site: SiteUnderTest) -> None:
    page = own_page
    send(site, "ada", "/")
    page.driver.get(f"{page.url}/realtime?site=shop")
    page.shows(".realtime-figure", "1")
    time.sleep(PUSHES_AFTER_S)
    page.driver.execute_cdp_cmd("Network.enable", {})
    blocked = {"urls": ["*_dash-update-component*"]}
    page.driver.execute_cdp_cmd("Network.setBlockedURLs", blocked)
    send(site, "bob", "/pricing")
    page.shows(".realtime-figure", "2")
    page.shows(".stream-page", "/pricing", "/")
    page.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    assert all("ERR_BLOCKED" in error or "did not respond" in error for error in page.errors())


def test_a_browser_without_shared_workers_polls(own_page: Page, site: SiteUnderTest) -> None:
    page = own_page
    source = {"source": "delete window.SharedWorker"}
    script = page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", source)
    send(site, "ada", "/")
    page.driver.get(f"{page.url}/realtime?site=shop")
    page.shows(".realtime-figure", "1")
    assert page.run("return typeof SharedWorker") == "undefined"
    send(site, "bob", "/pricing")
    page.shows(".realtime-figure", "2")
    page.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
