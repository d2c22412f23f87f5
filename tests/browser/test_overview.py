"""Every click of the frame and the Overview, in a real browser."""

import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.api import RunningApi, running_api
from tests.dashboard import RunningDashboard, running_dashboard
from tests.servers import TestServers
from tests.sites import DAY, SiteUnderTest

RANGE = f"?site=shop&from={DAY}&to={DAY}"
TILE = '.tile[data-metric="{}"] .tile-value'


@pytest.fixture(scope="module")
def shared_api(servers: TestServers) -> Iterator[RunningApi]:
    """An API whose two sites the module's tests look at and do not change."""
    with servers.database() as url, running_api(url, servers.clean_redis()) as api:
        for slug in ("shop", "blog"):
            api.post("/api/v1/sites", {"site_id": slug, "name": slug.title()}, expect=(201,))
        shop = SiteUnderTest(api, "shop", "UTC")
        desk = {"country": "DE", "device": "desktop", "referrer": "https://www.google.com/"}
        shop.visit("ada", at="10:00", pages=["/", "/pricing", "/checkout"], every_s=60, **desk)
        shop.event("purchase", "ada", at="10:03", path="/checkout", value="49.90", **desk)
        shop.visit("bob", at="11:00", pages=["/"], country="DE", device="mobile")
        shop.visit("eve", at="11:30", pages=["/", "/pricing"], country="FR", device="mobile")
        shop.visit("kim", at="2026-03-09 11:00", pages=["/"], country="US", device="desktop")
        SiteUnderTest(api, "blog", "UTC").visit("max", at="12:00", pages=["/posts"])
        api.settle()
        yield api


@pytest.fixture(scope="module")
def served_dashboard(shared_api: RunningApi) -> Iterator[RunningDashboard]:
    with running_dashboard(shared_api) as running:
        yield running


class Page:
    """The dashboard in a browser."""

    def __init__(self, driver: Any, url: str) -> None:
        self.driver = driver
        self.url = url

    def open(self, search: str = RANGE) -> None:
        """Opens a view and waits for its tiles."""
        self.driver.get(self.url + search)
        self.until(lambda: self.all(".tile-value"))

    def until(self, condition: Callable[[], Any], timeout_s: float = 20) -> Any:
        """Waits until the condition holds, and returns what it returned."""
        wait = WebDriverWait(self.driver, timeout_s, 0.05)
        return wait.until(lambda _: condition())

    def all(self, selector: str) -> list[Any]:
        """Elements of a selector."""
        return list(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def texts(self, selector: str) -> list[str]:
        """Texts of the elements, read in one step so that a redraw cannot come between."""
        found: list[str] = self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])]"
            ".map((e) => e.innerText ?? e.textContent)",
            selector,
        )
        return found

    def shows(self, selector: str, *texts: str) -> None:
        """Waits until the elements have these texts."""
        try:
            self.until(lambda: self.texts(selector) == list(texts))
        except Exception as error:
            raise AssertionError(f"{selector} shows {self.texts(selector)}, not {texts}") from error

    def click(self, selector: str) -> None:
        """Clicks the first such element once it is there."""
        self.until(lambda: self.all(selector))
        self.driver.execute_script("document.querySelector(arguments[0]).click()", selector)

    def press(self, key: str) -> None:
        """Presses a key with the page in focus."""
        ActionChains(self.driver).send_keys(key).perform()

    @property
    def query(self) -> dict[str, str]:
        """Parameters in the address bar."""
        return dict(parse_qsl(urlsplit(self.driver.current_url).query))

    def errors(self) -> list[str]:
        """What the console reported as an error."""
        return [e["message"] for e in self.driver.get_log("browser") if e["level"] == "SEVERE"]


@pytest.fixture
def page(dash_br: Any, served_dashboard: RunningDashboard) -> Iterator[Page]:
    """The page; no test may leave an error in the console."""
    opened = Page(dash_br.driver, served_dashboard.url)
    yield opened
    assert opened.errors() == []


def rows(page: Page, card: str) -> list[str]:
    """Labels of a card's rows."""
    return page.texts(f"#{card} .row-label")


