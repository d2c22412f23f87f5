"""Site time: the local days and hours on which clocks change, to the microsecond."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from tests.api import RunningApi, running_api
from tests.servers import TestServers
from tests.sites import SiteUnderTest


@dataclass(frozen=True)
class LocalDay:
    """A day of a zone: its first instant, the next day's, and hours around its clock change."""

    zone: str
    day: str
    begins: str
    ends: str
    hours: int
    some_hours: tuple[str, ...]

    @property
    def slug(self) -> str:
        return f"{self.zone}-{self.day}".lower().replace("/", ".")


DAYS = [
    LocalDay("America/New_York", "2026-03-08", "2026-03-08T05:00Z", "2026-03-09T04:00Z", 23,
             ("01:00:00-05:00", "03:00:00-04:00")),
    LocalDay("America/New_York", "2025-11-02", "2025-11-02T04:00Z", "2025-11-03T05:00Z", 25,
             ("01:00:00-04:00", "01:00:00-05:00", "02:00:00-05:00")),
    LocalDay("Europe/Berlin", "2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z", 23,
             ("01:00:00+01:00", "03:00:00+02:00")),
    LocalDay("Europe/Berlin", "2025-10-26", "2025-10-25T22:00Z", "2025-10-26T23:00Z", 25,
             ("02:00:00+02:00", "02:00:00+01:00", "03:00:00+01:00")),
    LocalDay("Asia/Kolkata", "2026-03-29", "2026-03-28T18:30Z", "2026-03-29T18:30Z", 24,
             ("00:00:00+05:30", "01:00:00+05:30")),
    LocalDay("Asia/Kathmandu", "2026-03-29", "2026-03-28T18:15Z", "2026-03-29T18:15Z", 24,
             ("00:00:00+05:45", "01:00:00+05:45")),
    # 24.5 and 23.5 hours: half an hour comes twice, or never
    LocalDay("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00Z", "2026-04-05T13:30Z", 25,
             ("01:00:00+11:00", "01:30:00+10:30", "02:00:00+10:30")),
    LocalDay("Australia/Lord_Howe", "2025-10-05", "2025-10-04T13:30Z", "2025-10-05T13:00Z", 24,
             ("01:00:00+10:30", "02:30:00+11:00", "03:00:00+11:00")),
    # a day that begins at one o'clock
    LocalDay("Asia/Beirut", "2026-03-29", "2026-03-28T22:00Z", "2026-03-29T21:00Z", 23,
             ("01:00:00+03:00", "02:00:00+03:00")),
]  # fmt: skip

MOMENT = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def loaded(servers: TestServers) -> Iterator[RunningApi]:
    """Sites that were visited where each day begins and ends.

    cyd one microsecond before it; ada as it begins, and 10 s later; bob in its last microsecond and
    1,800 s later; ada again as the next one begins.
    """
    with servers.database() as url, running_api(url, servers.clean_redis()) as api:
        for local in DAYS:
            slug = local.slug
            api.post("/api/v1/sites", {"site_id": slug, "timezone": local.zone}, expect=(201,))
            site = SiteUnderTest(api, slug, local.zone)
            begins = datetime.fromisoformat(local.begins)
            ends = datetime.fromisoformat(local.ends)
            for user, at in (
                ("cyd", begins - MOMENT), ("ada", begins), ("bob", ends - MOMENT), ("ada", ends),
            ):  # fmt: skip
                site.visit(user, at=at.isoformat(), pages=["/"])
            site.event("click", "ada", at=(begins + timedelta(seconds=10)).isoformat())
            site.event("click", "bob", at=(ends - MOMENT + timedelta(seconds=1800)).isoformat())
        api.settle()
        yield api


def traffic(
    api: RunningApi, local: LocalDay, interval: str, around: int
) -> list[dict[str, object]]:
    day = date.fromisoformat(local.day)
    points: list[dict[str, object]] = api.get(
        "/api/v1/dashboard/traffic",
        site_id=local.slug,
        first=day - timedelta(days=around),
        last=day + timedelta(days=around),
        interval=interval,
    )["points"]
    return points


COUNTS = ("visitors", "new_visitors", "sessions", "events", "bounces", "session_duration_s")


@pytest.mark.parametrize("local", DAYS, ids=lambda local: local.slug)
def test_a_day_holds_what_happened_from_its_first_instant_to_the_next_ones(
    loaded: RunningApi, local: LocalDay
) -> None:
    points = traffic(loaded, local, "day", around=1)
    assert [tuple(point[name] for name in COUNTS) for point in points] == [
        (1, 1, 1, 1, 1, 0.0),
        (2, 2, 2, 3, 0, 905.0),  # 10 s and 1,800 s: a session belongs to the day it starts
        (2, 0, 1, 2, 1, 0.0),
    ]


@pytest.mark.parametrize("local", DAYS, ids=lambda local: local.slug)
def test_a_day_has_the_hours_that_its_clock_shows(loaded: RunningApi, local: LocalDay) -> None:
    points = traffic(loaded, local, "hour", around=0)
    hours = [str(point["bucket"]) for point in points]
    assert len(hours) == local.hours
    first = hours.index(f"{local.day}T{local.some_hours[0]}")
    assert tuple(hour[11:] for hour in hours[first : first + len(local.some_hours)]) == (
        local.some_hours
    )
    assert datetime.fromisoformat(hours[0]) == datetime.fromisoformat(local.begins)
    assert [point["events"] for point in points] == [2, *[0] * (local.hours - 2), 1]


def test_a_filtered_session_is_split_where_half_an_hour_comes_twice(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site("island", timezone="Australia/Lord_Howe")
    for user, instants in (
        ("ada", ("14:45Z", "15:05Z")),
        ("cyd", ("15:29Z", "15:31Z")),
        ("bob", ("14:59Z",)),
        ("eve", ("15:00Z",)),
    ):
        for at in instants:
            site.event("click", user, at=f"2026-04-04 {at}", country="DE")
    site.api.settle()
    asked = {"site_id": "island", "first": "2026-04-05", "last": "2026-04-05", "interval": "hour"}
    for filters in ({}, {"filters": ["is", "country", ["DE"]]}):
        points = site.api.get("/api/v1/dashboard/traffic", **asked, **filters)["points"][1:4]
        assert [(p["bucket"][11:], p["events"], p["visitors"], p["sessions"]) for p in points] == [
            ("01:00:00+11:00", 2, 2, 2),
            ("01:30:00+10:30", 3, 3, 2),
            ("02:00:00+10:30", 1, 1, 0),
        ]  # fmt: skip
