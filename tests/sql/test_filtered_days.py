"""Stored parts of closed days: read, equal to the sessions, touched and made again."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql import breakdowns, pages, traffic
from sql.events import CollectedEvent
from sql.filtered import share_selection
from sql.filtered_days import store_due
from sql.filters import LOW_DIMENSIONS, Condition, Filter, Group
from sql.halves import WORTHWHILE_SESSIONS
from sql.scope import Scope
from sql.sites import sites_by_id
from sql.verification import verify_site
from tests.pipeline import Pipeline
from tests.sql.test_any_order import START, ZONES, event, logs, store

FIRST, LAST = date(2025, 10, 30), date(2025, 11, 6)
CUT = datetime(2025, 11, 6, 3, 17, 5, tzinfo=UTC)


async def answers(conn: psycopg.AsyncConnection[Any], scope: Scope) -> dict[str, Sequence[Any]]:
    found: dict[str, Sequence[Any]] = {
        "overview": [await traffic.overview(conn, scope)],
        "day": await traffic.points(conn, scope, "day"),
        "week": await traffic.points(conn, scope, "week"),
        "hours": await traffic.heatmap(conn, scope),
        "pages": await pages.page_views(conn, scope),
        "events": await breakdowns.event_counts(conn, scope),
    }
    for dimension in LOW_DIMENSIONS:
        found[dimension] = await breakdowns.breakdown(conn, scope, dimension)
    return found


def asked(
    pipeline: Pipeline,
    site_id: int,
    filters: Filter,
    *,
    is_shared: bool,
    halved_from: int = WORTHWHILE_SESSIONS,
) -> dict[str, Any]:
    """All answers about the days of the log, and under "cut" about those up to the cut.

    What is shared is found once, in one transaction.
    """

    async def ask(conn: psycopg.AsyncConnection[Any], scope: Scope) -> dict[str, Any]:
        if not is_shared:
            return await answers(conn, scope)
        async with conn.transaction():
            shared = await share_selection(conn, scope, halved_from=halved_from)
            return await answers(conn, shared)

    async def ask_both() -> dict[str, Any]:
        site = sites_by_id(pipeline.conn)[site_id]
        cut = Scope(site, FIRST, CUT.astimezone(site.zone).date(), filters, CUT)
        async with await psycopg.AsyncConnection.connect(
            pipeline.conn.info.dsn, autocommit=True
        ) as conn:
            whole = await ask(conn, Scope(site, FIRST, LAST, filters))
            return whole | {"cut": await ask(conn, cut)}

    return asyncio.run(ask_both())


def of_sessions(pipeline: Pipeline, site_id: int, condition: Condition) -> dict[str, Any]:
    """The same answers from the sessions alone, one by one: of a group nothing is stored."""
    return asked(pipeline, site_id, Group("and", (condition,)), is_shared=False)


def of_halves(pipeline: Pipeline, site_id: int, condition: Condition) -> dict[str, Any]:
    """The same again, half of the visitors on a connection of their own."""
    group = Group("and", (condition,))
    return asked(pipeline, site_id, group, is_shared=True, halved_from=0)


def stored(pipeline: Pipeline, site_id: int) -> int:
    row = pipeline.conn.execute(
        "SELECT count(*) FROM filtered_parts WHERE site_id = %s", (site_id,)
    ).fetchone()
    assert row is not None
    return int(row[0])


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    log=logs(),
    zone=st.sampled_from(ZONES),
    condition=st.sampled_from(
        [
            Condition("is", "country", ("DE",)),
            Condition("is", "country", (None,)),
            Condition("is", "device", ("mobile",)),
            Condition("is", "channel", ("Direct",)),
            Condition("is", "source", ("nobody",)),
            Condition("is", "page", ("/a",)),
            Condition("is", "page", ("/nowhere",)),
        ]
    ),
    late=st.integers(0, 14),
    is_shared=st.booleans(),
)
def test_stored_days_and_sessions_answer_alike(
    pipeline: Pipeline,
    log: list[dict[str, object]],
    zone: str,
    condition: Condition,
    late: int,
    is_shared: bool,
) -> None:
    early = log[late:] or log
    site_id = store(pipeline, zone, early, [3], [True])
    has_people = any(fields["visitor_id"] for fields in early)
    assert (stored(pipeline, site_id) > 0) == has_people

    def check() -> None:
        found = asked(pipeline, site_id, condition, is_shared=is_shared)
        assert found == of_sessions(pipeline, site_id, condition)

    check()
    for fields in log[:late]:
        pipeline.write([collected(site_id, fields)])
    pipeline.rebuild()  # the sessions, and not yet what is stored
    check()
    pipeline.report()
    check()
    assert of_halves(pipeline, site_id, condition) == of_sessions(pipeline, site_id, condition)
    assert verify_site(pipeline.conn, site_id) == []


def collected(site_id: int, fields: dict[str, Any]) -> CollectedEvent:
    return CollectedEvent(site_id=site_id, received_us=START * 1_000_000, **fields)


def visitors_of(pipeline: Pipeline, site_id: int) -> tuple[int, int]:
    """Sessions and visitors of Germany."""
    germany = Condition("is", "country", ("DE",))
    overview = asked(pipeline, site_id, germany, is_shared=False)["overview"][0]
    return overview.sessions, overview.visitors


def test_what_is_stored_is_read_until_a_late_event_touches_its_day(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    pipeline.write([event(site_id, at, f"e{at}", country="DE") for at in (0, 9_000, 86_400)])
    pipeline.report()
    assert visitors_of(pipeline, site_id) == (3, 1)
    pipeline.conn.execute(
        "UPDATE filtered_days SET sessions = sessions + 10 WHERE site_id = %s AND kind = 0"
        " AND sessions > 0 AND dimension = 3 AND local_day = '2025-11-01'",
        (site_id,),
    )
    assert visitors_of(pipeline, site_id) == (13, 1)
    assert {x.relation for x in verify_site(pipeline.conn, site_id)} == {"filtered_parts"}
    pipeline.write([event(site_id, 90_000, "late", country="DE", visitor_id=6)])
    pipeline.rebuild()
    assert visitors_of(pipeline, site_id) == (4, 2)
    pipeline.report()
    assert visitors_of(pipeline, site_id) == (4, 2)
    assert verify_site(pipeline.conn, site_id) == []


@pytest.mark.parametrize(
    ("day", "sessions", "events", "visitors", "new"),
    [("2025-10-31", 1, 2, 1, 1), ("2025-11-01", 0, 1, 1, 0), ("2025-11-02", 1, 1, 1, 0)],
)
def test_a_session_that_a_range_parts_counts_its_visitor_on_either_side(
    pipeline: Pipeline, day: str, sessions: int, events: int, visitors: int, new: int
) -> None:
    site_id = pipeline.new_site()
    times_s = (6_000, 6_600, 7_800, 2 * 86_400)  # 23:40, 23:50, ten past midnight; a day later
    pipeline.write([event(site_id, at, f"e{at}", country="DE") for at in times_s])
    pipeline.report()
    site = sites_by_id(pipeline.conn)[site_id]
    only = date.fromisoformat(day)
    scope = Scope(site, only, only, Condition("is", "country", ("DE",)))

    async def ask() -> traffic.Overview:
        async with await psycopg.AsyncConnection.connect(pipeline.conn.info.dsn) as conn:
            return await traffic.overview(conn, scope)

    found = asyncio.run(ask())
    assert (found.sessions, found.events, found.visitors, found.new_visitors) == (
        sessions, events, visitors, new,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "sessions", "events"),
    [("2025-10-31", "2025-11-01", 1, 3), ("2025-11-01", "2025-11-01", 0, 1)],
)
def test_a_page_selects_a_session_also_on_its_days_without_a_view(
    pipeline: Pipeline, first: str, last: str, sessions: int, events: int
) -> None:
    site_id = pipeline.new_site()
    pages = {6_000: "/start", 6_600: "/", 7_800: "/", 40_000: "/"}  # ten past midnight; a session
    pipeline.write([event(site_id, at, f"e{at}", path=path) for at, path in pages.items()])
    pipeline.report()
    site = sites_by_id(pipeline.conn)[site_id]
    days = date.fromisoformat(first), date.fromisoformat(last)
    scope = Scope(site, *days, Condition("is", "page", ("/start",)))

    async def ask() -> traffic.Overview:
        async with await psycopg.AsyncConnection.connect(pipeline.conn.info.dsn) as conn:
            return await traffic.overview(conn, scope)

    found = asyncio.run(ask())
    assert (found.sessions, found.events, found.visitors) == (sessions, events, 1)


@pytest.mark.parametrize(
    ("first", "last", "counted", "by_day"),
    [
        ("2025-10-31", "2025-11-01", (3, 3, 1), [(1, 1), (3, 1)]),
        ("2025-11-01", "2025-11-01", (3, 1, 0), [(3, 1)]),
        ("2025-11-01", "2025-11-02", (3, 1, 0), [(3, 1), (1, 0)]),
    ],
)
def test_visitors_of_a_page_count_by_their_sessions(
    pipeline: Pipeline,
    first: str,
    last: str,
    counted: tuple[int, int, int],
    by_day: list[tuple[int, int]],
) -> None:
    site_id = pipeline.new_site()
    day = 86_400
    log: list[tuple[int, float, dict[str, object]]] = [
        # From 23:40 past midnight: the page on the second day, the conversion on the first.
        (1, 6_000, {"path": "/start"}),
        (1, 6_060, {"name": "purchase", "value": "9.99"}),
        (1, 7_800, {"path": "/a"}),
        (1, 7_860, {"path": "/a"}),
        # New on the first day, in a session without the page.
        (2, 7_000, {"path": "/start"}),
        (2, 7_200 + 3_600, {"path": "/a"}),
        # From the second day past midnight to the third, where nothing is viewed any more.
        (3, day + 6_000, {"path": "/a"}),
        (3, day + 7_500, {"name": "click", "path": "/start"}),
        # Time on the page without a view, and another page.
        (4, 7_200 + 3_600, {"name": "engagement", "path": "/a", "duration_ms": 2_500}),
        (4, 7_200 + 3_660, {"path": "/start"}),
    ]
    pipeline.write(
        [
            event(site_id, at, f"e{number}", visitor_id=visitor, **fields)
            for number, (visitor, at, fields) in enumerate(log)
        ]
    )
    pipeline.report()
    site = sites_by_id(pipeline.conn)[site_id]
    days = date.fromisoformat(first), date.fromisoformat(last)
    scope = Scope(site, *days, Condition("is", "page", ("/a",)))

    async def ask() -> tuple[traffic.Overview, list[traffic.TrafficPoint]]:
        async with await psycopg.AsyncConnection.connect(pipeline.conn.info.dsn) as conn:
            return await traffic.overview(conn, scope), await traffic.points(conn, scope, "day")

    found, points = asyncio.run(ask())
    assert (found.visitors, found.new_visitors, found.converting_visitors) == counted
    assert [(point.visitors, point.new_visitors) for point in points] == by_day


def test_days_are_stored_once_and_again_when_they_rest(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    pipeline.write([event(site_id, 0, "a", country="DE")])
    pipeline.report()
    assert store_due(pipeline.conn, rest_s=0, least=1) == 0
    pipeline.write([event(site_id, 60, "b", country="DE")])
    pipeline.rebuild()
    assert store_due(pipeline.conn, rest_s=3_600, least=1) == 0
    assert store_due(pipeline.conn, rest_s=0, least=1) == 1
    assert store_due(pipeline.conn, rest_s=0, least=1) == 0


def test_a_call_out_of_patience_leaves_the_rest_to_the_next(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    pipeline.write([event(site_id, 0, "a", country="DE")])
    pipeline.rebuild()
    assert store_due(pipeline.conn, rest_s=0, least=1, patience_s=-1) == 0
    assert stored(pipeline, site_id) == 0
    assert store_due(pipeline.conn, rest_s=0, least=1) > 0
    assert stored(pipeline, site_id) > 0


def test_only_frequent_values_are_stored(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    countries = ("DE", "DE", "US")
    pipeline.write(
        [
            event(site_id, n, f"e{n}", country=country, visitor_id=n + 1)
            for n, country in enumerate(countries)
        ]
    )
    pipeline.rebuild()
    store_due(pipeline.conn, rest_s=0, least=2)
    found = pipeline.conn.execute(
        "SELECT l.value, sum(sessions)::int FROM filtered_days f"
        " JOIN labels l ON l.site_id = f.site_id AND l.label_id = f.value_id"
        " WHERE f.site_id = %s AND dimension = 3 AND kind = 0 GROUP BY 1",
        (site_id,),
    ).fetchall()
    assert found == [("DE", 2)]


def test_only_pages_with_a_share_of_the_sessions_are_stored(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    pages = {0: "/a", 1: "/a", 2: "/b"}
    pipeline.write(
        [
            event(site_id, n, f"e{n}", path=pages.get(n, f"/{n}"), visitor_id=n + 1)
            for n in range(150)
        ]
    )
    pipeline.report()
    found = pipeline.conn.execute(
        "SELECT l.value, sessions FROM filtered_days f"
        " JOIN labels l ON l.site_id = f.site_id AND l.label_id = f.value_id"
        " WHERE f.site_id = %s AND dimension = 8 AND kind = 0 AND sessions > 0",
        (site_id,),
    ).fetchall()
    assert found == [("/a", 2)]


@pytest.mark.parametrize("many", [3, 61, 62, 80])
def test_values_are_counted_whether_or_not_they_have_a_bit(pipeline: Pipeline, many: int) -> None:
    site_id = pipeline.new_site()
    countries = [f"{a}{b}" for a in "ABCDEFGH" for b in "ABCDEFGHIJ"][:many]
    pipeline.write(
        [
            event(
                site_id,
                n * 4_000 + again,
                f"{n} {again}",
                country=country,
                device=("desktop", "mobile")[n % 2],
                visitor_id=7 + again,
            )
            for n, country in enumerate(countries)
            for again in range(1 + n % 2)
        ]
    )
    pipeline.report()
    direct = Condition("is", "channel", ("Direct",))
    found = asked(pipeline, site_id, direct, is_shared=True)
    assert {row.value: row.visitors for row in found["country"]} == {
        country: 1 + n % 2 for n, country in enumerate(countries)
    }
    assert {row.value: row.visitors for row in found["device"]} == {"desktop": 1, "mobile": 2}
