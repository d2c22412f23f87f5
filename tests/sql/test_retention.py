"""Retention and lifetime value: cohorts by the site's own calendar, as of any instant."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from sql.retention import MODES
from tests.api import RunningApi, running_api
from tests.servers import TestServers
from tests.sites import SiteUnderTest

MakeSite = Callable[..., SiteUnderTest]
_slugs = (f"shop-{number}" for number in count(1))


@pytest.fixture(scope="module")
def api(servers: TestServers) -> Iterator[RunningApi]:
    """One API for the whole module; every test has sites of its own."""
    with servers.database() as url, running_api(url, servers.clean_redis()) as running:
        yield running


@pytest.fixture
def make_site(api: RunningApi) -> MakeSite:
    def make(timezone: str = "UTC") -> SiteUnderTest:
        slug = next(_slugs)
        api.post("/api/v1/sites", {"site_id": slug, "timezone": timezone}, expect=(201,))
        return SiteUnderTest(api, slug, timezone)

    return make


def read(site: SiteUnderTest, first: str, last: str, **query: Any) -> Any:
    site.api.settle()
    return site.api.get("/api/v1/retention", site_id=site.slug, first=first, last=last, **query)


def rows(answer: Any) -> list[tuple[str, int, list[int]]]:
    return [(c["cohort"], c["size"], c["retained"]) for c in answer["cohorts"]]


@pytest.mark.parametrize(
    ("zone", "sunday"),
    [
        ("America/New_York", "2025-11-02"),
        ("America/New_York", "2026-03-08"),
        ("Europe/Berlin", "2025-10-26"),
        ("Asia/Kolkata", "2025-11-02"),
        ("Asia/Kathmandu", "2025-11-02"),
        ("Australia/Lord_Howe", "2026-04-05"),
        ("Australia/Lord_Howe", "2025-10-05"),
    ],
)
def test_weeks_begin_on_the_local_monday(make_site: MakeSite, zone: str, sunday: str) -> None:
    site = make_site(timezone=zone)
    day = date.fromisoformat(sunday)
    week = [str(day + timedelta(days=n)) for n in (-6, 1, 8)]
    site.visit("ann", at=f"{week[0]} 00:00:00", pages=["/"])
    site.visit("ann", at=f"{sunday} 23:59:59", pages=["/"])
    site.visit("ann", at=f"{week[1]} 00:00:00", pages=["/"])
    site.visit("bob", at=f"{sunday} 23:59:59", pages=["/"])
    site.visit("bob", at=f"{week[2]} 12:00:00", pages=["/"])
    site.visit("cid", at=f"{week[1]} 00:00:00", pages=["/"])
    answer = read(site, week[0], str(day + timedelta(days=14)))
    assert rows(answer) == [(week[0], 2, [2, 1, 1]), (week[1], 1, [1, 0]), (week[2], 0, [0])]
    assert [c["complete"] for c in answer["cohorts"]] == [[True] * 3, [True] * 2, [True]]
    assert answer["average"] == [1.0, 1 / 3, 1 / 2]
    unbounded = read(site, week[0], str(day + timedelta(days=14)), mode="unbounded")
    assert rows(unbounded)[0] == (week[0], 2, [2, 2, 1])


@pytest.mark.parametrize(
    ("zone", "day", "seconds", "rolling", "is_lived"),
    [
        ("America/New_York", "2025-11-02", -1, [1, 1], True),  # a day of 25 h
        ("America/New_York", "2026-03-08", 0, [1, 0], False),  # 23 h
        ("Europe/Berlin", "2025-10-26", -1, [1, 1], True),  # 25 h
        ("Europe/Berlin", "2026-03-29", 0, [1, 0], False),  # 23 h
        ("Asia/Kolkata", "2025-11-02", -1, [1, 0], False),
        ("Asia/Kolkata", "2025-11-02", 0, [1, 1], False),
        ("Asia/Kathmandu", "2025-11-02", 0, [1, 1], False),
        ("Australia/Lord_Howe", "2026-04-05", -1, [1, 1], True),  # 24.5 h
        ("Australia/Lord_Howe", "2025-10-05", 0, [1, 0], False),  # 23.5 h
    ],
)
def test_days_are_local_dates_and_rolling_days_are_24_hours(
    make_site: MakeSite, zone: str, day: str, seconds: int, rolling: list[int], is_lived: bool
) -> None:
    site = make_site(timezone=zone)
    after = date.fromisoformat(day) + timedelta(days=1)
    back = site.instant(f"{after} 00:10:00") + timedelta(seconds=seconds)
    site.visit("ann", at=f"{day} 00:10:00", pages=["/"])
    site.visit("ann", at=back.isoformat(), pages=["/"])
    by_date = read(site, day, str(after), grain="day")
    by_hours = read(site, day, str(after), grain="day", mode="rolling")
    assert rows(by_date) == [(day, 1, [1, 1]), (str(after), 0, [0])]
    assert by_date["cohorts"][0]["complete"] == [True, True]
    assert rows(by_hours) == [(day, 1, rolling), (str(after), 0, [0])]
    assert by_hours["cohorts"][0]["complete"] == [True, is_lived]
    assert by_hours["average"] == [1.0, float(rolling[1]) if is_lived else None]


def visits_of_three_weeks(site: SiteUnderTest) -> None:
    """Mondays 2 and 9 February 2026; Thursday 12 at noon is in the middle of the second week."""
    for user, times in {
        "ann": ["2026-02-02 08:00", "2026-02-10 08:00", "2026-02-12 11:59:59"],
        "bob": ["2026-02-04 09:00", "2026-02-12 12:00:00"],
        "cid": ["2026-02-08 23:00", "2026-02-18 10:00"],
        "dee": ["2026-02-11 07:00"],
        "eva": ["2026-02-12 12:00:00"],
    }.items():
        for at in times:
            site.visit(user, at=at, pages=["/"])


def test_activity_and_members_from_as_of_on_are_invisible(make_site: MakeSite) -> None:
    site = make_site(timezone="Europe/Berlin")
    visits_of_three_weeks(site)
    noon = "2026-02-12T12:00:00+01:00"
    found = {m: read(site, "2026-02-02", "2026-02-15", mode=m, as_of=noon) for m in MODES}
    assert found["bounded"]["as_of"] == "2026-02-12T11:00:00+00:00"
    first, second = "2026-02-02", "2026-02-09"
    assert rows(found["bounded"]) == [(first, 3, [3, 1]), (second, 1, [1])]
    assert rows(found["unbounded"]) == [(first, 3, [3, 1]), (second, 1, [1])]
    assert rows(found["rolling"]) == [(first, 3, [3, 1]), (second, 1, [1])]
    assert [c["complete"] for c in found["bounded"]["cohorts"]] == [[True, False], [False]]
    # cid has lived 3.5 days.
    assert [c["complete"] for c in found["rolling"]["cohorts"]] == [[False, False], [False]]
    assert found["bounded"]["average"] == [1.0, None]
    assert found["rolling"]["average"] == [None, None]


def test_as_of_defaults_to_the_end_of_the_range(make_site: MakeSite) -> None:
    site = make_site(timezone="Europe/Berlin")
    visits_of_three_weeks(site)
    assert rows(read(site, "2026-02-02", "2026-02-15")) == [
        ("2026-02-02", 3, [3, 2]),
        ("2026-02-09", 2, [2]),
    ]
    # The range ends on a Tuesday: neither Wednesday's member nor Thursday's return is seen.
    tuesday = read(site, "2026-02-02", "2026-02-10")
    assert rows(tuesday) == [("2026-02-02", 3, [3, 1]), ("2026-02-09", 0, [0])]
    assert tuesday["as_of"] == "2026-02-10T23:00:00+00:00"
    later = read(site, "2026-02-02", "2026-02-10", as_of="2026-02-23T00:00:00+01:00")
    assert rows(later) == [("2026-02-02", 3, [3, 2, 1]), ("2026-02-09", 2, [2, 0])]


def test_a_rolling_period_is_complete_when_every_member_has_lived_through_it(
    site: SiteUnderTest,
) -> None:
    visits_of_three_weeks(site)
    # cid, the last, came on Sunday 8 February at 23:00.
    for as_of, complete in (
        ("2026-02-15T22:59:59Z", [False, False]),
        ("2026-02-15T23:00:00Z", [True, False]),
        ("2026-02-22T23:00:00Z", [True, True, False]),
    ):
        answer = read(site, "2026-02-02", "2026-02-08", mode="rolling", as_of=as_of)
        assert answer["cohorts"][0]["complete"] == complete


def test_a_visit_across_the_end_of_a_rolling_day_counts_on_both_sides(site: SiteUnderTest) -> None:
    site.visit("ann", at="2026-02-02 10:30", pages=["/"])
    site.visit("ann", at="2026-02-03 10:20", pages=["/", "/", "/"], every_s=900)
    days = {"first": "2026-02-02", "last": "2026-02-03", "grain": "day", "mode": "rolling"}
    assert rows(read(site, **days))[0] == ("2026-02-02", 1, [1, 1])
    for as_of, retained in (("10:35:00", [1, 0]), ("10:35:00.000001", [1, 1]), ("10:40", [1, 1])):
        answer = read(site, **days, as_of=f"2026-02-03T{as_of}Z")
        assert rows(answer)[0] == ("2026-02-02", 1, retained)


def test_of_sessions_that_begin_at_once_the_event_id_tells_the_first(site: SiteUnderTest) -> None:
    for event_id, key, country in (("e2", "a", "FR"), ("e1", "b", "DE")):
        site.event(
            "view", "ann", at="2026-02-02 10:00", event_id=event_id, session_id=key,
            country=country,
        )  # fmt: skip
    days = ("2026-02-02", "2026-02-08")
    assert rows(read(site, *days, filters=["is", "country", ["DE"]])) == [(days[0], 1, [1])]
    assert rows(read(site, *days, filters=["is", "country", ["FR"]])) == [(days[0], 0, [0])]


def test_months_are_calendar_months_and_roll_by_720_hours(site: SiteUnderTest) -> None:
    site.visit("ann", at="2025-12-31 23:00", pages=["/"])
    site.visit("ann", at="2026-01-01 00:00", pages=["/"])
    site.visit("bob", at="2026-01-31 12:00", pages=["/"])
    site.visit("bob", at="2026-03-02 11:59:59", pages=["/"])
    site.visit("bob", at="2026-03-02 12:00", pages=["/"])
    months = {"grain": "month", "first": "2025-12-15", "last": "2026-03-31"}
    assert rows(read(site, **months)) == [
        ("2025-12-01", 1, [1, 1, 0, 0]),
        ("2026-01-01", 1, [1, 0, 1]),
        ("2026-02-01", 0, [0, 0]),
        ("2026-03-01", 0, [0]),
    ]
    assert rows(read(site, **months, mode="rolling"))[:2] == [
        ("2025-12-01", 1, [1, 0, 0, 0]),
        ("2026-01-01", 1, [1, 1, 0]),
    ]


def test_lifetime_value_is_net_revenue_over_all_members(site: SiteUnderTest) -> None:
    visits_of_three_weeks(site)
    site.event("purchase", "ann", at="2026-02-03 10:00", value="10.00")
    site.event("purchase", "cid", at="2026-02-12 10:00", value="1.01")
    site.event("refund", "ann", at="2026-02-17 10:00", value="2.50")
    site.event("purchase", "dee", at="2026-02-17 11:00", value="7")
    site.event("purchase", None, at="2026-02-03 10:00", value="500")
    answer = read(site, "2026-02-02", "2026-02-22")
    assert [c["ltv"] for c in answer["cohorts"]] == [
        ["3.333333", "3.67", "2.836667"],
        ["0.00", "3.50"],
        [None],
    ]
    assert answer["currency"] == "USD"
    # Thursday 10:00 is the instant of cid's purchase, and in the hour of another.
    cut = read(site, "2026-02-02", "2026-02-22", as_of="2026-02-12T10:00:00Z", mode="rolling")
    assert cut["cohorts"][0]["ltv"] == ["3.333333", "3.333333"]
    after = read(site, "2026-02-02", "2026-02-22", as_of="2026-02-12T10:00:00.000001Z")
    assert after["cohorts"][0]["ltv"] == ["3.333333", "3.67"]


def test_under_a_filter_the_first_session_makes_the_member(site: SiteUnderTest) -> None:
    weeks = ("2026-02-02 10:00", "2026-02-09 10:00", "2026-02-16 10:00")
    for user, countries in {
        "ann": ("DE", "FR", "DE"),
        "bob": ("DE", "DE", "FR"),
        "cid": ("FR", "DE", "DE"),
    }.items():
        for at, country in zip(weeks, countries, strict=True):
            site.visit(user, at=at, pages=["/"], country=country)
    chosen = ["is", "country", ["DE"]]
    assert rows(read(site, "2026-02-02", "2026-02-22", filters=chosen)) == [
        ("2026-02-02", 2, [2, 1, 1]),
        ("2026-02-09", 0, [0, 0]),
        ("2026-02-16", 0, [0]),
    ]
    unbounded = read(site, "2026-02-02", "2026-02-22", filters=chosen, mode="unbounded")
    assert rows(unbounded)[0] == ("2026-02-02", 2, [2, 2, 1])


def test_what_cannot_be_asked_is_refused(site: SiteUnderTest) -> None:
    days = {"site_id": site.slug, "first": "2026-02-02", "last": "2026-02-22"}
    for query, field in (
        ({"grain": "year"}, "grain"),
        ({"mode": "classic"}, "mode"),
        ({"as_of": "2026-02-12T10:00:00"}, "as_of"),
        ({"grain": "day", "first": "2010-01-01"}, "grain"),
    ):
        answer = site.api.get("/api/v1/retention", expect=400, **{**days, **query})
        assert answer["error"]["field"] == field
