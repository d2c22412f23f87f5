"""What the tracker records, in a real Chromium, on pages of another origin than the server's."""

import gzip
import hashlib
import json
import time
from typing import Any, cast

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.tracker.harness import ROOT, Browser, Collector, site, wait_until
from tests.browser.tracker.tab import Tab

pytest_plugins = ["tests.browser.tracker.fixtures"]
pytestmark = pytest.mark.filterwarnings("ignore:HTTPResponse.getheader:DeprecationWarning")

TRACKER = ROOT / "assets" / "tracker.js"
SOURCE = ROOT / "assets" / "tracker.src.js"
HALVES = {"control": 1, "green": 1}


def test_the_tracker_is_small_and_made_from_its_source() -> None:
    served = TRACKER.read_bytes()
    assert len(gzip.compress(served, 6)) < 2048
    source_hash = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:8]
    assert served.decode().endswith(f"//{source_hash}\n"), "run assets/build-tracker.sh"


@pytest.mark.parametrize("script", ["/t.js", "/source/t.js"])
def test_a_page_view_says_where_and_with_what(
    driver: Browser, collector: Collector, script: str
) -> None:
    path = script.removesuffix("t.js") + "api/v1/events/batch"
    with site(collector.url + script) as url:
        driver.get(f"{url}/pricing?utm_source=news#plans")
        [event] = collector.wait_for("page_view")
    assert event.pop("timestamp") == pytest.approx(time.time() * 1000, abs=10_000)
    assert len(event.pop("event_id")) > 16
    assert event == {
        "site_id": "shop",
        "name": "page_view",
        "url": f"{url}/pricing?utm_source=news",
        "referrer": "",
        "title": "Shop",
        "screen": "800x600",
        "language": "en-US",
        "timezone": driver.execute_script(
            "return Intl.DateTimeFormat().resolvedOptions().timeZone"
        ),
    }
    [post] = collector.posts
    assert (post.method, post.path) == ("POST", path)
    assert post.headers["Content-Type"] == "text/plain;charset=UTF-8"
    assert post.headers["Origin"] == url
    assert "Cookie" not in post.headers


def test_pages_of_a_visit_and_the_time_spent_on_them(tab: Tab) -> None:
    tab.open("/")
    tab.collector.wait_for("page_view")
    time.sleep(0.3)
    tab.driver.find_element(By.ID, "next").click()
    views = tab.collector.wait_for("page_view", 2)
    assert tab.paths(views) == ["/", "/next?page=2"]
    assert views[1]["referrer"] == f"{tab.site}/"
    [engagement] = tab.collector.wait_for("engagement")
    assert engagement["url"] == f"{tab.site}/"
    elapsed_ms = engagement["timestamp"] - views[0]["timestamp"]
    assert 300 <= engagement["duration_ms"] < elapsed_ms + 100


def test_history_navigation_to_another_path_is_a_page_view(tab: Tab) -> None:
    tab.open("/start?x=1")
    tab.collector.wait_for("page_view")
    tab.run("history.pushState(null, '', '/list'); document.title = 'List'")
    tab.collector.wait_for("page_view", 2)
    tab.run("history.pushState(null, '', '/list?sort=price')")
    tab.run("history.replaceState(null, '', '/list?sort=name#3')")
    tab.run("history.replaceState(null, '', '/item'); document.title = 'Item'")
    tab.collector.wait_for("page_view", 3)
    tab.run("history.back()")
    tab.collector.wait_for("page_view", 4)
    tab.run("location.hash = 'reviews'")
    tab.go_elsewhere()
    tab.collector.wait_for("engagement", 4)
    views = tab.collector.events("page_view")
    assert tab.paths(views) == ["/start?x=1", "/list", "/item", "/list"]
    assert [view["title"] for view in views] == ["Shop", "List", "Item", "Item"]
    assert tab.paths(views, "referrer") == [
        "", "/start?x=1", "/list", "/item",
    ]  # fmt: skip
    seen_for = tab.collector.events("engagement")
    assert tab.paths(seen_for) == ["/start?x=1", "/list", "/item", "/list"]


def test_a_page_shown_again_from_the_back_forward_cache_is_a_page_view(tab: Tab) -> None:
    tab.open("/")
    tab.collector.wait_for("page_view")
    tab.run("window.alive = true")
    tab.open("/next")
    tab.collector.wait_for("page_view", 2)
    tab.driver.back()
    views = tab.collector.wait_for("page_view", 3)
    assert tab.run("return window.alive"), "Chromium loaded the page anew"
    assert tab.paths(views) == ["/", "/next", "/"]


