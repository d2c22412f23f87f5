"""Every click of the Overview, in a real browser."""

import re
from datetime import date
from urllib.parse import urlsplit

import psycopg
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.api import RunningApi
from tests.browser.page import RANGE, TILE, Page, rows
from tests.sites import DAY

COMPARED = "?site=shop&from=2026-03-09&to=2026-03-10&interval=day&compare=2026-03-08..2026-03-09"
LAYER = ".{}-chart .nsewdrag"
HOVER = ".traffic-chart .hovertext"
TABS = {
    "sources": [
        ("Channel", "channel", ["Direct", "Organic Search"]),
        ("Source", "source", ["Direct", "Google"]),
        ("Referrer", "referrer", ["(not known)", "google.com"]),
        ("Campaign", "campaign", ["(not known)"]),
    ],
    "pages": [
        ("Top", "top", ["/", "/pricing", "/checkout"]),
        ("Entry", "entry", ["/"]),
        ("Exit", "exit", ["/", "/checkout", "/pricing"]),
    ],
    "locations": [
        ("Map", "map", []),
        ("Country", "country", ["DEGermany", "FRFrance"]),
        ("Region", "region", ["(not known)"]),
        ("City", "city", ["(not known)"]),
    ],
    "devices": [
        ("Device", "device", ["Mobile", "Desktop"]),
        ("Browser", "browser", ["(not known)"]),
        ("System", "os", ["(not known)"]),
        ("Screen", "screen", ["(not known)"]),
    ],
}


def hover_text(page: Page) -> str:
    """What the chart says when the pointer comes to its end."""
    page.point(LAYER.format("traffic"), 0.5, 0.5)
    page.point(LAYER.format("traffic"), 0.98, 0.5)
    return "".join(page.texts(HOVER))


def column(page: Page, name: str) -> list[str]:
    """Texts of a column of the details, from the top."""
    found: list[str] = page.run(
        "return [...document.querySelectorAll(`#details-grid .ag-row [col-id=${arguments[0]}]`)]"
        ".map((e) => [Number(e.closest('.ag-row').getAttribute('row-index')), e.innerText])"
        ".sort((a, b) => a[0] - b[0]).map(([_, text]) => text)",
        name,
    )
    return found


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
    page.until(lambda: len(page.all(".country")) == 2)
    page.until(lambda: page.all("#hours .hour"))
    figures = shared_api.get("/api/v1/dashboard/overview", site_id="shop", first=DAY, last=DAY)[
        "overview"
    ]
    assert (figures["visitors"], figures["sessions"], figures["pageviews"]) == (3, 3, 6)
    assert figures["revenue_net"] == "49.90"
    names = page.run("return performance.getEntriesByType('resource').map((e) => e.name)")
    hosts = {urlsplit(name).netloc for name in names if name.startswith("http")}
    assert hosts == {urlsplit(page.url).netloc}


@pytest.mark.parametrize(
    ("card", "tab", "row", "pill", "visitors"),
    [
        ("sources", "channel", 2, "Channel is Organic Search", "1"),
        ("sources", "source", 2, "Source is Google", "1"),
        ("pages", "top", 2, "Page is /pricing", "2"),
        ("pages", "entry", 1, "Entry page is /", "3"),
        ("locations", "country", 1, "Country is Germany", "2"),
        ("devices", "device", 1, "Device is Mobile", "2"),
        ("goals", "event", 2, "Event is purchase", "1"),
    ],
)
def test_a_click_on_a_row_filters_everything_and_another_undoes_it(
    page: Page, card: str, tab: str, row: int, pill: str, visitors: str
) -> None:
    page.open(f"{RANGE}&{card}={tab}")
    page.click(f"#{card} .row:nth-of-type({row + 1}), #{card} a.row:nth-child({row + 1})")
    page.shows(".pill", pill)
    page.shows(TILE.format("visitors"), visitors)
    page.click(f"#{card} .row.is-on")
    page.shows(".pill")
    page.shows(TILE.format("visitors"), "3")


def test_a_click_on_a_country_filters_and_escape_undoes_it(page: Page) -> None:
    page.open()
    germany = '.country[aria-label^="Germany"]'
    page.until(lambda: page.all(germany))
    page.point(f"{germany} use", 0.5, 0.5)
    page.shows("#tip", "Germany\n2 visitors · 66.7%")
    page.point(f"{germany} use", 0.5, 0.5, click=True)
    page.shows(".pill", "Country is Germany")
    page.shows(TILE.format("visitors"), "2")
    page.until(lambda: len(page.all(".country")) == 1)
    page.press(Keys.ESCAPE)
    page.shows(".pill")
    page.shows(TILE.format("visitors"), "3")


