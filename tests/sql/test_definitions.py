"""The definitions of sessions, visitors, pages, money and engagement, by hand on lopsided days."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sites import DAY, SiteUnderTest


def test_sessions_are_split_by_the_senders_id_and_cut_after_the_gap(site: SiteUnderTest) -> None:
    for at in ("10:00:00.000", "10:30:00.000", "11:00:00.001"):  # 1,800.000 s, then 1,800.001 s
        site.event("page_view", "ada", at=at, path="/")
    for at, key in (("10:10", "a"), ("10:11", "b"), ("10:12", "a")):
        site.event("click", "ada", at=at, session_id=key)
    figures = site.overview()
    assert (figures["visitors"], figures["sessions"], figures["events"]) == (1, 4, 6)
    assert figures["session_duration_s"] == (1_800 + 120) / 4
    assert site.read("users")["users"]["session_duration_median_s"] == 60.0


@pytest.mark.parametrize(
    ("names", "is_bounce"),
    [
        (["page_view"], True),
        (["experiment_exposure", "page_view", "engagement", "engagement"], True),
        (["page_view", "page_view"], False),
        (["page_view", "click"], False),
        (["page_view", "purchase"], False),
        (["click"], False),
        (["engagement"], False),
    ],
)
def test_a_bounce_is_one_page_view_and_nothing_that_counts(
    site: SiteUnderTest, names: list[str], is_bounce: bool
) -> None:
    for second, name in enumerate(names):
        site.event(name, "ada", at=f"10:00:0{second}")
    site.visit("bob", at="10:00", pages=["/"])
    site.visit("cyd", at="10:00", pages=["/", "/a"])
    assert site.overview()["bounce_rate"] == (1 + is_bounce) / 3


def test_money_is_gross_of_refunds_and_net_of_them_to_the_last_digit(site: SiteUnderTest) -> None:
    for user, name, fields in (
        ("ada", "purchase", {"value": "10.10"}),
        ("ada", "purchase", {"value": ""}),  # a conversion with revenue 0
        ("bob", "purchase", {"value": "5", "currency": "EUR"}),  # another currency: not summed
        ("bob", "purchase", {"value": "20.000001", "currency": "usd"}),
        ("ada", "refund", {"value": "3"}),
        ("bob", "refund", {"value": "-2.50"}),
        ("bob", "refund", {"value": "100", "currency": "EUR"}),
        (None, "purchase", {"value": "1"}),  # of nobody: counts in totals
        ("cyd", "page_view", {"value": "7"}),
    ):  # fmt: skip
        site.event(name, user, at="10:00", **fields)
    figures = site.overview()
    assert figures["revenue_gross"] == "31.100001"
    assert figures["revenue_net"] == "25.600001"
    assert (figures["purchases"], figures["conversions"]) == (5, 5)
    assert figures["average_order_value"] == "6.22"
    assert (figures["visitors"], figures["converting_visitors"]) == (3, 2)
    assert figures["conversion_rate"] == 2 / 3
    assert figures["conversions_per_session"] == 5 / 3


def test_a_page_is_a_path_and_its_visitors_viewed_it(site: SiteUnderTest) -> None:
    urls = {
        "ada": ["/", "https://Shop.example", "https://shop.example/?a=/b", "/#x", "/a/"],
        "bob": ["/a?x=/b#/c", "https://shop.example/a/#top"],
        "cyd": ["/a%20b"],
    }
    for user, sent in urls.items():
        for second, url in enumerate(sent):
            site.event("page_view", user, at=f"10:00:0{second}", url=url)
    site.event("click", "cyd", at="10:00:09", url="/a")
    site.event("engagement", "bob", at="10:00:09", url="/a", duration_ms=9_000)
    rows = site.read("pages")["rows"]
    names = ("page", "pageviews", "visitors", "entries", "exits", "bounce_rate", "share")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("/", 4, 1, 1, 0, 0.0, 0.5),
        ("/a", 3, 2, 1, 2, 0.0, 0.375),
        ("/a%20b", 1, 1, 1, 1, 0.0, 0.125),
    ]
    assert [row["time_on_page_s"] for row in rows] == [None, 4.5, None]
    chosen = site.overview(filters=["is", "page", ["/a"]])
    assert (chosen["visitors"], chosen["pageviews"]) == (2, 7)


def test_sessions_without_page_views_enter_nowhere(site: SiteUnderTest) -> None:
    site.event("click", "ada", at="10:00")
    site.event("page_view", "bob", at="10:00")  # without an address
    rows = site.read("pages")["rows"]
    assert [(row["page"], row["entries"], row["exits"]) for row in rows] == [(None, 1, 1)]
    rows = site.read("pages", filters=["is_not", "page", ["/x"]])["rows"]
    assert [(row["page"], row["entries"], row["exits"]) for row in rows] == [(None, 1, 1)]


@pytest.mark.parametrize("filters", [None, ["is_not", "page", ["/nowhere"]]])
def test_pages_viewed_after_midnight_are_entered_and_left_the_day_before(
    site: SiteUnderTest, filters: Any
) -> None:
    site.visit("ada", at="2026-03-10 23:59:55", pages=["/", "/a", "/b"])
    site.event("click", "bob", at="2026-03-10 23:59:59")
    site.visit("bob", at="2026-03-11 00:00:30", pages=["/c", "/a", "/c"])
    query = {} if filters is None else {"filters": filters}

    def pages(day: str, **more: Any) -> list[tuple[Any, ...]]:
        names = ("page", "pageviews", "visitors", "entries", "exits", "share")
        rows = site.read("pages", day, **query, **more)["rows"]
        return [tuple(row[name] for name in names) for row in rows]

    listed = [("/", 1, 1, 1, 0, 1.0), ("/b", 0, 0, 0, 1, 0.0), ("/c", 0, 0, 1, 1, 0.0)]
    assert pages("2026-03-10") == listed
    assert [pages("2026-03-10", limit=1, offset=n) for n in range(4)] == [
        *([row] for row in listed), [],
    ]  # fmt: skip
    assert pages("2026-03-11") == [
        ("/a", 2, 2, 0, 0, 0.4), ("/c", 2, 1, 0, 0, 0.4), ("/b", 1, 1, 0, 0, 0.2),
    ]  # fmt: skip


def test_a_visitor_is_new_on_the_day_of_the_first_event_ever(site: SiteUnderTest) -> None:
    site.visit("ada", at="2026-03-10 10:00", pages=["/"])
    site.visit("ada", at="2026-03-12 10:00", pages=["/"])
    site.visit("bob", at="2026-03-12 11:00", pages=["/"])

    def days() -> list[tuple[int, int]]:
        points = site.read("traffic", "2026-03-09", "2026-03-12", interval="day")["points"]
        return [(point["visitors"], point["new_visitors"]) for point in points]

    assert days() == [(0, 0), (1, 1), (0, 0), (2, 1)]
    site.event("engagement", "bob", at="2026-03-09 11:00")  # late
    assert days() == [(1, 1), (1, 1), (0, 0), (2, 0)]
    figures = site.overview("2026-03-10", "2026-03-12")
    assert (figures["visitors"], figures["new_visitors"]) == (2, 1)


def test_ids_are_what_they_are(site: SiteUnderTest) -> None:
    for user in ("NA", "null", "007", "7", "a,b", "a"):
        site.visit(user, at="10:00", pages=["/"])
    site.send({"name": "click", "anonymous_id": "007", "at": "10:00"})  # not the user 007
    site.send({"name": "click", "user_id": 7, "at": "10:01"})
    assert site.overview()["visitors"] == 7


def test_the_engagement_score_has_four_parts(site: SiteUnderTest) -> None:
    site.visit("ada", at="10:00", pages=["/", "/a", "/"], every_s=180)
    site.event("click", "ada", at="10:01")
    for name in ("experiment_exposure", "engagement"):
        site.event(name, "ada", at="10:02")
    site.visit("ada", at="15:00", pages=["/b"])
    site.visit("bob", at="09:00", pages=["/"])
    site.api.settle()
    rows = site.api.get("/api/v1/analytics/sessions", site_id="shop", first=DAY, last=DAY)["rows"]
    parts = ("engagement_events", "engagement_pages", "engagement_minutes", "engagement_names")
    assert [row["engagement_score"] for row in rows] == pytest.approx([7.0, 22.0, 7.0])
    first = next(row for row in rows if row["events"] == 6)
    assert [first[part] for part in parts] == pytest.approx([4.0, 4.0, 6.0, 8.0])
    # ada: 5 events, 3 pages, 6 minutes, 2 names: 5 + 6 + 6 + 8; bob: 1 + 2 + 0 + 4
    assert site.read("users")["users"]["engagement_mean"] == pytest.approx((25 + 7) / 2)


@pytest.mark.parametrize(
    ("first", "last", "score", "per_visitor", "median"),
    [
        # 2 events, 1 page (views without a path are of none), 15 minutes of its start, 1 name
        ("2026-03-10", "2026-03-10", 2 + 2 + 15 + 4, 1, 900.0),
        # 1 event, 1 page, 1 name; it does not start here
        ("2026-03-11", "2026-03-11", 1 + 2 + 0 + 4, 0, None),
        ("2026-03-10", "2026-03-11", 3 + 4 + 15 + 4, 1, 900.0),
    ],
)
def test_the_score_of_a_session_over_midnight_is_of_the_ranges_days(
    site: SiteUnderTest,
    first: str,
    last: str,
    score: float,
    per_visitor: float,
    median: float | None,
) -> None:
    site.event("page_view", "ada", at="2026-03-10 23:50", path="/")
    site.event("page_view", "ada", at="2026-03-10 23:52")
    site.event("page_view", "ada", at="2026-03-11 00:05", path="/a")
    found = site.read("users", first, last)["users"]
    assert found["engagement_mean"] == pytest.approx(score)
    assert found["sessions_per_visitor"] == per_visitor
    assert found["session_duration_median_s"] == median


@pytest.mark.parametrize(
    ("first_pages", "first_names", "score"),
    [
        # 4 events, 2 pages, 3 names
        (1, 1, 4 + 4 + 0 + 12),
        # 14 events; the other session makes 9 pages 10, and 4 names 5
        (9, 3, 14 + 20 + 0 + 20),
        # 18 events; one session alone reaches both ends of the scale
        (11, 5, 18 + 20 + 0 + 20),
    ],
)
def test_pages_and_names_of_several_sessions_are_put_together(
    site: SiteUnderTest, first_pages: int, first_names: int, score: float
) -> None:
    for number in range(first_pages):
        site.event("page_view", "ada", at="2026-03-10 09:00", path=f"/{number}")
    for number in range(first_names):
        site.event(f"name {number}", "ada", at="2026-03-10 09:00")
    site.event("page_view", "ada", at="2026-03-10 15:00", path="/other")
    site.event("engagement", "ada", at="2026-03-10 15:00", path="/other", duration_ms=0)
    site.event("another name", "ada", at="2026-03-10 15:00")
    found = site.read("users", "2026-03-10", "2026-03-10")["users"]
    assert found["engagement_mean"] == pytest.approx(score)


def test_high_value_is_what_reaches_the_sites_threshold(site: SiteUnderTest) -> None:
    answer = site.api.client.patch("/api/v1/sites/shop", json={"high_value_threshold": 99.5})
    assert answer.json()["high_value_threshold"] == 99.5
    for value in ("99.49", "99.5", "-200"):
        site.event("purchase", "ada", at="10:00", value=value)
    site.api.settle()
    rows = site.api.get("/api/v1/analytics/events", site_id="shop", first=DAY, last=DAY)["rows"]
    assert {row["value"]: row["is_high_value"] for row in rows} == {
        "99.49": False, "99.5": True, "-200": False,
    }  # fmt: skip


@pytest.mark.parametrize("filters", [None, ["is_not", "page", ["/nowhere"]]])
def test_an_unfinished_period_is_compared_up_to_the_same_moment(
    site: SiteUnderTest, filters: Any
) -> None:
    week_ago = datetime.now(UTC) - timedelta(days=7)
    for user in ("ada", None):
        for minutes in (-1, 5):
            at = week_ago + timedelta(minutes=minutes)
            site.event("page_view", user, at=at.isoformat(), path="/")
    site.api.settle()

    def before(compare: str) -> dict[str, Any]:
        query = {} if filters is None else {"filters": filters}
        answer: dict[str, Any] = site.api.get(
            "/api/v1/dashboard/overview", site_id="shop", period="7d", compare=compare, **query
        )["comparison"]
        return answer

    def counts(figures: dict[str, Any]) -> tuple[int, ...]:
        names = ("events", "visitors", "sessions", "without_identity")
        return tuple(figures[name] for name in names)

    first = week_ago.date() - timedelta(days=6)
    for compare in (
        "previous_period",
        f"{first}..{week_ago.date()}",
        f"{first}..{first + timedelta(days=400)}",
    ):
        compared = before(compare)
        assert datetime.fromisoformat(compared["cut"]) - week_ago < timedelta(minutes=4)
        assert (compared["from"], compared["to"]) == (str(first), str(week_ago.date()))
        assert counts(compared) == ((2, 1, 1, 0) if filters is None else (1, 1, 1, 1))
    for interval in ("hour", "day", "week", "month"):
        query = {} if filters is None else {"filters": filters}
        points = site.api.get(
            "/api/v1/dashboard/traffic", site_id="shop", period="7d", interval=interval,
            compare="previous_period", **query,
        )["comparison"]["points"]  # fmt: skip
        sums = [sum(p[name] for p in points) for name in ("events", "new_visitors", "sessions")]
        assert (interval, *sums) == (interval, 2 if filters is None else 1, 1, 1)
    shorter = before(f"{week_ago.date()}..{week_ago.date() + timedelta(days=5)}")
    assert shorter["cut"] is None
    assert counts(shorter) == ((4, 1, 1, 0) if filters is None else (2, 1, 1, 2))
