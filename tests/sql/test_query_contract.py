"""Every query answers exactly the columns of its row class, also when no row comes back."""

import asyncio
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from sql import breakdowns, pages, realtime, series, traffic, users
from sql.filters import parse_filters
from sql.running import begin_cut, begin_selected, column_of, portions
from sql.scope import Scope, resolve_scope
from sql.sites import ensure_site, site_by_slug
from sql.summed import begin_summed
from sql.text import query

UNDER_SCOPE = [
    ("traffic/overview", traffic.Overview),
    ("traffic/points_by_days", traffic.TrafficPoint),
    ("traffic/points_by_hour", traffic.TrafficPoint),
    ("traffic/points_by_events", traffic.TrafficPoint),
    ("traffic/heatmap", traffic.HourCell),
    ("analytics/series_low", series.DaysOfValue),
    ("realtime/realtime", realtime.Realtime),
    ("realtime/latest_events", realtime.LatestEvent),
]
OF_ROLLUPS_AND_CUT = [
    (("pages/pages",), pages.PageRow),
    (("pages/views",), pages.ListedPage),
    (("breakdowns/value_people", "breakdowns/low"), breakdowns.BreakdownRow),
    (("breakdowns/value_people", "breakdowns/value_visitors"), breakdowns.ValueVisitors),
    (("breakdowns/event",), breakdowns.EventRow),
    (("breakdowns/event_counts",), breakdowns.EventCount),
]
UNDER_SELECTION = [
    ("breakdowns/property", breakdowns.PropertyRow),
    ("breakdowns/property_keys", breakdowns.PropertyKey),
]
SUMMED = [
    ("breakdowns/value_found", "breakdowns/value_summed", breakdowns.BreakdownRow),
    ("breakdowns/page_found", "breakdowns/value_summed", breakdowns.BreakdownRow),
    ("breakdowns/event_found", "breakdowns/event_summed", breakdowns.EventRow),
    ("pages/pages_found", "pages/pages_summed", pages.PageRow),
    ("users/users_found", "users/users_summed", users.Users),
    *(
        (interval, summing, row)
        for interval in ("minute", "hour", "day")
        for summing, row in (
            ("traffic/points_summed", traffic.TrafficPoint),
            ("analytics/series_summed", series.BucketOfValue),
        )
    ),
]


async def scope_of(url: str) -> Scope:
    async with await psycopg.AsyncConnection.connect(url) as conn:
        site = await site_by_slug(conn, "shop")
    assert site is not None
    return resolve_scope(site, now=datetime(2026, 3, 10, 12, tzinfo=UTC), period="7d")


def parameters_of(scope: Scope) -> dict[str, Any]:
    days = [scope.first]
    return {
        **scope.parameters, "names": days, "firsts": days, "lasts": days, "froms": [scope.start],
        "days": days, "most": 10, "skip": 0, "dimension": 1,
        "page_ids": [1], "paths": ["/"], "pageviews": [1], "all_pageviews": 1, "some_ids": [1],
        "other_ids": [],
        "key": "plan", "event": "click", "is_filtered": True,
    }  # fmt: skip


def columns(url: str, text: str, parameters: dict[str, Any]) -> list[str]:
    with psycopg.connect(url) as conn:
        described = conn.execute(text, parameters).description
        assert described is not None
        return [column.name for column in described]


@pytest.fixture
def scope(database_url: str) -> Scope:
    with psycopg.connect(database_url, autocommit=True) as conn:
        ensure_site(conn, "shop", timezone="Europe/Berlin")
    return asyncio.run(scope_of(database_url))


@pytest.mark.parametrize(("name", "row"), UNDER_SCOPE)
def test_a_query_of_rollups(database_url: str, scope: Scope, name: str, row: Any) -> None:
    found = columns(database_url, query(name), parameters_of(scope))
    assert sorted(found) == sorted(field.name for field in fields(row))


@pytest.mark.parametrize("cut", [None, datetime(2026, 3, 10, 12, 5, tzinfo=UTC)])
@pytest.mark.parametrize(("names", "row"), OF_ROLLUPS_AND_CUT)
def test_a_query_of_rollups_and_a_cut_day(
    database_url: str, scope: Scope, names: tuple[str, ...], row: Any, cut: datetime | None
) -> None:
    scope = replace(scope, cut=cut)
    begin, selecting = begin_cut(scope, is_late=True)
    before = {
        pages.ListedPage: pages.seen(),
        breakdowns.EventRow: breakdowns.event_people(scope),
    }
    texts = (pages.text_of_pages(scope) if name == "pages/pages" else query(name) for name in names)
    text = begin + before.get(row, "") + "".join(column_of(each, "source") for each in texts)
    given = {**parameters_of(scope), **selecting}
    found = columns(database_url, text, given)
    assert sorted(found) == sorted(field.name for field in fields(row))


def chosen(scope: Scope) -> Scope:
    filters = ["and", [["is", "country", ["DE", None]], ["contains", "page", ["/"]]]]
    return replace(scope, filters=parse_filters(filters))


@pytest.mark.parametrize(("name", "row"), UNDER_SELECTION)
def test_a_query_of_sessions(database_url: str, scope: Scope, name: str, row: Any) -> None:
    begin, selecting = begin_selected(chosen(scope))
    found = columns(database_url, begin + query(name), {**parameters_of(scope), **selecting})
    assert sorted(found) == sorted(field.name for field in fields(row))


@pytest.mark.parametrize("cut", [None, datetime(2026, 3, 10, 12, 5, tzinfo=UTC)])
@pytest.mark.parametrize(("name", "summing", "row"), SUMMED)
def test_a_query_of_shares(
    database_url: str, scope: Scope, name: str, summing: str, row: Any, cut: datetime | None
) -> None:
    scope = replace(scope, cut=cut)
    if name in traffic.INTERVALS:
        finding = traffic.finding_points(name, "s.city_id")
    else:
        portioned = {"pages/pages_found": "pages", "breakdowns/event_found": "names"}.get(name)
        finding = f"WITH {portions(scope, portioned)}" if portioned else ""
        finding += column_of(query(name), "source")
    begin, selecting = begin_summed(chosen(scope), finding)
    found = columns(database_url, begin + query(summing), {**parameters_of(scope), **selecting})
    assert sorted(found) == sorted(field.name for field in fields(row))
