"""An experiment from its form to its verdict, in a real browser."""

from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from dashboard_app.experiment_texts import unbroken
from tests.browser.page import Page
from tests.experiments import ROUTE, ExperimentUnderTest
from tests.sites import SiteUnderTest

LIST = "/experiments?site=shop"
ARMS = {"control": (150, 15), "variant": (150, 105)}
"""Visitors exposed, and those of them who buy."""


@pytest.fixture
def page(own_page: Page, site: SiteUnderTest) -> Page:
    """The list of experiments of a site that has been visited."""
    site.visit("ada", at="09:00", pages=["/"])
    site.api.settle()
    own_page.driver.get(own_page.url + LIST)
    return own_page


def fill(page: Page, field: str, text: str) -> None:
    """Types into a field of the form, in place of what is there."""
    box = page.until(lambda: page.all(f"#experiment-{field}"))[0]
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys(text, Keys.TAB)


def answer(site: SiteUnderTest) -> dict[str, Any]:
    found: dict[str, Any] = site.api.get(f"{ROUTE}/button", site_id=site.slug)
    return found


def take_part(site: SiteUnderTest) -> None:
    """Visitors see the variants at ten and some of them buy at eleven."""
    site.send(
        *(
            {
                "name": "experiment_exposure", "user_id": f"{arm}{number}", "at": "10:00",
                "properties": {"experiment": "button", "variant": arm},
            }
            for arm, (visitors, _) in ARMS.items()
            for number in range(visitors)
        ),
        *(
            {"name": "purchase", "user_id": f"{arm}{number}", "at": "11:00", "value": "5"}
            for arm, (_, buyers) in ARMS.items()
            for number in range(buyers)
        ),
    )  # fmt: skip
    site.api.settle()


def test_an_experiment_is_defined_read_changed_and_stopped(page: Page, site: SiteUnderTest) -> None:
    page.shows(".empty p:first-child", "No experiment on this site yet.")
    page.click("#experiment-new")
    fill(page, "name", "Checkout button")
    fill(page, "key", "button")
    page.click("#experiment-save")
    page.shows("h1", "Checkout button")
    assert answer(site)["goals"] == [
        {"event": "purchase", "metric": "conversion", "role": "primary", "direction": "increase"}
    ]

    take_part(site)
    result = ExperimentUnderTest(site).result()
    assert (result["verdict"], result["winner"]) == ("win", "variant")
    assert result["reason"].startswith("variant beats control on purchase rate: difference +60 ")
    page.driver.refresh()
    page.shows(".verdict-sentence", unbroken(result["reason"]))
    page.shows(".verdict-card .verdict", "Win")

    page.click("#experiment-new")
    page.until(lambda: page.all("#experiment-key:disabled"))
    fill(page, "event-1", "refund")
    page.click("#experiment-save")
    page.until(lambda: "Goals changed on" in " ".join(page.texts(".notice")))
    assert [goal["event"] for goal in answer(site)["goals"]] == ["purchase", "refund"]
    assert [change["field"] for change in answer(site)["changes"]] == ["goals"]

    page.click("#experiment-stop button")
    page.driver.switch_to.alert.accept()
    page.until(lambda: any("Stopped" in text for text in page.texts(".card-note")))
    assert answer(site)["ends_at"] is not None
    assert not page.all("#experiment-stop")
    site.api.settle()
    page.driver.get(page.url + LIST)
    page.shows(".experiment-line .verdict", answer(site)["verdict"].capitalize())
    page.shows(".experiment-reason", answer(site)["reason"])
    assert page.errors() == []


def test_a_form_that_cannot_be_says_what_is_wrong(page: Page, site: SiteUnderTest) -> None:
    page.click("#experiment-new")
    page.click("#experiment-save")
    page.shows("#experiment-error .notice", "key is missing.")
    fill(page, "key", "plan")
    page.click("#experiment-save")
    page.until(lambda: "cannot be a key" in " ".join(page.texts("#experiment-error")))
    assert site.api.get(ROUTE, site_id=site.slug)["experiments"] == []
