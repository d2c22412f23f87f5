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
    (("pages/views",), pages.PageViews),
    (("breakdowns/value_people", "breakdowns/low"), breakdowns.BreakdownRow),
    (("breakdowns/value_people", "breakdowns/value_visitors"), breakdowns.ValueVisitors),
    (("breakdowns/event",), breakdowns.EventRow),
    (("breakdowns/event_counts",), breakdowns.EventCount),
]
UNDER_SELECTION = [
    (("traffic/place_days", "traffic/points_selected"), traffic.TrafficPoint),
    (("traffic/place_hours", "traffic/points_selected"), traffic.TrafficPoint),
    (("traffic/place_minutes", "traffic/points_selected"), traffic.TrafficPoint),
    (("pages/pages_selected",), pages.PageRow),
    (("breakdowns/dimension_selected",), breakdowns.BreakdownRow),
    (("breakdowns/page_selected",), breakdowns.BreakdownRow),
    (("breakdowns/event_selected",), breakdowns.EventRow),
    (("breakdowns/property_selected",), breakdowns.PropertyRow),
    (("breakdowns/property_keys_selected",), breakdowns.PropertyKey),
    (("analytics/series_selected",), series.BucketOfValue),
    (("users/users_selected",), users.Users),
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
        "days": days, "by_event": False, "most": 10, "skip": 0, "dimension": 1,
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
    text = begin + (pages.seen() if row in (pages.PageRow, pages.PageViews) else "")
    text += breakdowns.event_people(scope) if row is breakdowns.EventRow else ""
    text += "".join(column_of(query(name), "source") for name in names)
    given = {**parameters_of(scope), **selecting}
    found = columns(database_url, text, given)
    assert sorted(found) == sorted(field.name for field in fields(row))


@pytest.mark.parametrize(("names", "row"), UNDER_SELECTION)
def test_a_query_of_sessions(
    database_url: str, scope: Scope, names: tuple[str, ...], row: Any
) -> None:
    chosen = parse_filters(["and", [["is", "country", ["DE", None]], ["contains", "page", ["/"]]]])
    begin, selecting = begin_selected(replace(scope, filters=chosen))
    before = [query(name) for name in names[:-1]]
    before += [f", {portions(scope, what)}" for what in ("pages", "names")]
    text = "\n".join([begin, *before, column_of(query(names[-1]), "source")])
    found = columns(database_url, text, {**parameters_of(scope), **selecting})
    assert sorted(found) == sorted(field.name for field in fields(row))
