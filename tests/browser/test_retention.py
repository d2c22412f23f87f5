"""Retention and lifetime value in a real browser, beside what the API answers."""

from collections.abc import Iterator

import pytest
from dash.testing.browser import Browser

from tests.browser.conftest import fresh_page
from tests.browser.page import Page
from tests.browser.shops import Shop
from tests.sites import SiteUnderTest

VIEW = "/retention?site=shop&from=2026-03-02&to=2026-03-22"
CELLS = "#retention-table tbody tr:nth-child({}) :is(th, td:not([colspan]))"


def fill(site: SiteUnderTest) -> None:
    """Three visitors of the first week, two of whom come back; one of the second."""
    for user, country in (("ada", "DE"), ("bob", "DE"), ("eve", "FR")):
        site.visit(user, at="2026-03-03 10:00", pages=["/"], country=country)
    site.visit("kim", at="2026-03-10 10:00", pages=["/"], country="FR")
    site.visit("ada", at="2026-03-11 10:00", pages=["/"], country="DE")
    site.visit("eve", at="2026-03-18 10:00", pages=["/"], country="FR")
    site.event("purchase", "ada", at="2026-03-11 10:01", value="30", country="DE")


@pytest.fixture
def page(browser: Browser, shop: Shop) -> Iterator[Page]:
    yield from fresh_page(browser, shop.dashboard)


def shows_row(page: Page, number: int, *texts: str) -> None:
    page.shows(CELLS.format(number), *texts)


def test_the_heatmap_equals_the_api(page: Page, shop: Shop) -> None:
    page.driver.get(page.url + VIEW)
    shows_row(page, 1, "Average", "4", "100%", "25.0%", "33.3%")
    shows_row(page, 2, "16 Mar 2026", "0", "–")
    shows_row(page, 3, "9 Mar 2026", "1", "100%", "0.0%")
    shows_row(page, 4, "2 Mar 2026", "3", "100%", "33.3%", "33.3%")
    answer = shop.api.get(
        "/api/v1/retention", site_id="shop", first="2026-03-02", last="2026-03-22", grain="week"
    )
    assert [cohort["retained"] for cohort in answer["cohorts"]] == [[3, 1, 1], [1, 0], [0]]
    assert answer["average"] == [1, 1 / 4, 1 / 3]
    page.shows(".retention-lead", "Of new visitors, 25.0% in week 1 and 33.3% in week 2 came back.")
    page.until(lambda: page.all(".retention-chart .trace"))
    page.point("#retention-table tbody tr:nth-child(4) td:nth-child(4)", 0.5, 0.5)
    page.shows("#tip", "Week 1 of the cohort of week of 2 Mar 2026\n1 of 3 visitors: 33.3%")


def test_what_is_chosen_is_in_the_address_and_comes_back_with_it(page: Page) -> None:
    page.driver.get(page.url + VIEW)
    page.click("#retention .tab:nth-child(2)")
    shows_row(page, 4, "2 Mar 2026", "3", "$0.00", "$10.00", "$10.00")
    shows_row(page, 1, "Average", "4", "$0.00", "$7.50", "$10.00")
    assert page.query["shows"] == "ltv"
    page.driver.back()
    shows_row(page, 4, "2 Mar 2026", "3", "100%", "33.3%", "33.3%")
    page.click('#retention a[href*="mode=unbounded"]')
    shows_row(page, 4, "2 Mar 2026", "3", "100%", "66.7%", "33.3%")
    page.click('#retention a[href*="grain=month"]')
    shows_row(page, 2, "Mar 2026", "4", "100%")
    assert page.all("#retention-table .is-incomplete")
    page.driver.refresh()
    shows_row(page, 2, "Mar 2026", "4", "100%")


def test_a_filter_selects_members_and_none_left_is_said(page: Page) -> None:
    page.driver.get(page.url + VIEW + '&filters=["is","country",["DE"]]')
    shows_row(page, 4, "2 Mar 2026", "2", "100%", "50.0%", "0.0%")
    page.driver.get(page.url + VIEW + '&filters=["is","country",["US"]]')
    page.shows("#retention .empty", "Nothing matches the filters. Clear them")
    page.click("#retention .empty a")
    shows_row(page, 4, "2 Mar 2026", "3", "100%", "33.3%", "33.3%")


def test_a_phone_scrolls_the_table_and_not_the_page(page: Page) -> None:
    page.become_phone()
    page.driver.get(f"{page.url}{VIEW}&grain=day")
    page.until(lambda: len(page.all("#retention-table tr")) == 22)
    assert page.run("return document.documentElement.scrollWidth") == 400
    assert page.run("const t = document.querySelector('.scroll-x'); return t.scrollWidth > 400")
