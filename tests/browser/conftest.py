"""One browser a module, and a dashboard with two sites that its tests look at."""

from collections.abc import Iterator

import pytest
from dash.testing.browser import Browser

from tests.api import RunningApi, running_api
from tests.browser.page import Page
from tests.browser.shops import Shop, open_shop
from tests.dashboard import RunningDashboard, running_dashboard
from tests.servers import TestServers
from tests.sites import SiteUnderTest


@pytest.fixture(scope="module")
def browser(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """The browser of dash.testing, started once; what is not there is not waited for."""
    with Browser(
        browser=request.config.getoption("webdriver"),
        headless=request.config.getoption("headless"),
        options=request.config.hook.pytest_setup_options(),
        download_path=str(tmp_path_factory.mktemp("download")),
        percy_run=False,
    ) as started:
        started.driver.implicitly_wait(0)
        yield started


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
    """The dashboard of the shared sites."""
    with running_dashboard(shared_api) as running:
        yield running


@pytest.fixture(scope="module")
def shop(request: pytest.FixtureRequest, servers: TestServers) -> Iterator[Shop]:
    """A site of the module's own, as its function `fill` leaves it."""
    with open_shop(servers, request.module.fill) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, served_dashboard: RunningDashboard) -> Iterator[Page]:
    """The shared sites in the browser; no test may leave an error in the console."""
    yield from fresh_page(browser, served_dashboard)


@pytest.fixture
def own_page(browser: Browser, dashboard: RunningDashboard) -> Iterator[Page]:
    """The dashboard of the test's own sites; no test may leave an error in the console."""
    yield from fresh_page(browser, dashboard)


def fresh_page(browser: Browser, dashboard: RunningDashboard) -> Iterator[Page]:
    """A page as nobody has used it before."""
    opened = Page(browser.driver, dashboard.url)
    yield opened
    errors = opened.errors()
    opened.reset()
    assert errors == []
