"""The first visit, current visitors, and closed doors."""

from dash.testing.browser import Browser
from selenium.webdriver.common.keys import Keys

from tests.api import RunningApi
from tests.browser.page import TILE, Page
from tests.dashboard import running_dashboard
from tests.sites import SiteUnderTest


def test_the_page_of_an_empty_site_turns_live_by_itself(
    own_page: Page, site: SiteUnderTest
) -> None:
    own_page.driver.get(f"{own_page.url}/?site=shop&period=today")
    own_page.shows(".waiting-line", "Waiting for the first event")
    site.send({"name": "page_view", "user_id": "ada", "path": "/"})
    site.api.settle()
    own_page.until(lambda: not own_page.all(".welcome"))
    own_page.shows(TILE.format("visitors"), "1")
    own_page.shows("#live", "1 current visitor")
    assert own_page.all(".dot.is-on")


def test_a_site_without_events_waits_for_the_first_one(own_page: Page, site: SiteUnderTest) -> None:
    page = own_page
    page.driver.get(f"{page.url}/?site=shop&period=today")
    page.until(lambda: page.texts(".waiting-line") == ["Waiting for the first event"])
    assert page.texts("#snippet") == [
        f'<script async src="{site.api.url}/t.js" data-site="shop"></script>'
    ]
    assert f"curl {site.api.url}/api/v1/events" in page.texts("#curl")[0]
    drawn = [".tiles", ".traffic-chart", "#sources", "#hours"]
    assert not any(page.all(panel)[0].is_displayed() for panel in drawn)
    page.become_phone()
    assert page.run("return document.documentElement.scrollWidth") == 400
    page.click(".welcome .text-link")
    page.click("#send-purchase")
    page.until(lambda: page.texts(".sent-line") and "1 accepted" in page.texts(".sent-line")[0])
    page.click("#send-burst")
    page.until(lambda: "50 accepted" in page.texts(".sent-line")[0])
    site.api.settle()
    page.click("#sender .text-link")
    page.until(lambda: page.texts(TILE.format("pageviews")) == ["50"], 40)


def test_the_live_dot_counts_current_visitors(own_page: Page, site: SiteUnderTest) -> None:
    site.send({"name": "page_view", "user_id": "ada", "path": "/"})
    site.api.settle()
    page = own_page
    page.driver.get(f"{page.url}/?site=shop&period=today")
    page.until(lambda: page.texts("#live") == ["1 current visitor"])
    assert page.all(".dot.is-on")


def test_closed_doors_ask_for_the_password(browser: Browser, api: RunningApi) -> None:
    with running_dashboard(api, auth="required", dashboard_password="tide") as dashboard:
        page = Page(browser.driver, dashboard.url)
        page.driver.get(f"{dashboard.url}/?period=7d")
        page.all("#password")[0].send_keys("ebb" + Keys.ENTER)
        page.until(lambda: page.texts("[role=alert]") == ["That is not the password."])
        page.all("#password")[0].send_keys("tide" + Keys.ENTER)
        page.until(lambda: page.all(".topbar"))
        assert page.query == {"period": "7d"}
        page.until(lambda: page.all("form[action='/logout'] button"))
        page.click("form[action='/logout'] button")
        page.until(lambda: page.all("#password"))
