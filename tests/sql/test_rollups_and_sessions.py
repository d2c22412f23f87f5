"""A property: rollups and base tables answer the same questions alike."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql import breakdowns, pages, series, traffic
from sql.database import AsyncConnection
from sql.filters import LOW_DIMENSIONS
from sql.scope import Scope
from sql.sites import sites_by_id
from tests.pipeline import Pipeline
from tests.sql.test_any_order import ZONES, logs, store

DAYS = st.tuples(st.integers(30, 31), st.integers(1, 6))
"""A range from late October to early November 2025, around the log's beginning."""


async def answers(
    url: str, scope: Scope, cut: Scope, from_sessions: bool
) -> dict[str, Sequence[Any]]:
    """Every kind of answer that both can give."""
    given: dict[str, Any] = {"from_sessions": from_sessions}
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        found: dict[str, Sequence[Any]] = {
            "overview": [await traffic.overview(conn, scope, **given)],
            **await row_answers(conn, scope, given),
        }
        for interval in ("hour", "day", "week", "month"):
            found[interval] = await traffic.points(conn, scope, interval, **given)
        for metric in ("visitors", "bounce_rate", "revenue_net"):
            found[metric] = await series.series_by_value(
                conn, scope, metric, "week", "country", **given
            )
        found |= await cut_answers(conn, cut, given)
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


async def row_answers(
    conn: AsyncConnection, scope: Scope, given: dict[str, Any]
) -> dict[str, Sequence[Any]]:
    """By page, event name and the values of dimensions; what costs less says the same."""
    found: dict[str, Sequence[Any]] = {
        "pages": await pages.pages(conn, scope, **given),
        "event": await breakdowns.events_by_name(conn, scope, **given),
    }
    views = [(row.page, row.pageviews) for row in await pages.page_views(conn, scope)]
    assert views == [(row.page, row.pageviews) for row in found["pages"]]
    counts = [(row.value, row.events) for row in await breakdowns.event_counts(conn, scope)]
    assert counts == [(row.value, row.events) for row in found["event"]]
    for dimension in LOW_DIMENSIONS:
        rows = found[dimension] = await breakdowns.breakdown(conn, scope, dimension, **given)
        people = await breakdowns.value_visitors(conn, scope, dimension)
        assert {p.value: p.visitors for p in people} == {
            row.value: row.visitors for row in rows if row.visitors
        }
    return found


def cut_at(scope: Scope, moment: datetime) -> Scope:
    """The scope up to a moment, which it may not have begun at."""
    day = moment.astimezone(scope.site.zone).date()
    return replace(scope, first=min(scope.first, day), last=day, cut=moment)


async def cut_answers(
    conn: AsyncConnection, cut: Scope, given: dict[str, Any]
) -> dict[str, Sequence[Any]]:
    """What a comparison asks for: the last day up to a moment, and that day alone."""
    found: dict[str, Sequence[Any]] = {"cut": [await traffic.overview(conn, cut, **given)]}
    for interval in ("hour", "day", "week", "month"):
        found[f"cut {interval}"] = await traffic.points(conn, cut, interval, **given)
        of_events = sum(point.events for point in found[f"cut {interval}"])
        assert of_events == found["cut"][0].events
    day = replace(cut, first=cut.last)
    found["cut minute"] = await traffic.points(conn, day, "minute", **given)
    (whole,) = await traffic.points(conn, day, "day", **given)
    assert sum(point.events for point in found["cut minute"]) == whole.events
    for name, asked in (("cut", cut), ("cut day", day)):
        rows = await row_answers(conn, asked, given)
        found |= {f"{name} {kind}": answer for kind, answer in rows.items()}
    (figures,) = found["cut"]
    for dimension in LOW_DIMENSIONS:
        values = found[f"cut {dimension}"]
        for figure in ("sessions", "bounces", "duration_us", "events", "pageviews", "revenue_net"):
            assert sum(getattr(v, figure) for v in values) == getattr(figures, figure)
    return found


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(log=logs(), zone=st.sampled_from(ZONES), days=DAYS, at=st.integers(0, 13))
def test_rollups_and_sessions_answer_alike(
    pipeline: Pipeline, log: list[dict[str, Any]], zone: str, days: tuple[int, int], at: int
) -> None:
    # events of nobody are in no session, and so in one of the two answers only
    people = [{**event, "visitor_id": event["visitor_id"] or 3} for event in log]
    site_id = store(pipeline, zone, people, [4], [True])
    site = sites_by_id(pipeline.conn)[site_id]
    scope = Scope(site, date(2025, 10, days[0]), date(2025, 11, days[1]))
    url = pipeline.conn.info.dsn
    cut = cut_at(scope, datetime.fromtimestamp(log[at % len(log)]["ts_us"] / 1e6, UTC))
    ours, theirs = (asyncio.run(answers(url, scope, cut, way)) for way in (False, True))
    assert ours == theirs
