"""A funnel is built, read, split, kept and shared in a real browser, beside the API's answer."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from dash.testing.browser import Browser
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import fresh_page
from tests.browser.page import Page
from tests.browser.shops import Shop
from tests.sites import DAY, SiteUnderTest

VIEW = f"/funnels?site=shop&from={DAY}&to={DAY}"
STEPS = ".chosen-step > span:nth-child(2) > span"
COUNTS = ".funnel-told span"
EXPERIMENT = {
    "site_id": "shop",
    "key": "button",
    "variants": [{"key": "control", "weight": 1}, {"key": "green", "weight": 1}],
    "control": "control",
    "goals": [{"event": "purchase", "metric": "conversion"}],
}


def fill(site: SiteUnderTest) -> None:
    """A shop: four come, three see a product, two of them fill a cart, one buys."""
    for user, device, pages in (
        ("ada", "desktop", ["/", "/product/a", "/product/b"]),
        ("bob", "mobile", ["/", "/product/c"]),
        ("eve", "mobile", ["/", "/product/a"]),
        ("kim", "mobile", ["/"]),
    ):
        site.visit(user, at="10:00", pages=pages, device=device)
    site.api.post("/api/v1/experiments", EXPERIMENT, expect=(201,))
    for user, variant in (("ada", "green"), ("bob", "control"), ("eve", "control")):
        seen = {"experiment": "button", "variant": variant}
        site.event("experiment_exposure", user, at="10:01", properties=seen)
    site.event("add_to_cart", "ada", at="10:05", device="desktop")
    site.event("add_to_cart", "bob", at="12:00", device="mobile")
    site.event("purchase", "ada", at="10:08", value="9", device="desktop")


@pytest.fixture
def page(browser: Browser, shop: Shop) -> Iterator[Page]:
    for page in fresh_page(browser, shop.dashboard):
        page.driver.get(page.url + VIEW)
        yield page


def answer(shop: Shop, *steps: dict[str, str], **rules: Any) -> dict[str, Any]:
    """What the API says of a funnel on DAY."""
    question = {"site_id": "shop", "from": DAY, "to": DAY, "steps": steps, **rules}
    found: dict[str, Any] = shop.api.post("/api/v1/funnels/query", question, expect=(200,))
    return found


def test_the_first_suggestion_is_the_way_to_a_purchase_and_equals_the_api(
    page: Page, shop: Shop
) -> None:
    page.shows(STEPS, "/", "/product/*", "add_to_cart", "purchase")
    page.shows(COUNTS, "4", "3", "2", "1")
    page.shows(".funnel-step small", "enter", "−1 (25.0%)", "−1 (33.3%)", "−1 (50.0%)")
    page.shows(".funnel-lead", "25.0% of 4 visitors go all the way, half of them within 8m 00s.")
    steps = [{"page": "/"}, {"page": "/product/*"}, {"event": "add_to_cart"}]
    found = answer(shop, *steps, {"event": "purchase"})
    assert [step["count"] for step in found["steps"]] == [4, 3, 2, 1]
    assert found["time_to_convert_s"]["median"] == 480

    page.click('#funnel-rules a[href*="per=session"]')
    page.shows(COUNTS, "4", "3", "1", "1")
    page.click('#funnel-rules a[href*="by=device"]')
    page.until(lambda: page.all(".funnel-table"))
    table = [text.replace("\u00a0", "") for text in page.texts(".funnel-table tbody tr")]
    assert [row.split() for row in table] == [
        ["Everybody", "4", "3", "75.0%", "1", "25.0%", "1", "25.0%", "25.0%", "8m", "00s"],
        ["Mobile", "3", "2", "66.7%", "0", "0.0%", "0", "0.0%", "0.0%", "–"],
        ["Desktop", "1", "1", "100%", "1", "100%", "1", "100%", "100%", "8m", "00s"],
    ]


def test_steps_are_typed_moved_removed_and_the_link_shows_the_same(page: Page) -> None:
    page.shows(COUNTS, "4", "3", "2", "1")
    for _ in range(4):
        count = len(page.all(".chosen-step"))
        page.click('.chosen-step [title="Remove"]')
        page.until(lambda left=count - 1: len(page.all(".chosen-step")) == left)
    page.shows("#funnel .empty", "Add the steps of a way through the site")
    box = page.all("#funnel-add")[0]
    for number, text in enumerate(("add_to_cart", "/prod*"), 1):
        box.send_keys(text, Keys.ENTER)
        page.until(lambda wanted=number: len(page.all(".chosen-step")) == wanted)
    page.shows(COUNTS, "2", "0")
    page.click('.chosen-step [title="Earlier"]')
    page.shows(COUNTS, "3", "2")
    assert json.loads(page.query["steps"]) == [{"page": "/prod*"}, {"event": "add_to_cart"}]
    page.driver.refresh()
    page.shows(STEPS, "/prod*", "add_to_cart")
    page.shows(COUNTS, "3", "2")


def test_the_variants_of_an_experiment_split_it(page: Page) -> None:
    page.click('#funnel-rules a[href*="by=experiment"]')
    page.until(lambda: page.all(".funnel-table"))
    assert page.query["by"] == "experiment:button"
    rows = [text.split() for text in page.texts(".funnel-table tbody tr")]
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        ("Everybody", "4", "00s"), ("control", "2", "–"), ("green", "1", "00s"),
    ]  # fmt: skip


def test_a_funnel_is_saved_opened_and_deleted(page: Page, shop: Shop) -> None:
    steps = '[{"page":"/"},{"event":"purchase","label":"Paid"}]'
    page.driver.get(
        f'{page.url}{VIEW}&steps={steps}&window=86400&filters=["is","device",["desktop"]]'
    )
    page.shows(STEPS, "/", "Paid")
    page.until(lambda: page.all("#funnel-save"))
    page.click(".page-head .menu summary")
    assert not page.all(".mantine-TextInput-error")
    page.all("#funnel-name")[0].send_keys("From the start", Keys.ENTER)
    page.until(lambda: page.all(".saved-funnel"))
    (kept,) = shop.api.get("/api/v1/funnels", site_id="shop")["funnels"]
    assert (kept["name"], kept["window_s"]) == ("From the start", 86_400)
    assert kept["filters"] == ["is", "device", ["desktop"]]
    assert [step["label"] for step in kept["steps"]] == [None, "Paid"]

    page.driver.get(page.url + VIEW)
    page.shows(COUNTS, "4", "3", "2", "1")
    page.click(".saved-funnel a")
    page.shows(COUNTS, "1", "1")
    page.shows(".pill", "Device is Desktop")
    page.click(".saved-funnel button")
    page.until(lambda: not page.all(".saved-funnel"))
    assert shop.api.get("/api/v1/funnels", site_id="shop")["funnels"] == []


def test_nobody_entering_is_said_and_a_phone_is_wide_enough(page: Page) -> None:
    page.become_phone()
    page.driver.get(f"{page.url}{VIEW}&by=device")
    page.until(lambda: page.all(".funnel-table"))
    assert page.run("return document.documentElement.scrollWidth") == 400
    page.driver.get(f'{page.url}{VIEW}&steps=[{{"event":"signup"}},{{"event":"purchase"}}]')
    page.shows("#funnel .empty", "No visitor of this period reaches 'signup'.")
