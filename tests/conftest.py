"""Fixtures on real servers: an own database, an empty Redis, the real API, sites in plain words."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.api import RunningApi, running_api
from tests.dashboard import RunningDashboard, running_dashboard
from tests.servers import TestServers, test_servers
from tests.sites import SiteUnderTest

if TYPE_CHECKING:
    import xdist.remote
    from selenium.webdriver.chrome.options import Options

FAULTS = "tests/faults/"


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


class Scheduling(LoadScopeScheduling):
    """Side by side, a module's tests stay together, as do all fault tests: each shares servers."""

    def _split_scope(self, nodeid: str) -> str:
        return FAULTS if nodeid.startswith(FAULTS) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(
    config: pytest.Config, log: "xdist.remote.Producer"
) -> LoadScopeScheduling:
    """How tests are dealt out with --numprocesses."""
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The fault tests, which take longest and wait more than they compute, come first."""
    items.sort(key=lambda item: not item.nodeid.startswith(FAULTS))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints how long the recovery from faults took, whichever process measured it."""
    from tests.faults.recovery import summary

    reports = (r for kind in ("passed", "failed") for r in terminalreporter.getreports(kind))
    lines = summary(each for report in reports for each in report.user_properties)
    if lines:
        terminalreporter.section("recovery from faults")
        terminalreporter.write_line("\n".join(lines))


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
