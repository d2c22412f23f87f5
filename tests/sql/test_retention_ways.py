"""Retention computed ahead, from the sessions, and by brute force."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sql.cohorts import recompute_due
from sql.events import CollectedEvent
from sql.filters import parse_filters
from sql.retention import GRAINS, MODES, Cohort, Retention, retention
from sql.scope import Scope
from sql.sites import Site, sites_by_id
from tests.brute_force import CohortFacts, Happening, retention_of
from tests.pipeline import Pipeline

ZONES = ("America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
START = datetime(2025, 10, 3, 22, tzinfo=UTC)
STEPS_S = (0, 1, 1_800, 1_801, 3_600, 40_000, 86_400, 90_000, 400_000, 604_800, 2_592_000)


@st.composite
def logs(draw: st.DrawFn) -> list[Happening]:
    at = START
    log = []
    for number in range(draw(st.integers(1, 12))):
        at += timedelta(seconds=draw(st.sampled_from(STEPS_S)))
        log.append(
            Happening(
                visitor=draw(st.integers(1, 3)),
                at=at,
                number=number,
                key=draw(st.sampled_from([None, None, "a"])),
                country=draw(st.sampled_from([None, "DE", "US"])),
                revenue=Decimal(draw(st.sampled_from(["0", "0", "9.99", "1.5"]))),
            )
        )
    return log


def collected(site_id: int, event: Happening) -> CollectedEvent:
    return CollectedEvent(
        site_id=site_id,
        name="purchase" if event.revenue else "page_view",
        ts_us=(event.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1),
        received_us=1,
        event_id=f"e{event.number:03d}",
        visitor_id=event.visitor,
        session_id=event.key,
        path="/",
        country=event.country,
        value=str(event.revenue) if event.revenue else None,
    )


def facts(found: Retention) -> list[CohortFacts]:
    def one(c: Cohort) -> CohortFacts:
        return CohortFacts(c.cohort, c.size, c.retained, c.complete, c.revenue)

    return [one(cohort) for cohort in found.cohorts]


def site_of(pipeline: Pipeline, site_id: int) -> Site:
    return sites_by_id(pipeline.conn)[site_id]


Question = tuple[str | None, bool | None, str]
"""Country to filter by, from_sessions, mode."""


async def ask(
    pipeline: Pipeline, scope: Scope, grain: str, as_of: datetime, questions: list[Question]
) -> list[list[CohortFacts]]:
    answers = []
    url = pipeline.conn.info.dsn
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        for country, from_sessions, mode in questions:
            filters = None if country is None else parse_filters(["is", "country", [country]])
            found = await retention(
                conn,
                replace(scope, filters=filters),
                grain=grain,
                mode=mode,
                as_of=as_of,
                from_sessions=from_sessions,
            )
            answers.append(facts(found))
    return answers


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    log=logs(),
    zone=st.sampled_from(ZONES),
    late=st.integers(0, 12),
    grain=st.sampled_from(GRAINS),
    offset=st.integers(0, 40),
    cut=st.sampled_from([None, -1, 0, 1]),
)
@example([Happening(1, START, 0, revenue=Decimal(1))], "UTC", 0, "day", 0, 1)
def test_every_way_of_counting_agrees_with_brute_force(
    pipeline: Pipeline,
    log: list[Happening],
    zone: str,
    late: int,
    grain: str,
    offset: int,
    cut: int | None,
) -> None:
    site_id = pipeline.new_site(zone)
    shuffled = log[late:] + log[:late]
    third = -(-len(log) // 3)
    for part in (shuffled[:third], shuffled[third : 2 * third], shuffled[2 * third :]):
        if part:
            pipeline.write([collected(site_id, event) for event in part])
            pipeline.report()
        if late % 2 and part[:1] == shuffled[:1]:
            recompute_due(pipeline.conn)
    first = START.date() + timedelta(days=offset // 4)
    days = (first, first + timedelta(days=offset))
    as_of = datetime(2026, 2, 1, tzinfo=UTC)
    if cut is not None:
        as_of = log[len(log) // 2].at + timedelta(microseconds=cut)
    scope = Scope(site_of(pipeline, site_id), *days)
    given = {"grain": grain, "as_of": as_of}
    plain = [retention_of(log, ZoneInfo(zone), *days, mode=mode, **given) for mode in MODES]
    german = [
        retention_of(log, ZoneInfo(zone), *days, mode=mode, **given, country="DE") for mode in MODES
    ]
    live: list[Question] = [(None, None, mode) for mode in MODES]
    assert asyncio.run(ask(pipeline, scope, grain, as_of, live)) == plain
    recompute_due(pipeline.conn)
    others: list[Question] = [*live, *((None, True, mode) for mode in MODES)]
    others += [("DE", None, mode) for mode in MODES]
    assert asyncio.run(ask(pipeline, scope, grain, as_of, others)) == [*plain, *plain, *german]


def test_a_late_event_repairs_what_was_computed_ahead(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site("America/New_York")
    sunday, monday, week_after = (
        datetime(2025, 11, 3, 4, 59, 59, tzinfo=UTC),
        datetime(2025, 11, 3, 5, tzinfo=UTC),
        datetime(2025, 11, 11, 12, tzinfo=UTC),
    )
    log = [Happening(1, monday, 1), Happening(2, monday, 2), Happening(1, week_after, 3)]
    pipeline.write([collected(site_id, event) for event in log])
    pipeline.report()
    stored = (
        "SELECT cohort::text, period, retained FROM cohort_retention"
        " WHERE site_id = %s AND grain = 'week' ORDER BY cohort, period"
    )
    assert pipeline.conn.execute(stored, (site_id,)).fetchall() == [
        ("2025-11-03", 0, 2),
        ("2025-11-03", 1, 1),
    ]
    for number, at in ((4, sunday), (5, week_after + timedelta(hours=3))):
        pipeline.write([collected(site_id, Happening(1, at, number))])
        pipeline.rebuild()
    scope = Scope(site_of(pipeline, site_id), date(2025, 10, 27), date(2025, 11, 16))
    [not_recomputed] = asyncio.run(
        ask(pipeline, scope, "week", scope.end, [(None, None, "bounded")])
    )
    assert [cohort.retained for cohort in not_recomputed] == [[1, 1, 1], [1, 0], [0]]
    assert recompute_due(pipeline.conn) == 1
    assert pipeline.conn.execute(stored, (site_id,)).fetchall() == [
        ("2025-10-27", 0, 1),
        ("2025-10-27", 1, 1),
        ("2025-10-27", 2, 1),
        ("2025-11-03", 0, 1),
    ]
    assert recompute_due(pipeline.conn) == 0