def test_everything_is_drawn_and_equals_the_api(page: Page, shared_api: RunningApi) -> None:
    page.open()
    page.shows(TILE.format("visitors"), "3")
    page.shows(TILE.format("sessions"), "3")
    page.shows(TILE.format("pageviews"), "6")
    page.shows(TILE.format("views_per_session"), "2.00")
    page.shows(TILE.format("bounce_rate"), "33.3%")
    page.shows(TILE.format("session_duration"), "1m 03s")
    page.shows(TILE.format("conversion_rate"), "33.3%")
    page.shows(TILE.format("revenue"), "$49.90")
    page.shows('.tile[data-metric="visitors"] .change', "+200%")
    page.until(lambda: rows(page, "sources") == ["Direct", "Organic Search"])
    page.until(lambda: rows(page, "pages") == ["/", "/pricing", "/checkout"])
    page.until(lambda: rows(page, "devices") == ["Mobile", "Desktop"])
    page.until(lambda: rows(page, "goals") == ["page_view", "purchase"])
    page.until(lambda: page.all(".traffic-chart .trace"))
    page.until(lambda: len(page.all(".world-chart .choroplethlocation")) == 2)
    page.until(lambda: page.all(".hours-chart .hm"))
    figures = shared_api.get("/api/v1/dashboard/overview", site_id="shop", first=DAY, last=DAY)[
        "overview"
    ]
    assert (figures["visitors"], figures["sessions"], figures["pageviews"]) == (3, 3, 6)
    assert figures["revenue_net"] == "49.90"
    names = page.driver.execute_script(
        "return performance.getEntriesByType('resource').map((e) => e.name)"
    )
    hosts = {urlsplit(name).netloc for name in names if name.startswith("http")}
    assert hosts == {urlsplit(page.url).netloc}


@pytest.mark.parametrize(
    ("key", "period"), [("d", "today"), ("w", "7d"), ("3", "90d"), ("y", "12mo")]
)
def test_keys_choose_the_period(page: Page, key: str, period: str) -> None:
    page.open("?site=shop")
    page.until(lambda: page.all("a[data-key='D']"))
    page.press(key)
    page.until(lambda: page.query == {"site": "shop", "period": period})
    page.press("m")
    page.until(lambda: page.query == {"site": "shop"})


def test_the_period_menu_the_arrows_and_the_way_back(page: Page) -> None:
    page.open()
    page.click(".period summary")
    page.click("#period-presets a:nth-child(7)")
    page.until(lambda: page.query == {"site": "shop", "period": "all"})
    page.shows("#period-name", "All time")
    page.shows(TILE.format("visitors"), "4")
    page.driver.back()
    page.shows(TILE.format("visitors"), "3")
    page.shows("#period-name", "10 Mar 2026")
    page.click("#period-earlier a")
    page.shows("#period-name", "9 Mar 2026")
    page.shows(TILE.format("visitors"), "1")
    page.click("#period-later a")
    page.shows(TILE.format("visitors"), "3")


def test_the_calendar_chooses_days(page: Page) -> None:
    page.open()
    page.shows("#period-name", "10 Mar 2026")
    page.click(".period summary")
    page.until(lambda: page.all('.period [aria-label="9 March 2026"]'))
    page.click('.period [aria-label="9 March 2026"]')
    page.click('.period [aria-label="10 March 2026"]')
    page.until(lambda: page.query == {"site": "shop", "from": "2026-03-09", "to": "2026-03-10"})
    page.shows(TILE.format("visitors"), "4")


def test_the_comparison_is_chosen_and_switched(page: Page) -> None:
    page.open()
    page.shows('.tile[data-metric="visitors"] .change', "+200%")
    page.press("x")
    page.until(lambda: page.query["compare"] == "none")
    page.shows('.tile[data-metric="visitors"] .change', "")
    page.until(lambda: not page.all("#sources .with-change"))
    page.click(".compare summary")
    page.click(".compare a:nth-child(2)")
    page.until(lambda: page.query["compare"] == "previous_year")


@pytest.mark.parametrize(
    ("card", "row", "pill", "visitors"),
    [
        ("sources", 2, "Channel is Organic Search", "1"),
        ("pages", 2, "Page is /pricing", "2"),
        ("devices", 1, "Device is Mobile", "2"),
        ("goals", 2, "Event is purchase", "1"),
    ],
)
def test_a_click_on_a_row_filters_everything_and_another_undoes_it(
    page: Page, card: str, row: int, pill: str, visitors: str
) -> None:
    page.open()
    page.click(f"#{card} .row:nth-of-type({row + 1}), #{card} a.row:nth-child({row + 1})")
    page.shows(".pill", pill)
    page.shows(TILE.format("visitors"), visitors)
    page.click(f"#{card} .row.is-on")
    page.shows(".pill")
    page.shows(TILE.format("visitors"), "3")


def test_a_click_on_a_country_filters_and_escape_undoes_it(page: Page) -> None:
    page.open()
    page.until(lambda: len(page.all(".world-chart .choroplethlocation")) == 2)
    page.driver.execute_script(
        "document.querySelector('.world-chart').scrollIntoView({block: 'center'})"
    )
    france = page.all(".world-chart .choroplethlocation")[1]
    ActionChains(page.driver).move_to_element(france).click().perform()
    page.until(lambda: page.all(".pill"))
    assert page.texts(".pill")[0] in ("Country is France", "Country is Germany")
    page.press(Keys.ESCAPE)
    page.shows(".pill")
    page.shows(TILE.format("visitors"), "3")


