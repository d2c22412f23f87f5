"""What half of the visitors are found to have done, and the others, adds up to what all did."""

import asyncio
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql import breakdowns, pages, series, traffic, users
from sql.database import AsyncConnection, make_pool
from sql.filtered import fetch_filtered
from sql.filters import Condition, Filter
from sql.halves import exported_snapshot
from sql.parts import Wanted
from sql.running import column_of, portions
from sql.scope import Scope
from sql.sites import sites_by_id
from sql.summed import fetch_summed
from sql.text import query
from tests.pipeline import Pipeline
from tests.sql.test_any_order import ZONES, logs, store

FIRST, LAST = date(2025, 10, 31), date(2025, 11, 6)
CUT = datetime(2025, 11, 2, 10, 20, tzinfo=UTC)
NEVER = 2**62
FILTERED: list[tuple[str, Any, Wanted]] = [
    ("traffic/overview_filtered", traffic.Overview, Wanted()),
    ("breakdowns/low_filtered", breakdowns.BreakdownRow, Wanted(("country",))),
    ("pages/views_filtered", pages.PageViews, Wanted(pages=True)),
]


def questions(scope: Scope) -> list[tuple[str, str, Any]]:
    """What is found, how it is summed, and its rows."""
    place_value, summed_value = query("breakdowns/value_found"), query("breakdowns/value_summed")
    portion = {what: f"WITH {portions(scope, what, 'MATERIALIZED')}" for what in ("pages", "names")}
    by_day, by_hour = (traffic.finding_points(each, "s.country_id") for each in ("day", "hour"))
    return [
        (column_of(place_value, "country"), summed_value, breakdowns.BreakdownRow),
        (query("breakdowns/page_found"), summed_value, breakdowns.BreakdownRow),
        (portion["names"] + query("breakdowns/event_found"), query("breakdowns/event_summed"),
         breakdowns.EventRow),
        (portion["pages"] + query("pages/pages_found"), query("pages/pages_summed"), pages.PageRow),
        (query("users/users_found"), query("users/users_summed"), users.Users),
        (by_day, query("traffic/points_summed"), traffic.TrafficPoint),
        (by_hour, query("traffic/points_summed"), traffic.TrafficPoint),
        (by_hour, query("analytics/series_summed"), series.BucketOfValue),
    ]  # fmt: skip


async def asked(conn: AsyncConnection, scope: Scope, halved_from: int) -> list[Any]:
    _, froms = traffic.bucket_starts(replace(scope, cut=None), "hour")
    given = {"most": 10, "skip": 0, "froms": froms, "days": [FIRST, date(2025, 11, 3)]}
    found = []
    for finding, summing, row in questions(scope):
        rows = await fetch_summed(
            conn, finding, summing, row, scope, given, halved_from=halved_from
        )
        found.append([plain(each) for each in rows])
    for name, row, wanted in FILTERED:
        rows = await fetch_filtered(
            conn, name, row, scope, wanted, {**given, "dimension": 3}, halved_from=halved_from
        )
        found.append([plain(each) for each in rows])
    return found


def plain(row: Any) -> dict[str, Any]:
    """As numbers that a sum in another order leaves alike."""
    return {
        name: [round(each, 9) for each in value] if isinstance(value, list)
        else round(value, 9) if isinstance(value, float | Decimal) else value
        for name, value in asdict(row).items()
    }  # fmt: skip


async def in_all_ways(url: str, scope: Scope) -> tuple[list[Any], list[Any], list[Any]]:
    """At once, in halves, and in halves in a transaction that has gone on for a while."""
    async with make_pool(url, size=1) as pool, pool.connection() as conn:
        at_once = await asked(conn, scope, NEVER)
        halved = await asked(conn, scope, 0)
        async with conn.transaction():
            await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            kept = replace(scope, snapshot=await exported_snapshot(conn))
            await conn.execute("SAVEPOINT later")
            return at_once, halved, await asked(conn, kept, 0)


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    log=logs(),
    zone=st.sampled_from(ZONES),
    filters=st.sampled_from(
        [None, Condition("is", "country", ("DE",)), Condition("contains", "page", ("/a",))]
    ),
    cut=st.sampled_from([None, CUT]),
)
def test_halves_add_up(
    pipeline: Pipeline,
    log: list[dict[str, object]],
    zone: str,
    filters: Filter | None,
    cut: datetime | None,
) -> None:
    site_id = store(pipeline, zone, log, [], [False])
    site = sites_by_id(pipeline.conn)[site_id]
    last = LAST if cut is None else cut.astimezone(site.zone).date()
    scope = Scope(site, FIRST, last, filters, cut)
    at_once, halved, later = asyncio.run(in_all_ways(pipeline.conn.info.dsn, scope))
    assert halved == at_once
    assert later == at_once