def test_a_click_on_an_hour_filters_and_another_or_escape_undoes_it(page: Page) -> None:
    page.open()
    page.until(lambda: page.all("#hours .hour"))
    tuesday_at_ten = "#hours .day:nth-child(2) .hour:nth-child(12)"
    for undo in (
        lambda: page.point(f"{tuesday_at_ten}.is-on", 0.5, 0.5, click=True),
        lambda: page.press(Keys.ESCAPE),
    ):
        page.point(tuesday_at_ten, 0.5, 0.5, click=True)
        page.shows("#tip", "Tuesday, 10:00–11:00\n1 visitor")
        page.shows(".pill", "Weekday is Tuesday", "Hour is 10:00")
        page.shows(TILE.format("visitors"), "1")
        page.until(lambda: rows(page, "sources") == ["Organic Search"])
        undo()
        page.shows(".pill")
        page.shows(TILE.format("visitors"), "3")


def test_the_hours_are_one_tab_stop_and_chosen_with_the_keys(page: Page) -> None:
    page.open()
    page.until(lambda: page.all("#hours .hour"))
    focused = "return document.activeElement.getAttribute('aria-label')"
    assert len(page.all('#hours [tabindex="0"]')) == 1
    page.run("document.querySelector('#hours [tabindex=\"0\"]').focus()")
    page.press(Keys.ARROW_DOWN + Keys.ARROW_RIGHT * 10)
    assert page.run(focused) == "Tuesday, 10:00–11:00\n1 visitor"
    page.shows("#tip", "Tuesday, 10:00–11:00\n1 visitor")
    for pills in (["Weekday is Tuesday", "Hour is 10:00"], []):
        page.press(Keys.ENTER)
        page.shows(".pill", *pills)
        page.until(lambda pills=pills: bool(page.all("#hours .is-on")) == bool(pills))
        assert page.run(focused) == "Tuesday, 10:00–11:00\n1 visitor"


def test_a_filter_that_matches_nothing_says_so_and_offers_to_clear(page: Page) -> None:
    page.open(f'{RANGE}&filters=["is","country",["JP"]]')
    page.shows("#sources .empty", "Nothing matches the filters. Clear them")
    page.shows(TILE.format("visitors"), "0")
    page.click("#sources .empty a")
    page.shows(TILE.format("visitors"), "3")
    assert "filters" not in page.query


def test_a_tile_makes_its_metric_the_charts(page: Page) -> None:
    page.open()
    page.click('.tile[data-metric="revenue"]')
    page.shows(".legend.current", "Revenue")
    assert page.query["metric"] == "revenue"
    page.until(lambda: "$50.00" in page.texts(".traffic-chart .ytick"))
    page.click('.tile[data-metric="views_per_session"]')
    page.shows(".legend.current", "Views per session")
    page.until(lambda: "3.00" in page.texts(".traffic-chart .ytick"))
    assert page.all('.tile[data-metric="views_per_session"] img')


def test_a_tile_says_what_it_means_and_as_of_when(page: Page) -> None:
    page.open()
    hint = '.tile[data-metric="bounce_rate"] .hint'
    assert not page.all(hint)[0].is_displayed()
    page.point('.tile[data-metric="bounce_rate"]', 0.5, 0.5)
    page.until(lambda: page.all(hint)[0].is_displayed())
    name, definition, before, trend, foot = page.texts(f"{hint} > *")
    assert name == "Bounce rate: 33.3%"
    assert definition.startswith("Sessions with exactly one page view and no other event")
    assert before == "Compared with 100% before"
    assert trend == "Trend: not enough data"
    assert re.fullmatch(r"exact · as of \d\d:\d\d:\d\d", foot)


def test_hover_shows_both_values_and_the_change(page: Page) -> None:
    page.open(COMPARED)
    page.until(lambda: page.all(".traffic-chart .trace"))
    expected = "Tue 10 Mar 20263 visitors1 on Mon 9 Mar 2026▲ +200%"
    page.until(lambda: hover_text(page) == expected)


def test_notes_are_flags_on_the_chart(page: Page) -> None:
    page.open(COMPARED)
    page.click(".chart-tools button")
    box = page.until(lambda: page.all("#note-text"))[0]
    page.until(box.is_displayed)
    page.until(lambda: page.texts(".notes-empty"))
    box.send_keys("Sale <b>begins</b>" + Keys.ENTER)
    page.shows(".note > span", "Tue 10 Mar 2026", "Sale <b>begins</b>")
    page.shows(".traffic-chart .annotation-text", "⚑")
    page.press(Keys.ESCAPE)
    page.until(lambda: not page.all("#note-text"))
    page.until(lambda: "⚑ Sale <b>begins</b>" in hover_text(page))
    page.click(".chart-tools button")
    page.click(".note button")
    page.shows(".notes-empty", "No note yet. A note marks its day with a flag.")
    page.shows(".traffic-chart .annotation-text")


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