def test_two_filters_are_removed_one_by_one(page: Page) -> None:
    page.open(f'{RANGE}&filters=["and",[["is","device",["mobile"]],["is","country",["FR"]]]]')
    page.shows(".pill", "Device is Mobile", "Country is France")
    page.shows(TILE.format("visitors"), "1")
    page.click(".pill:nth-child(2)")
    page.shows(".pill", "Device is Mobile")
    page.shows(TILE.format("visitors"), "2")
    page.click(".pill")
    page.shows(TILE.format("visitors"), "3")


def test_a_filter_that_matches_nothing_says_so_and_offers_to_clear(page: Page) -> None:
    page.open(f'{RANGE}&filters=["is","country",["JP"]]')
    page.shows("#sources .empty", "Nothing matches the filters. Clear them")
    page.shows(TILE.format("visitors"), "0")
    page.click("#sources .empty a")
    page.shows(TILE.format("visitors"), "3")
    assert "filters" not in page.query


def test_the_filter_dialog_adds_a_filter(page: Page) -> None:
    page.open()
    page.until(lambda: page.all(".filter-open"))
    page.press("f")
    box = page.until(lambda: page.all("#filter-values"))[0]
    page.until(box.is_displayed)
    box.send_keys("/pricing" + Keys.ENTER)
    page.click("#filter-apply")
    page.shows(".pill", "Page is /pricing")
    page.shows(TILE.format("visitors"), "2")


def test_search_finds_a_value_and_filters_by_it(page: Page) -> None:
    page.open()
    page.until(lambda: page.all("a[data-key='D']"))
    page.press("/")
    box = page.until(lambda: page.all("#search-choice"))[0]
    page.until(box.is_displayed)
    box.send_keys("Germ")
    page.until(lambda: "Germany" in page.texts("[role=option]"))
    box.send_keys(Keys.ENTER)
    page.shows(".pill", "Country is Germany")
    page.shows(TILE.format("visitors"), "2")


def test_a_tile_makes_its_metric_the_charts(page: Page) -> None:
    page.open()
    page.click('.tile[data-metric="revenue"]')
    page.shows(".legend.current", "Revenue")
    assert page.query["metric"] == "revenue"
    page.until(lambda: "$50.00" in page.texts(".traffic-chart .ytick"))


def test_the_interval_menu_changes_the_buckets(page: Page) -> None:
    page.open("?site=shop&from=2026-03-01&to=2026-03-31")
    page.shows(".chart-header summary", "Days")
    page.click(".chart-header summary")
    page.click(".chart-header .menu-body a:nth-child(3)")
    page.shows(".chart-header summary", "Weeks")
    assert page.query["interval"] == "week"


def test_dragging_across_the_chart_sets_the_period(page: Page) -> None:
    page.open("?site=shop&from=2026-03-01&to=2026-03-31")
    page.until(lambda: page.all(".traffic-chart .trace"))
    layer = page.all(".traffic-chart .nsewdrag")[0]
    half = layer.size["width"] // 2
    action = ActionChains(page.driver).move_to_element(layer).move_by_offset(-half + 5, 0)
    action.click_and_hold().move_by_offset(half // 2, 3).move_by_offset(half // 2, 3)
    action.release().perform()
    page.until(lambda: page.query["from"] == "2026-03-01" and page.query["to"] < "2026-03-20")
    last = date.fromisoformat(page.query["to"])
    assert date(2026, 3, 13) <= last <= date(2026, 3, 18)
    page.until(lambda: page.texts("#period-name")[0].startswith("1–"))


def test_tabs_are_part_of_the_address(page: Page) -> None:
    page.open()
    page.click("#devices .tab:nth-child(3)")
    page.until(lambda: page.query.get("devices") == "os")
    page.click("#pages .tab:nth-child(2)")
    page.until(lambda: rows(page, "pages") == ["/"])
    assert page.query["devices"] == "os"
    page.click("#locations .tab:nth-child(2)")
    page.until(lambda: [row.split("\n")[-1] for row in rows(page, "locations")])
    page.open(f"{RANGE}&pages=exit&locations=country")
    page.until(lambda: sorted(rows(page, "pages")) == ["/", "/checkout", "/pricing"])
    page.until(lambda: page.all("#locations .code"))


def test_the_details_are_searchable_and_lead_to_csv(page: Page) -> None:
    page.open()
    page.click("#pages .card-foot button")
    page.until(lambda: len(page.all("#details-grid .ag-center-cols-container .ag-row")) == 3)
    headings = page.texts("#details-grid .ag-header-cell-text")
    assert headings[:4] == ["Page", "Page views", "Before", "Change"]
    page.all("#details-search")[0].send_keys("pric")
    page.until(lambda: len(page.all("#details-grid .ag-center-cols-container .ag-row")) == 1)
    link = page.all(".details-tools a")[0].get_attribute("href")
    assert link.endswith(f"/export.csv{RANGE}&card=pages&tab=top")


def test_another_site_in_the_same_period(page: Page) -> None:
    page.open(f'{RANGE}&filters=["is","country",["DE"]]')
    page.click(".site-switcher summary")
    page.click(".site-switcher a:nth-child(1)")
    page.shows(".site-name", "Blog")
    page.shows(TILE.format("visitors"), "1")
    assert page.query == {"site": "blog", "from": DAY, "to": DAY}


def test_light_and_dark_and_back(page: Page) -> None:
    page.open()
    colours = {}
    for _ in range(2):
        page.click(".scheme-toggle")
        time.sleep(0.3)
        scheme = page.driver.execute_script(
            "return document.documentElement.dataset.mantineColorScheme"
        )
        colours[scheme] = page.driver.execute_script(
            "return getComputedStyle(document.querySelector('.card')).backgroundColor"
        )
    assert colours == {"dark": "rgb(18, 23, 30)", "light": "rgb(255, 255, 255)"}


def test_help_lists_the_keys(page: Page) -> None:
    page.open()
    page.press("?")
    page.until(lambda: "Comparison on or off\nX" in page.texts(".shortcut"))


def test_a_phone_sees_everything_without_scrolling_sideways(page: Page) -> None:
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 400, "height": 860, "deviceScaleFactor": 1, "mobile": True},
    )
    page.open()
    page.until(lambda: page.all(".hours-chart .hm"))
    width = page.driver.execute_script("return document.documentElement.scrollWidth")
    assert width == 400
    page.click(".nav-toggle")
    page.until(lambda: page.all(".sidebar .nav-link")[0].is_displayed())


