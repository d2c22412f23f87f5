"""Rows of a comparison with an unfinished period: figures up to the same elapsed local time."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest

from sql import breakdowns, pages, traffic
from sql.breakdowns import BreakdownRow
from sql.database import connect
from sql.filters import parse_filters
from sql.raw_events import prune_raw_events
from sql.scope import Scope, ScopeError, comparison_scope
from sql.sites import site_by_slug
from tests.api import RunningApi, running_api
from tests.servers import TestServers
from tests.sites import SiteUnderTest

FIRST, LAST = date(2025, 11, 1), date(2025, 11, 2)
CUT = datetime(2025, 11, 2, 5, 30, tzinfo=UTC)
"""01:30 in New York on the day that has that hour twice, the first time."""
EVERYBODY = ["is_not", "page", ["/nowhere"]]


@pytest.fixture(scope="module")
def api(servers: TestServers) -> Iterator[RunningApi]:
    with servers.database() as url, running_api(url, servers.clean_redis()) as running:
        yield running


def new_site(api: RunningApi, slug: str) -> SiteUnderTest:
    """A site in New York."""
    api.post("/api/v1/sites", {"site_id": slug, "timezone": "America/New_York"}, expect=(201,))
    return SiteUnderTest(api, slug, "America/New_York")


@pytest.fixture(scope="module")
def site(api: RunningApi) -> SiteUnderTest:
    """Ada comes over midnight; the cut parts a session of Bob; Cyd comes after it, at 01:15."""
    site = new_site(api, "shop")
    ada = {"country": "DE", "device": "desktop"}
    site.visit("ada", at="2025-10-31 12:00", pages=["/"], **ada)
    site.visit("ada", at="2025-11-01 23:50", pages=["/", "/a"], every_s=900, **ada)
    site.event("click", "ada", at="2025-11-02 00:20", **ada)
    bob = {"country": "US", "device": "mobile"}
    site.visit("bob", at="2025-11-02 01:10", pages=["/a", "/b"], every_s=1200, **bob)
    site.event("purchase", "bob", at="2025-11-02 01:25", value="9.50", **bob)
    site.event("engagement", "bob", at="2025-11-02 01:28", path="/a", duration_ms=4_000, **bob)
    site.event("engagement", "bob", at="2025-11-02 01:31", path="/b", duration_ms=6_000, **bob)
    site.visit("bob", at="2025-11-02T01:20:00-05:00", pages=["/b"], **bob)
    site.visit("cyd", at="2025-11-02T01:15:00-05:00", pages=["/"], country="FR", device="desktop")
    site.visit("dan", at="2025-11-01 10:00", pages=["/"], country="US", device="desktop")
    site.visit("dan", at="2025-11-02 00:30", pages=["/"], country="DE", device="desktop")
    for at in ("2025-11-02 01:00", "2025-11-02T02:00:00-05:00"):
        site.event("page_view", None, at=at, path="/a")
    site.event("click", None, at="2025-11-01 12:00")
    site.api.settle()
    return site


def compared(
    site: SiteUnderTest,
    read: Any,
    *,
    first: date = FIRST,
    cut: datetime = CUT,
    filters: Any = None,
) -> Any:
    """What `read` answers about the days from `first` to the one that is cut."""

    async def ask() -> Any:
        async with await psycopg.AsyncConnection.connect(site.api.database_url) as conn:
            shop = await site_by_slug(conn, site.slug)
            assert shop is not None
            last = cut.astimezone(shop.zone).date()
            return await read(conn, Scope(shop, first, last, parse_filters(filters), cut))

    return asyncio.run(ask())


def by_value(rows: Sequence[BreakdownRow]) -> dict[str | None, tuple[Any, ...]]:
    """Visitors, sessions, bounces, seconds, events, page views, conversions, revenue."""
    return {
        row.value: (
            row.visitors, row.sessions, row.bounces, row.duration_us / 1e6, row.events,
            row.pageviews, row.conversions, str(row.revenue_net + 0),
        )
        for row in rows
    }  # fmt: skip


def test_the_cut_is_at_the_same_elapsed_local_time(site: SiteUnderTest) -> None:
    def cut(_conn: Any, scope: Scope) -> Any:
        now = datetime(2025, 11, 4, 6, 30, tzinfo=UTC)  # 01:30, which the 2nd has twice
        period = replace(scope, first=date(2025, 11, 3), last=date(2025, 11, 4), cut=None)
        return asyncio.sleep(0, comparison_scope(period, "previous_period", now=now))

    before = compared(site, cut)
    assert (before.first, before.last, before.cut) == (FIRST, LAST, CUT)


@pytest.mark.parametrize("filters", [None, EVERYBODY])
def test_values_are_counted_up_to_the_cut(site: SiteUnderTest, filters: Any) -> None:
    def by(dimension: str, first: date = FIRST) -> dict[str | None, tuple[Any, ...]]:
        def read(conn: Any, scope: Scope) -> Any:
            return breakdowns.breakdown(conn, scope, dimension)

        return by_value(compared(site, read, first=first, filters=filters))

    assert by("country") == {
        "DE": (2, 2, 1, 1_800.0, 4, 3, 0, "0"),
        "US": (2, 2, 1, 1_260.0, 4, 2, 1, "9.50"),
    }
    assert by("device") == {
        "desktop": (2, 3, 2, 1_800.0, 5, 4, 0, "0"),
        "mobile": (1, 1, 0, 1_260.0, 3, 1, 1, "9.50"),
    }
    assert by("entry_page") == {
        "/": (2, 3, 2, 1_800.0, 5, 4, 0, "0"),
        "/a": (1, 1, 0, 1_260.0, 3, 1, 1, "9.50"),
    }
    assert by("country", LAST) == {
        "DE": (2, 1, 1, 0.0, 3, 2, 0, "0"),
        "US": (1, 1, 0, 1_260.0, 3, 1, 1, "9.50"),
    }


def test_values_under_a_filter_on_one_of_them_are_counted_up_to_the_cut(
    site: SiteUnderTest,
) -> None:
    def read(conn: Any, scope: Scope) -> Any:
        return breakdowns.breakdown(conn, scope, "device")

    rows = compared(site, read, filters=["is", "country", ["US"]])
    assert by_value(rows) == {
        "desktop": (1, 1, 1, 0.0, 1, 1, 0, "0"),
        "mobile": (1, 1, 0, 1_260.0, 3, 1, 1, "9.50"),
    }


@pytest.mark.parametrize(("filters", "nobody"), [(None, 1), (EVERYBODY, 0)])
def test_pages_are_counted_up_to_the_cut(site: SiteUnderTest, filters: Any, nobody: int) -> None:
    rows = compared(site, pages.pages, filters=filters)
    counted = {
        row.page: (
            row.pageviews, row.visitors, row.entries, row.bounces, row.exits, row.visits,
            row.engaged_ms,
        )
        for row in rows
    }  # fmt: skip
    assert counted == {
        "/": (3, 2, 3, 2, 2, 3, 0),
        "/a": (2 + nobody, 2, 1, 0, 1, 2, 4_000),
        "/b": (0, 0, 0, 0, 1, 0, 0),  # Bob left there, after the cut
    }
    views = compared(site, pages.page_views, filters=filters)
    assert [(row.page, row.pageviews) for row in views] == [
        ("/", 3), ("/a", 2 + nobody), ("/b", 0),
    ]  # fmt: skip
    assert {row.all_pageviews for row in [*rows, *views]} == {5 + nobody}
    today = compared(site, pages.page_views, first=LAST, filters=filters)
    assert {row.page: row.pageviews for row in today} == {"/": 1, "/a": 2 + nobody, "/b": 0}


@pytest.mark.parametrize(("filters", "nobody"), [(None, 1), (EVERYBODY, 0)])
def test_event_names_are_counted_up_to_the_cut(
    site: SiteUnderTest, filters: Any, nobody: int
) -> None:
    rows = compared(site, breakdowns.events_by_name, filters=filters)
    counted = {
        row.value: (
            row.events,
            row.visitors,
            row.sessions,
            row.conversions,
            str(row.revenue_net + 0),
        )
        for row in rows
    }
    assert counted == {
        "page_view": (5 + nobody, 3, 4, 0, "0"),
        "click": (1 + nobody, 1, 1, 0, "0"),
        "purchase": (1, 1, 1, 1, "9.50"),
        "engagement": (1, 1, 1, 0, "0"),
    }
    counts = compared(site, breakdowns.event_counts, filters=filters)
    assert {row.value: row.events for row in counts} == {n: c[0] for n, c in counted.items()}
    assert {row.all_events for row in [*rows, *counts]} == {8 + 2 * nobody}
    figures = compared(site, traffic.overview, filters=filters)
    assert (figures.events, figures.visitors, figures.sessions) == (8 + 2 * nobody, 3, 4)


def test_a_late_cut_takes_what_follows_it_from_the_whole_day(api: RunningApi) -> None:
    site = new_site(api, "evening")
    site.visit("ada", at="2026-03-10 22:50", pages=["/x", "/x", "/y"], every_s=300, device="tv")
    site.visit("bob", at="2026-03-10 23:30", pages=["/x", "/z"], device="tv")
    site.visit("bob", at="2026-03-11 00:10", pages=["/x"], device="tv")
    site.visit("cyd", at="2026-03-10 09:00", pages=["/x"], device="mobile")
    for at in ("22:00", "23:00", "23:59"):
        site.event("page_view", None, at=f"2026-03-10 {at}", path="/x")
    site.api.settle()
    day, cut = date(2026, 3, 10), site.instant("2026-03-10 23:00")

    def people(conn: Any, scope: Scope) -> Any:
        return breakdowns.value_visitors(conn, scope, "device")

    views = compared(site, pages.page_views, first=day, cut=cut)
    assert [(row.page, row.pageviews) for row in views] == [("/x", 4), ("/y", 0)]
    names = compared(site, breakdowns.event_counts, first=day, cut=cut)
    assert [(row.value, row.events) for row in names] == [("page_view", 4)]
    found = compared(site, people, first=day, cut=cut)
    assert [(row.value, row.visitors) for row in found] == [("mobile", 1), ("tv", 1)]


def test_parts_of_a_day_are_refused_where_raw_events_are_gone(api: RunningApi) -> None:
    site = new_site(api, "forgetful")
    with connect(api.database_url) as conn:
        conn.execute("UPDATE sites SET retention_days = 1 WHERE slug = 'forgetful'")
        prune_raw_events(conn, datetime(2025, 11, 4, 12, tzinfo=UTC))
    for read in (pages.pages, pages.page_views, breakdowns.event_counts, breakdowns.events_by_name):
        with pytest.raises(ScopeError, match="of a part of a day follow from raw events"):
            compared(site, read)
