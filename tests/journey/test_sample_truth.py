"""Every figure of the sample log's truth, through the HTTP API."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests import sample
from tests.api import RunningApi, running_api
from tests.servers import TestServers

SITES = ("shop-us", "shop-de", "shop-in")
TRUTH = sample.truth()
FIRST, LAST = TRUTH["range"]


@pytest.fixture(scope="module")
def loaded(servers: TestServers) -> Iterator[RunningApi]:
    """An API that was sent the log and has settled."""
    with servers.database() as url, running_api(url, servers.clean_redis()) as api:
        for slug, zone in sample.time_zones().items():
            api.post("/api/v1/sites", {"site_id": slug, "timezone": zone}, expect=(201,))
        for batch in sample.batches():
            answer = api.post("/api/v1/events/batch", {"events": batch})
            assert answer == {"accepted": len(batch), "rejected": []}
        api.settle()
        yield api


def read(api: RunningApi, route: str, site: str, **query: Any) -> Any:
    return api.get(f"/api/v1/{route}", site_id=site, first=FIRST, last=LAST, **query)


def cents(amount: str) -> int:
    value = Decimal(amount) * 100
    assert value == int(value)
    return int(value)


def close(value: float | None, expected: float | None) -> bool:
    if value is None or expected is None:
        return value is expected
    return abs(value - expected) < 1e-6


@pytest.mark.parametrize("site", SITES)
def test_every_day_of_the_log(loaded: RunningApi, site: str) -> None:
    points = read(loaded, "dashboard/traffic", site, interval="day")["points"]
    days = TRUTH["sites"][site]["daily"]
    assert [point["bucket"] for point in points] == [day["date"] for day in days]
    for point, day in zip(points, days, strict=True):
        counts = ("events", "pageviews", "visitors", "new_visitors", "sessions", "bounces")
        assert {name: point[name] for name in counts} == {name: day[name] for name in counts}
        assert point["purchases"] == day["purchases"]
        assert point["converting_visitors"] == day["buyers"]
        assert cents(point["revenue_gross"]) == day["gross_revenue_cents"]
        assert cents(point["revenue_net"]) == day["net_revenue_cents"]
        assert close(point["bounce_rate"], day["bounce_rate"])
        assert close(point["conversion_rate"], day["conversion_rate"])
        assert close(point["session_duration_s"], day["avg_session_duration_s"])


@pytest.mark.parametrize("site", SITES)
def test_the_range_as_a_whole(loaded: RunningApi, site: str) -> None:
    figures = read(loaded, "dashboard/overview", site)["overview"]
    expected = TRUTH["sites"][site]
    assert figures["visitors"] == expected["unique_visitors_in_range"]
    assert figures["events"] == expected["events_in_range"]
    assert figures["pageviews"] == expected["pageviews_in_range"]
    sessions = expected["sessions"]
    assert figures["sessions"] == sessions["sessions"]
    assert close(figures["bounce_rate"], sessions["bounce_rate"])
    assert close(figures["session_duration_s"], sessions["avg_duration_s"])
    assert close(figures["views_per_session"], sessions["pageviews_per_session"])
    people = read(loaded, "dashboard/users", site)["users"]
    assert close(people["session_duration_median_s"], sessions["median_duration_s"])


@pytest.mark.parametrize("site", SITES)
def test_events_without_identity_are_reported_under_a_filter(loaded: RunningApi, site: str) -> None:
    chosen = ["is_not", "page", ["/no-such-page"]]
    figures = read(loaded, "dashboard/overview", site, filters=chosen)["overview"]
    expected = TRUTH["sites"][site]
    assert figures["without_identity"] == expected["events_without_identity_in_range"]
    assert figures["sessions"] == expected["sessions"]["sessions"]


def test_sending_the_log_again_changes_nothing(loaded: RunningApi) -> None:
    before = {site: read(loaded, "dashboard/overview", site)["overview"] for site in SITES}
    for batch in sample.batches(700):
        loaded.post("/api/v1/events/batch", batch)
    loaded.settle()
    after = {site: read(loaded, "dashboard/overview", site)["overview"] for site in SITES}
    assert after == before
