"""A site of a module's own, filled once and looked at by all its tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.api import RunningApi, running_api
from tests.dashboard import RunningDashboard, running_dashboard
from tests.servers import TestServers
from tests.sites import SiteUnderTest


@dataclass(frozen=True)
class Shop:
    """The site `shop` in UTC, and the dashboard that shows it."""

    site: SiteUnderTest
    dashboard: RunningDashboard

    @property
    def api(self) -> RunningApi:
        """The API of the site."""
        return self.site.api


@contextmanager
def open_shop(servers: TestServers, fill: Callable[[SiteUnderTest], None]) -> Iterator[Shop]:
    """Serves the site as `fill` leaves it, everything settled, until the end of the block."""
    with servers.database() as url, running_api(url, servers.clean_redis()) as api:
        api.post("/api/v1/sites", {"site_id": "shop"}, expect=(201,))
        site = SiteUnderTest(api, "shop", "UTC")
        fill(site)
        api.settle()
        with running_dashboard(api) as dashboard:
            yield Shop(site, dashboard)
