"""Every click and key of the frame: site, period, comparison, filters, navigation, scheme."""

import time

from selenium.webdriver.common.keys import Keys

from tests.browser.page import RANGE, TILE, Page
from tests.sites import DAY


def test_keys_choose_the_period(page: Page) -> None:
    page.open("?site=shop")
    page.until(lambda: page.all("a[data-key='D']"))
    for key, period in (("d", "today"), ("w", "7d"), ("3", "90d"), ("y", "12mo")):
        page.press(key)
        page.until(lambda wanted=period: page.query.get("period") == wanted)
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
    page.driver.back()
    page.shows("#period-name", "9 Mar 2026")
    page.driver.forward()
    page.shows("#period-name", "10 Mar 2026")
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
        scheme = page.run("return document.documentElement.dataset.mantineColorScheme")
        colours[scheme] = page.run(
            "return getComputedStyle(document.querySelector('.card')).backgroundColor"
        )
    assert colours == {"dark": "rgb(18, 23, 30)", "light": "rgb(255, 255, 255)"}


def test_help_lists_the_keys(page: Page) -> None:
    page.open()
    page.until(lambda: page.all(".nav-foot button"))
    for ask in (lambda: page.press("?"), lambda: page.click(".nav-foot button")):
        ask()
        page.until(lambda: "Comparison on or off\nX" in page.texts(".shortcut"))
        assert page.all("[role=dialog] button[aria-label=Close]")
        page.press(Keys.ESCAPE)
        page.until(lambda: not page.all(".shortcut"))


def test_escape_closes_an_open_menu_before_it_undoes_a_filter(page: Page) -> None:
    page.open(f'{RANGE}&filters=["is","country",["DE"]]')
    page.shows(".pill", "Country is Germany")
    for menu in (".site-switcher", ".period", ".compare", ".chart-tools .menu"):
        page.run("document.querySelector(arguments[0]).focus()", f"{menu} summary")
        page.press(Keys.ENTER)
        page.until(lambda menu=menu: page.all(f"{menu}[open]"))
        page.press(Keys.TAB)
        assert not page.all(f"{menu} summary:focus")
        page.press(Keys.ESCAPE)
        page.until(lambda: not page.all("details[open]"))
        assert page.all(f"{menu} summary:focus")
    page.shows(".pill", "Country is Germany")
    page.press(Keys.ESCAPE)
    page.shows(".pill")


def test_a_phone_sees_everything_without_scrolling_sideways(page: Page) -> None:
    page.become_phone()
    page.open()
    page.until(lambda: page.all("#hours .hour"))
    width = page.run("return document.documentElement.scrollWidth")
    assert width == 400
    names = [page.all(button)[0].accessible_name for button in (".filter-open", ".compare summary")]
    assert names == ["Filter", "Previous period"]
    page.click(".nav-toggle")
    page.until(lambda: page.all(".sidebar .nav-link")[0].is_displayed())


def test_two_filters_are_removed_one_by_one(page: Page) -> None:
    page.open(f'{RANGE}&filters=["and",[["is","device",["mobile"]],["is","country",["FR"]]]]')
    page.shows(".pill", "Device is Mobile", "Country is France")
    page.shows(TILE.format("visitors"), "1")
    page.click(".pill:nth-child(2)")
    page.shows(".pill", "Device is Mobile")
    page.shows(TILE.format("visitors"), "2")
    page.click(".pill")
    page.shows(TILE.format("visitors"), "3")
    page.driver.back()
    page.driver.back()
    page.shows(".pill", "Device is Mobile", "Country is France")
    page.click(".pills .text-link")
    page.shows(".pill")
    assert "filters" not in page.query


def test_the_filter_dialog_adds_a_filter(page: Page) -> None:
    page.open()
    page.click(".filter-open")
    box = page.until(lambda: page.all("#filter-values"))[0]
    page.until(box.is_displayed)
    box.send_keys("/pricing" + Keys.ENTER)
    page.click("#filter-apply")
    page.shows(".pill", "Page is /pricing")
    page.shows(TILE.format("visitors"), "2")
    page.until(lambda: not page.all("#filter-values"))
    page.press("f")
    page.until(lambda: page.all("#filter-values"))


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


def test_the_navigation_leads_to_a_page_and_back_in_the_same_view(page: Page) -> None:
    page.open()
    page.until(lambda: page.texts(".nav-link.is-on") == ["Overview"])
    page.click('.nav-link[href^="/experiments"]')
    page.shows(".nav-link.is-on", "Experiments")
    page.until(lambda: "Experiments" in page.texts("h1"))
    assert page.query == {"site": "shop", "from": DAY, "to": DAY}
    page.click('.nav-link[href^="/?"]')
    page.shows(".nav-link.is-on", "Overview")
    page.shows(TILE.format("visitors"), "3")


def test_a_copied_link_shows_the_same_view(page: Page) -> None:
    page.open()
    page.press("x")
    page.until(lambda: page.query.get("compare") == "none")
    page.click("#devices .row:nth-of-type(2), #devices a.row")
    page.shows(".pill", "Device is Mobile")
    page.click('.tile[data-metric="pageviews"]')
    page.click("#pages .tab:nth-child(3)")
    page.until(lambda: page.query.get("pages") == "exit")
    copied = page.driver.current_url
    page.driver.get("about:blank")
    page.driver.get(copied)
    page.shows(".pill", "Device is Mobile")
    page.shows(TILE.format("visitors"), "2")
    page.shows(".legend", "Page views")
    page.shows("#pages .tab.is-on", "Exit")
    page.shows(".compare .button", "No comparison")
    assert page.driver.current_url == copied
