"""Realtime in a real browser: what happens now, by itself, unless paused."""

import time

from tests.browser.page import Page, rows
from tests.sites import SiteUnderTest


def test_events_appear_by_themselves_unless_paused(own_page: Page, site: SiteUnderTest) -> None:
    def send(user: str, path: str, **fields: str) -> None:
        site.send({"name": "page_view", "user_id": user, "path": path, **fields})
        site.api.settle()

    page = own_page
    send("ada", "/", country="DE", referrer="https://www.google.com/")
    page.driver.get(f"{page.url}/realtime?site=shop")
    page.shows(".realtime-figure", "1")
    send("ada", "/pricing", country="DE", referrer="https://www.google.com/")
    send("bob", "/", country="FR")
    page.shows(".realtime-figure", "2")
    page.shows(".realtime-figures small", "3 page views in five minutes")
    page.shows(".stream-page", "/", "/pricing", "/")
    assert rows(page, "realtime-pages") == ["/", "/pricing"]
    assert sorted(rows(page, "realtime-sources")) == ["Direct", "Google"]
    page.until(lambda: len(page.all(".world-chart .choroplethlocation")) == 2)
    page.click("#realtime-pause")
    page.shows("#realtime-pause", "Go on")
    time.sleep(0.5)
    send("eve", "/blog")
    time.sleep(2)
    page.shows(".realtime-figure", "2")
    page.click("#realtime-pause")
    page.shows(".realtime-figure", "3")
    page.shows(".stream-page", "/blog", "/", "/pricing", "/")