def test_time_counts_only_while_the_page_is_visible(tab: Tab) -> None:
    tab.open("/")
    [view] = tab.collector.wait_for("page_view")
    page = tab.driver.current_window_handle
    time.sleep(0.3)
    tab.another_tab()
    [first] = tab.collector.wait_for("engagement")
    time.sleep(1)
    tab.driver.close()
    tab.driver.switch_to.window(page)
    wait_until(lambda: tab.run("return document.visibilityState") == "visible", 5)
    time.sleep(0.3)
    tab.go_elsewhere()
    [_, second] = tab.collector.wait_for("engagement", 2)
    assert first["duration_ms"] >= 300
    assert second["duration_ms"] >= 300
    elapsed_ms = second["timestamp"] - view["timestamp"]
    assert elapsed_ms - first["duration_ms"] - second["duration_ms"] >= 1000
    assert first["url"] == second["url"] == f"{tab.site}/"


def test_time_counts_from_when_the_page_has_the_focus(tab: Tab) -> None:
    tab.another_tab()  # its address bar has the focus
    tab.open("/")
    [view] = tab.collector.wait_for("page_view")
    time.sleep(1)
    tab.driver.find_element(By.TAG_NAME, "body").click()
    time.sleep(0.3)
    tab.go_elsewhere()
    [engagement] = tab.collector.wait_for("engagement")
    elapsed_ms = engagement["timestamp"] - view["timestamp"]
    assert 300 <= engagement["duration_ms"] <= elapsed_ms - 1000


def test_a_page_opened_in_the_background_is_viewed_when_it_is_shown(tab: Tab) -> None:
    tab.open("/")
    tab.collector.wait_for("page_view")
    opener = tab.driver.current_window_handle
    actions = cast(Any, ActionChains)(tab.driver)
    link = tab.driver.find_element(By.ID, "next")
    actions.key_down(Keys.CONTROL).click(link).key_up(Keys.CONTROL).perform()
    wait_until(lambda: len(tab.driver.window_handles) == 3, 5)
    time.sleep(0.5)
    assert tab.paths(tab.collector.events("page_view")) == ["/"]
    tab.driver.switch_to.window(opener)
    tab.driver.close()
    views = tab.collector.wait_for("page_view", 2)
    assert tab.paths(views) == ["/", "/next?page=2"]
    tab.driver.switch_to.window(tab.driver.window_handles[-1])


def test_clicks_on_outbound_links_and_downloads_are_recorded(tab: Tab) -> None:
    tab.open("/")
    tab.run("addEventListener('click', event => event.preventDefault())")
    for link in ("outbound", "download", "named-download", "next", "mail"):
        tab.driver.find_element(By.ID, link).click()
    tab.driver.find_element(By.CSS_SELECTOR, "#outbound b").click()
    clicks = tab.collector.wait_for("click", 4)
    assert [click["properties"] for click in clicks] == [
        {"link": "outbound", "href": "http://outbound.invalid/offer"},
        {"link": "download", "href": f"{tab.site}/files/price-list.PDF"},
        {"link": "download", "href": f"{tab.site}/report"},
        {"link": "outbound", "href": "http://outbound.invalid/offer"},
    ]


def test_a_middle_click_counts_and_a_right_click_does_not(tab: Tab) -> None:
    tab.open("/")
    tab.collector.wait_for("page_view")
    click = "document.querySelector('#outbound').dispatchEvent(new MouseEvent('auxclick', "
    tab.run(click + "{ button: 2, bubbles: true, composed: true }))")
    tab.run(click + "{ button: 1, bubbles: true, composed: true }))")
    time.sleep(0.3)
    assert len(tab.collector.wait_for("click")) == 1


def test_an_event_carries_value_currency_and_properties(tab: Tab) -> None:
    tab.open("/")
    tab.run(
        """const cart = { items: ["A-7"] }
        tideline("purchase", { value: 9.99, currency: "EUR", coupon: null, cart })
        cart.items.length = 0
        tideline("signup")
        tideline("plain", null)"""
    )
    [purchase] = tab.collector.wait_for("purchase")
    assert (purchase["value"], purchase["currency"]) == (9.99, "EUR")
    assert purchase["properties"] == {"coupon": None, "cart": {"items": ["A-7"]}}
    for name in ("signup", "plain"):
        [event] = tab.collector.wait_for(name)
        assert event["properties"] == {}
        assert "value" not in event


def test_calls_before_the_script_and_the_user_named_after_it_count_from_the_start(
    tab: Tab,
) -> None:
    tab.open("/identified")
    tab.collector.wait_for("late")
    events = tab.collector.events()
    assert [event["name"] for event in events] == [
        "page_view", "early", "experiment_exposure", "late",
    ]  # fmt: skip
    assert [event["user_id"] for event in events] == ["user-1"] * 4
    assert events[1]["properties"] == {"step": 1}
    assert len({event["timestamp"] for event in events}) == 4
    tab.run("tideline.identify(7); tideline('seven'); tideline.identify(null); tideline('nobody')")
    [seven] = tab.collector.wait_for("seven")
    [nobody] = tab.collector.wait_for("nobody")
    assert seven["user_id"] == "7"
    assert "user_id" not in nobody


