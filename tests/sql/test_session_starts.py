"""What goes by a session's start, on the site's clock: two filters, and views per session."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api import running_api
from tests.servers import TestServers
from tests.sites import DAY, SiteUnderTest

RANGE = ("2026-03-09", "2026-03-10")
TUESDAY, TEN = ["is", "weekday", ["2"]], ["is", "hour", ["10"]]


@pytest.fixture(scope="module")
def berlin(servers: TestServers) -> Iterator[SiteUnderTest]:
    """Visits on Tuesday at 00:30 (Monday in UTC) and 10:59:50, on Monday at 10:15, and three in the
    night whose hour from 2 to 3 comes twice."""
    with servers.database() as url, running_api(url, servers.clean_redis()) as api:
        body = {"site_id": "shop", "timezone": "Europe/Berlin"}
        api.post("/api/v1/sites", body, expect=(201,))
        site = SiteUnderTest(api, "shop", "Europe/Berlin")
        site.visit("ada", at="2026-03-10 00:30", pages=["/", "/a", "/b"])
        site.visit("bob", at="2026-03-10 10:59:50", pages=["/", "/pricing"], every_s=30)
        site.visit("eve", at="2026-03-09 10:15", pages=["/"])
        for user, at in (("kim", "02:10:00+02:00"), ("max", "02:10+01:00"), ("zoe", "03:10+01:00")):
            site.visit(user, at=f"2025-10-26T{at}", pages=["/"])
        yield site


@pytest.mark.parametrize(
    ("filters", "visitors", "pageviews"),
    [
        (TUESDAY, 2, 5),
        (TEN, 2, 3),
        (["and", [TUESDAY, TEN]], 1, 2),
        (["is", "hour", ["11"]], 0, 0),
        (["is", "hour", ["0", "10"]], 3, 6),
        (["is_not", "hour", ["10"]], 1, 3),
        (["or", [["is", "weekday", ["1"]], ["is", "hour", ["0"]]]], 2, 4),
    ],
)
def test_a_session_belongs_to_the_hour_and_weekday_it_starts_in(
    berlin: SiteUnderTest, filters: list[Any], visitors: int, pageviews: int
) -> None:
    found = berlin.overview(*RANGE, filters=filters)
    assert (found["visitors"], found["pageviews"]) == (visitors, pageviews)


def test_the_hour_that_comes_twice_is_one_hour(berlin: SiteUnderTest) -> None:
    found = berlin.overview("2025-10-26", filters=["is", "hour", ["2"]])
    assert found["visitors"] == 2


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (["is", "hour", ["24"]], "hour: '24' is none; 0 to 23 are"),
        (["is", "weekday", ["Monday"]], "weekday: 'Monday' is none; 1 to 7 are"),
        (["is", "weekday", None], "weekday: None is none; 1 to 7 are"),
        (
            ["contains", "hour", ["1"]],
            "hour: 'contains' does not go with numbers; is and is_not do",
        ),
    ],
)
def test_what_is_no_hour_or_weekday_is_named(
    berlin: SiteUnderTest, filters: list[Any], message: str
) -> None:
    query = {"site_id": "shop", "filters": filters}
    error = berlin.api.get("/api/v1/dashboard/overview", expect=400, **query)["error"]
    assert (error["field"], error["message"]) == ("filters", message)


@pytest.mark.parametrize("filters", [[], ["is_not", "page", ["/unseen"]]])
def test_views_per_session_belong_to_the_bucket_a_session_starts_in(
    berlin: SiteUnderTest, filters: list[Any]
) -> None:
    def series(interval: str, first: str = DAY, last: str = DAY) -> dict[str, Any]:
        found = berlin.read("traffic", first, last, interval=interval, filters=filters)
        views = {point["bucket"]: point["views_per_session"] for point in found["points"]}
        return {bucket: value for bucket, value in views.items() if value is not None}

    assert series("day", *RANGE) == {"2026-03-09": 1.0, "2026-03-10": 2.5}
    assert series("hour") == {"2026-03-10T00:00:00+01:00": 3.0, "2026-03-10T10:00:00+01:00": 2.0}
    assert series("minute") == {"2026-03-10T00:30:00+01:00": 3.0, "2026-03-10T10:59:00+01:00": 2.0}