def test_every_card_has_its_tabs_and_they_are_part_of_the_address(page: Page) -> None:
    page.open()
    for card, tabs in TABS.items():
        page.until(lambda card=card: page.all(f"#{card} .tab"))
        assert page.texts(f"#{card} .tab") == [label for label, _, _ in tabs]
        for number, (label, key, found) in enumerate(tabs, 1):
            page.click(f"#{card} .tab:nth-child({number})")
            page.shows(f"#{card} .tab.is-on", label)
            page.until(lambda card=card, found=found: sorted(rows(page, card)) == sorted(found))
            assert page.query.get(card) == key
    last = {card: tabs[-1][1] for card, tabs in TABS.items()}
    assert page.query == {"site": "shop", "from": DAY, "to": DAY, **last}


def test_the_details_are_searched_sorted_compared_and_lead_to_csv(page: Page) -> None:
    page.open()
    page.click("#pages .card-foot button")
    page.until(lambda: column(page, "value") == ["/", "/pricing", "/checkout"])
    headings = page.texts("#details-grid .ag-header-cell-text")
    assert headings[:4] == ["Page", "Page views", "Before", "Change"]
    assert column(page, "before") == ["1", "0", "0"]
    assert column(page, "change") == ["+200%", "–", "–"]
    page.click('#details-grid .ag-header-cell[col-id="value"] .ag-header-cell-label')
    page.until(lambda: column(page, "value") == ["/", "/checkout", "/pricing"])
    page.all('[data-searches="details-grid"] input')[0].send_keys("pric")
    page.until(lambda: column(page, "value") == ["/pricing"])
    link = page.all(".details-tools a")[0].get_attribute("href")
    assert link.endswith(f"/export.csv{RANGE}&card=pages&tab=top")
    text = page.run("return fetch(arguments[0]).then((answer) => answer.text())", link)
    assert text.splitlines() == [
        "page,pageviews,visitors,entries,exits,bounce_rate,time_on_page_s,share,before,change",
        f"/,3,3,3,1,{1 / 3},,0.5,1,2.0",
        f"/pricing,2,2,0,1,,,{1 / 3},0,",
        f"/checkout,1,1,0,1,,,{1 / 6},0,",
    ]


def test_the_details_of_every_card(page: Page) -> None:
    page.open(f"{RANGE}&sources=referrer&locations=map")
    page.until(lambda: page.all("#goals .card-foot button"))
    for card, heading, first in (
        ("sources", "Sources by referrer", "(not known)"),
        ("locations", "Locations by country", "Germany"),
        ("devices", "Devices", "Mobile"),
        ("goals", "Goals & events by event", "page_view"),
    ):
        page.click(f"#{card} .card-foot button")
        page.shows(".details-tools strong", heading)
        page.until(lambda first=first: column(page, "value")[:1] == [first])
        page.press(Keys.ESCAPE)
        page.until(lambda: not page.all(".details-tools"))


def test_a_failed_panel_says_why_and_the_address_can_be_mended(page: Page) -> None:
    page.driver.get(f'{page.url}{RANGE}&filters=["is","weather",["sun"]]')
    page.until(lambda: page.texts("#sources .failed strong") == ["Sources could not be loaded"])
    assert page.texts("#sources .failed p") == ["'weather' is not a dimension to filter by"]
    assert page.texts("#sources .failed button") == ["Try again"]
    assert page.texts("#frame .failed strong") == ["The site could not be loaded"]
    page.click("#frame .failed a")
    page.shows(".site-name", "Blog")
    page.until(lambda: page.all(".tile-value"))
    assert page.query == {}


def test_a_failed_panel_stands_alone_and_tries_again(page: Page, shared_api: RunningApi) -> None:
    with psycopg.connect(shared_api.database_url, autocommit=True) as conn:
        conn.execute("ALTER TABLE hour_visitors RENAME TO away")
        try:
            page.open("?site=shop&from=2026-03-08&to=2026-03-10")
            page.shows("#hours .failed strong", "Time of day could not be loaded")
            page.shows(TILE.format("visitors"), "4")
            page.until(lambda: rows(page, "devices") == ["Desktop", "Mobile"])
        finally:
            conn.execute("ALTER TABLE away RENAME TO hour_visitors")
    page.click("#hours .failed button")
    page.until(lambda: page.all("#hours .hour"))
    page.shows("#hours .failed")