def test_variants_are_those_of_the_shared_vectors(tab: Tab) -> None:
    tab.open("/")
    tab.collector.wait_for("page_view")
    outcomes = tab.driver.execute_async_script(
        """const done = arguments[0]
        fetch("/assignment_vectors.json").then(answer => answer.json()).then(vectors =>
          done(vectors.map(vector => {
            tideline.identify(vector.unit)
            const variant = tideline.experiment(vector.experiment, vector.weights)
            return [vector.experiment, vector.variant, variant]
          })))"""
    )
    assert len(outcomes) == 36
    for experiment, expected, variant in outcomes:
        assert variant == expected, experiment


def test_an_anonymous_visitor_keeps_the_variant_and_nothing_else_is_stored(tab: Tab) -> None:
    tab.open("/")
    variant = tab.run("return tideline.experiment('cta', arguments[0])", HALVES)
    again = tab.run("return tideline.experiment('cta', arguments[0])", HALVES)
    [exposure] = tab.collector.wait_for("experiment_exposure")
    assert again == variant
    assert exposure["properties"] == {"experiment": "cta", "variant": variant}
    tab.settled()
    assert tab.stored() == {"tideline.x.cta": variant}
    for path in ("/next", "/", "/next"):
        tab.open(path)
        assert tab.run("return tideline.experiment('cta', arguments[0])", HALVES) == variant
    [other] = {"control", "green"} - {variant}
    assert tab.run("return tideline.experiment('cta', arguments[0])", {other: 1}) == other
    tab.settled()
    assert tab.driver.get_cookies() == []


def test_a_persistent_visitor_is_exposed_once(tab: Tab) -> None:
    for path in ("/persist", "/persist", "/persist"):
        tab.open(path)
        tab.run("tideline.experiment('cta', arguments[0])", HALVES)
    views = tab.collector.wait_for("page_view", 3)
    tab.settled()
    assert len(tab.collector.events("experiment_exposure")) == 1
    assert len({event["anonymous_id"] for event in views}) == 1
    assert set(tab.stored()) == {"tideline.id", "tideline.x.cta"}
    assert tab.driver.get_cookies() == []


def test_a_site_may_respect_a_browser_that_asks_not_to_be_tracked(tab: Tab) -> None:
    tab.open("/dnt")
    tab.run("tideline('signup')")
    assert tab.run("return tideline.experiment('cta', { green: 1 })") == "green"
    time.sleep(0.3)
    tab.go_elsewhere()
    tab.open("/")
    tab.collector.wait_for("page_view")
    assert [event["title"] for event in tab.collector.events()] == ["Shop"]
    assert "tideline.id" not in tab.stored()


@pytest.mark.parametrize(
    ("wishes", "titles"),
    [
        ({"doNotTrack": None, "globalPrivacyControl": None}, ["Shop that asks", "Shop"]),
        ({"doNotTrack": "0", "globalPrivacyControl": True}, ["Shop"]),
    ],
)
def test_only_a_wish_not_to_be_tracked_stops_the_tracker(
    tab: Tab, wishes: dict[str, object], titles: list[str]
) -> None:
    script = "".join(
        f"Object.defineProperty(Navigator.prototype, '{wish}', {{ value: {json.dumps(value)} }});"
        for wish, value in wishes.items()
    )
    tab.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    tab.open("/dnt")
    time.sleep(0.3)
    tab.open("/")
    wait_until(lambda: len(tab.collector.events("page_view")) >= len(titles), 5)
    assert [view["title"] for view in tab.collector.events("page_view")] == titles


def test_wrong_calls_are_reported_in_the_console_and_not_thrown(tab: Tab) -> None:
    tab.open("/")
    tab.collector.wait_for("page_view")
    tab.run(
        """tideline()
        const circle = {}; circle.circle = circle; tideline("circle", circle)
        tideline("large", { text: "x".repeat(40000) })
        tideline.experiment("cta")
        tideline(function () { throw Error("of the page") })
        tideline("fine")"""
    )
    tab.collector.wait_for("fine")
    reports = tab.driver.get_log("browser")
    assert [(entry["source"], entry["level"]) for entry in reports] == [
        ("console-api", "SEVERE")
    ] * 5
    assert {event["name"] for event in tab.collector.events()} == {"page_view", "fine"}


def test_a_second_copy_of_the_script_does_nothing(tab: Tab) -> None:
    tab.open("/twice")
    tab.collector.wait_for("page_view")
    tab.run("tideline('once')")
    tab.collector.wait_for("once")
    assert [event["name"] for event in tab.collector.events()] == ["page_view", "once"]


@pytest.mark.parametrize(("page", "name"), [("/forbidden", "inside"), ("/full", "page_view")])
def test_without_storage_the_tracker_still_reports(tab: Tab, page: str, name: str) -> None:
    tab.open(page)
    assert tab.collector.wait_for(name)
