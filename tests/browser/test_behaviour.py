"""Pages, events and sessions in a real browser, beside what the API answers."""

import csv
import io
import json
from collections.abc import Iterator

import pytest
from dash.testing.browser import Browser

from tests.browser.conftest import fresh_page
from tests.browser.page import Page
from tests.browser.shops import Shop
from tests.sites import DAY, SiteUnderTest

VIEW = f"?site=shop&from={DAY}&to={DAY}"
SESSION = ".session-line"


def fill(site: SiteUnderTest) -> None:
    """30 sessions of one page view, the newest of them longer: with a click and a purchase."""
    for number in range(29):
        site.visit(f"u{number:02}", at=f"10:{number:02}", pages=["/", "/a"][: 1 + number // 28])
    site.visit("ada", at="11:00", pages=["/", "/a"], country="DE", every_s=60)
    for user, plan in (("ada", "pro"), ("ada", "free"), ("u01", "pro")):
        site.event("choose", user, at="11:02", properties={"plan": plan, "n": 2})
    site.event("purchase", "ada", at="11:03", value="12.5", properties={"plan": "pro"})
    site.event("=cmd()", "ada", at="11:04")


@pytest.fixture
def page(browser: Browser, shop: Shop) -> Iterator[Page]:
    yield from fresh_page(browser, shop.dashboard)


def column(page: Page, grid: str, name: str) -> list[str]:
    """Texts of a column of a grid, from the top."""
    found: list[str] = page.run(
        "return [...document.querySelectorAll(`#${arguments[0]} .ag-row [col-id=${arguments[1]}]`)]"
        ".map((e) => [Number(e.closest('.ag-row').getAttribute('row-index')), e.innerText])"
        ".sort((a, b) => a[0] - b[0]).map(([_, text]) => text)",
        grid,
        name,
    )
    return found


def test_pages_are_searched_and_filter_by_a_click(page: Page, shop: Shop) -> None:
    page.driver.get(f"{page.url}/pages{VIEW}")
    page.until(lambda: column(page, "page-table-grid", "value") == ["/", "/a"])
    rows = shop.api.get("/api/v1/dashboard/pages", site_id="shop", first=DAY, last=DAY)["rows"]
    for name in ("pageviews", "visitors", "entries", "exits"):
        assert column(page, "page-table-grid", name) == [str(row[name]) for row in rows]
    assert [row["pageviews"] for row in rows] == [30, 2]
    page.all("[data-searches] input")[0].send_keys("/a")
    page.until(lambda: column(page, "page-table-grid", "value") == ["/a"])
    page.click("#page-table-grid .cell-link")
    page.shows(".pill", "Page is /a")
    page.until(lambda: column(page, "page-table-grid", "sessions") == [])
    page.click('#page-table a[href*="pages=exit"]')
    page.until(lambda: column(page, "page-table-grid", "visitors") == ["2"])
    assert page.query["pages"] == "exit"


def test_an_event_is_chosen_and_its_properties_are_broken_down(page: Page) -> None:
    page.driver.get(f"{page.url}/events{VIEW}")
    names = ["page_view", "choose", "=cmd()", "purchase"]
    page.until(lambda: column(page, "event-table-grid", "value") == names)
    assert column(page, "event-table-grid", "visitors") == ["30", "2", "1", "1"]
    assert column(page, "event-table-grid", "revenue_net")[3] == "12.50"
    page.shows("#event-properties h2", "Properties of choose")
    page.shows("#event-properties .tab", "n", "plan")
    page.click("#event-properties .tab:nth-child(2)")
    page.shows(
        "#event-properties tbody tr",
        "pro\t2\t66.7%\t2\t2\t0\t0.00",
        "free\t1\t33.3%\t1\t1\t0\t0.00",
    )
    page.until(lambda: page.query["event"] == "choose")
    page.run(
        "[...document.querySelectorAll('.cell-link')].find((e) => e.text === '=cmd()').click()"
    )
    page.shows("#event-properties .empty", "These events carry no properties in this period")
    page.driver.back()
    page.click("#event-properties tbody a")
    page.shows(".pill", "plan is pro")


def test_sessions_open_into_timelines_and_go_on_page_by_page(page: Page, shop: Shop) -> None:
    page.driver.get(f"{page.url}/sessions{VIEW}")
    page.until(lambda: len(page.all(SESSION)) == 25)
    assert page.texts(f"{SESSION} .who")[:2] == ["u01", "ada"]
    page.click(f".session:nth-child(2) {SESSION}")
    page.shows(
        ".timeline .stream-name",
        "Page view", "Page view", "choose", "choose", "purchase", "=cmd()",
    )  # fmt: skip
    page.shows(".timeline .passed", "+0s", "+1m 00s", "+2m 00s", "+2m 00s", "+3m 00s", "+4m 00s")
    assert page.texts(".timeline .is-conversion small") == ["$12.50 · plan: pro"]
    page.driver.refresh()
    page.until(lambda: len(page.all(".timeline-event")) == 6)
    page.click(".pager a")
    page.until(lambda: len(page.all(SESSION)) == 6)
    assert page.all(".timeline") == []
    rows = shop.api.get("/api/v1/analytics/sessions", site_id="shop", first=DAY, last=DAY)["rows"]
    assert page.texts(f"{SESSION} .who") == [row["user_id"] for row in rows[25:]]
    page.click(f".session:nth-child(1) {SESSION}")
    page.until(lambda: page.all(".timeline"))
    assert len(page.all(SESSION)) == 6
    page.driver.get(
        page.driver.current_url.split("&after=")[0] + "&session=" + page.query["session"]
    )
    page.until(lambda: len(page.all(SESSION)) == 26)
    page.driver.get(f"{page.url}/sessions{VIEW}&session=nonsense")
    page.until(lambda: "is not a cursor" in " ".join(page.texts(".failed-text p")))


def test_all_rows_are_exported_and_formulas_are_harmless(shop: Shop) -> None:
    client = shop.dashboard.client
    found = client.get(f"/export/events.csv{VIEW}").text
    names = [row["name"] for row in csv.DictReader(io.StringIO(found))]
    assert (len(names), names[0]) == (37, "'=cmd()")
    lines = client.get(f"/export/sessions.ndjson{VIEW}").text.splitlines()
    wanted = {"accept": "application/x-ndjson"}
    route = f"/api/v1/analytics/sessions?site_id=shop&from={DAY}&to={DAY}"
    assert lines == shop.api.client.get(route, headers=wanted).text.splitlines()
    assert json.loads(lines[1])["user_id"] == "ada"
    assert client.get(f"/export/users.csv{VIEW}").status_code == 404
    assert client.get("/export/events.csv?site=none").status_code == 400


def test_a_phone_has_room(page: Page) -> None:
    page.become_phone()
    for path, part in (("pages", ".ag-row"), ("events", ".property-table"), ("sessions", SESSION)):
        page.driver.get(f"{page.url}/{path}{VIEW}")
        page.until(lambda wanted=part: page.all(wanted))
        assert page.run("return document.documentElement.scrollWidth") == 400
