"""Fixtures on real servers: an own database, an empty Redis, the real API, sites in plain words."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.api import RunningApi, running_api
from tests.dashboard import RunningDashboard, running_dashboard
from tests.servers import TestServers, test_servers
from tests.sites import SiteUnderTest

if TYPE_CHECKING:
    from selenium.webdriver.chrome.options import Options


@pytest.fixture(scope="session")
def servers() -> Iterator[TestServers]:
    """PostgreSQL and Redis, started once."""
    with test_servers() as running:
        yield running


def pytest_report_header() -> str:
    """Which database server the suite runs on."""
    import os

    given = os.environ.get("TIDELINE_TEST_DATABASE_URL")
    return f"database: {'the one of TIDELINE_TEST_DATABASE_URL' if given else 'embedded'}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side, a module's tests stay together, as do all fault tests: each shares servers.

    The fault tests, which wait more than they compute, come first.
    """
    items.sort(key=lambda item: not _is_fault(item))
    for item in items:
        group = "faults" if _is_fault(item) else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))


def _is_fault(item: pytest.Item) -> bool:
    return item.path.parent.name == "faults"


@pytest.fixture
def database_url(servers: TestServers) -> Iterator[str]:
    """A new migrated database."""
    with servers.database() as url:
        yield url


@pytest.fixture
def redis_url(servers: TestServers) -> str:
    """Redis, emptied."""
    return servers.clean_redis()


@pytest.fixture
def api(database_url: str, redis_url: str) -> Iterator[RunningApi]:
    """The real API on a free port, in open mode."""
    with running_api(database_url, redis_url) as running:
        yield running


@pytest.fixture
def make_site(api: RunningApi) -> Callable[..., SiteUnderTest]:
    """Makes sites: `make_site("shop", timezone="Europe/Berlin")`."""

    def make(slug: str = "shop", **settings: object) -> SiteUnderTest:
        api.post("/api/v1/sites", {"site_id": slug, **settings}, expect=(201,))
        return SiteUnderTest(api, slug, str(settings.get("timezone", "UTC")))

    return make


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """A site in UTC."""
    return make_site()


@pytest.fixture
def dashboard(api: RunningApi) -> Iterator[RunningDashboard]:
    """The real dashboard on a free port, in open mode, beside the API."""
    with running_dashboard(api) as running:
        yield running


def pytest_setup_options() -> "Options":
    """How dash.testing starts Chromium."""
    from tests.browser.chromium import options

    return options()
