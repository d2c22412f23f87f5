"""The first page in a real browser: figures, the chart, no request elsewhere, no error."""

import json
from typing import Any
from urllib.parse import urlparse

from tests.dashboard import RunningDashboard
from tests.sites import DAY, SiteUnderTest


def test_the_overview_shows_the_numbers_of_the_api(
    dash_br: Any, site: SiteUnderTest, dashboard: RunningDashboard
) -> None:
    for number, user in enumerate(("ada", "bob", "eve")):
        site.visit(user, at=f"1{number}:00", pages=["/", "/pricing"][: number + 1])
    figures = site.overview()
    dash_br.driver.get(f"{dashboard.url}/?site=shop&from={DAY}&to={DAY}")
    dash_br.wait_for_text_to_equal('[data-metric="visitors"] .tile-value', "3", timeout=20)
    assert figures["visitors"] == 3
    dash_br.wait_for_text_to_equal(
        '[data-metric="pageviews"] .tile-value', str(figures["pageviews"]), timeout=20
    )
    dash_br.wait_for_element(".js-plotly-plot", timeout=20)
    assert requested_hosts(dash_br) <= {urlparse(dashboard.url).netloc}
    assert [entry for entry in dash_br.get_logs() or [] if entry["level"] == "SEVERE"] == []


def requested_hosts(dash_br: Any) -> set[str]:
    """Hosts that the page asked for anything."""
    names = dash_br.driver.execute_script(
        "return JSON.stringify(performance.getEntriesByType('resource').map(e => e.name))"
    )
    return {urlparse(name).netloc for name in json.loads(names) if name.startswith("http")}