def test_a_failed_panel_says_why_and_the_address_can_be_mended(page: Page) -> None:
    page.driver.get(f'{page.url}{RANGE}&filters=["is","weather",["sun"]]')
    page.until(lambda: page.texts("#sources .failed strong") == ["Sources could not be loaded"])
    assert page.texts("#sources .failed p") == ["'weather' is not a dimension to filter by"]
    assert page.texts("#sources .failed button") == ["Try again"]
    page.open()
    page.shows(TILE.format("visitors"), "3")


def test_a_site_without_events_waits_for_the_first_one(
    dash_br: Any, site: SiteUnderTest, dashboard: RunningDashboard
) -> None:
    page = Page(dash_br.driver, dashboard.url)
    page.driver.get(f"{dashboard.url}/?site=shop&period=today")
    page.until(lambda: page.texts(".waiting-line") == ["Waiting for the first event"])
    assert page.texts("#snippet") == [
        f'<script async src="{site.api.url}/t.js" data-site="shop"></script>'
    ]
    assert f"curl {site.api.url}/api/v1/events" in page.texts("#curl")[0]
    page.click(".welcome .text-link")
    page.click("#send-purchase")
    page.until(lambda: page.texts(".sent-line") and "1 accepted" in page.texts(".sent-line")[0])
    page.click("#send-burst")
    page.until(lambda: "50 accepted" in page.texts(".sent-line")[0])
    site.api.settle()
    page.click("#sender .text-link")
    page.until(lambda: page.texts(TILE.format("pageviews")) == ["50"], 40)
    assert page.errors() == []


def test_the_live_dot_counts_current_visitors(
    dash_br: Any, site: SiteUnderTest, dashboard: RunningDashboard
) -> None:
    site.send({"name": "page_view", "user_id": "ada", "path": "/"})
    site.api.settle()
    page = Page(dash_br.driver, dashboard.url)
    page.driver.get(f"{dashboard.url}/?site=shop&period=today")
    page.until(lambda: page.texts("#live") == ["1 current visitor"])
    assert page.all(".dot.is-on")


def test_closed_doors_ask_for_the_password(dash_br: Any, api: RunningApi) -> None:
    with running_dashboard(api, auth="required", dashboard_password="tide") as dashboard:
        page = Page(dash_br.driver, dashboard.url)
        page.driver.get(f"{dashboard.url}/?period=7d")
        page.all("#password")[0].send_keys("ebb" + Keys.ENTER)
        page.until(lambda: page.texts("[role=alert]") == ["That is not the password."])
        page.all("#password")[0].send_keys("tide" + Keys.ENTER)
        page.until(lambda: page.all(".topbar"))
        assert page.query == {"period": "7d"}
        page.until(lambda: page.all("form[action='/logout'] button"))
        page.click("form[action='/logout'] button")
        page.until(lambda: page.all("#password"))
