"""Funnels in SQL and by trying every attempt."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sql.events import CollectedEvent
from sql.filters import parse_filters
from sql.funnel_steps import Step
from sql.funnels import Funnel, FunnelRow, run_funnel
from sql.scope import Scope
from sql.sites import sites_by_id
from tests.brute_force import FunnelFacts, Happening, funnel_of
from tests.pipeline import Pipeline

START = datetime(2025, 11, 1, 20, tzinfo=UTC)
WINDOW = timedelta(seconds=604_800)
STEPS_S = (0, 0, 0, 1, 60, 1_801, 40_000, 300_000, 604_799, 604_800, 604_801)
PATHS = ("/a", "/ab", "/b", "/abc")
NAMES = ("page_view", "page_view", "click")
CHOICES: list[tuple[Step, set[tuple[str, str]]]] = [
    (Step(page="/a"), {("page_view", "/a")}),
    (Step(page="/a*"), {("page_view", path) for path in ("/a", "/ab", "/abc")}),
    (Step(page="/*b*"), {("page_view", path) for path in ("/ab", "/b", "/abc")}),
    (Step(event="page_view"), {("page_view", path) for path in PATHS}),
    (Step(event="click"), {("click", path) for path in PATHS}),
    (Step(event="click", filters=parse_filters(["is", "page", ["/b"]])), {("click", "/b")}),
]


@st.composite
def logs(draw: st.DrawFn) -> list[Happening]:
    at = START
    log = []
    for number in range(draw(st.integers(1, 11))):
        at += timedelta(seconds=draw(st.sampled_from(STEPS_S)))
        log.append(
            Happening(
                visitor=draw(st.integers(1, 2)),
                at=at,
                number=draw(st.integers(0, 9)) * 100 + number,
                name=draw(st.sampled_from(NAMES)),
                path=draw(st.sampled_from(PATHS)),
                key=draw(st.sampled_from([None, None, "k"])),
                country=draw(st.sampled_from([None, "DE", "FR"])),
            )
        )
    return log


def collected(site_id: int, event: Happening) -> CollectedEvent:
    return CollectedEvent(
        site_id=site_id,
        name=event.name,
        ts_us=(event.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1),
        received_us=1,
        event_id=f"e{event.number:04d}",
        visitor_id=event.visitor,
        session_id=event.key,
        path=event.path,
        country=event.country,
    )


async def answers(
    pipeline: Pipeline, scope: Scope, steps: list[Step]
) -> tuple[FunnelRow, FunnelRow, FunnelRow, list[FunnelRow]]:
    german = replace(scope, filters=parse_filters(["is", "country", ["DE"]]))
    url = pipeline.conn.info.dsn
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        [people] = await run_funnel(conn, scope, Funnel(steps, WINDOW.total_seconds()))
        [per] = await run_funnel(conn, scope, Funnel(steps, WINDOW.total_seconds(), "session"))
        [few] = await run_funnel(conn, german, Funnel(steps, WINDOW.total_seconds()))
        split = Funnel(steps, WINDOW.total_seconds(), dimension="country")
        return people, per, few, await run_funnel(conn, scope, split)


def same(row: FunnelRow, facts: FunnelFacts) -> bool:
    mean = sum(facts.took_s) / len(facts.took_s) if facts.took_s else None
    return (
        row.counts == facts.counts
        and row.converted == len(facts.took_s)
        and (row.mean_s is mean is None or abs((row.mean_s or 0) - (mean or 0)) < 1e-6)
    )


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    log=logs(),
    chosen=st.lists(st.sampled_from(range(len(CHOICES))), min_size=2, max_size=5),
    days=st.integers(0, 12),
)
@example(
    [
        Happening(1, START, 1, path="/ab"),
        Happening(1, START, 2, path="/abc"),
        Happening(1, START + WINDOW, 3, path="/a"),
    ],
    [1, 2, 0],
    0,
)
def test_the_sweep_agrees_with_trying_every_attempt(
    pipeline: Pipeline, log: list[Happening], chosen: list[int], days: int
) -> None:
    site_id = pipeline.new_site("America/New_York")
    pipeline.write([collected(site_id, event) for event in log])
    pipeline.report()
    first = date(2025, 11, 1)
    scope = Scope(sites_by_id(pipeline.conn)[site_id], first, first + timedelta(days=days))
    steps = [CHOICES[number][0] for number in chosen]
    meant = [CHOICES[number][1] for number in chosen]
    people, sessions, german, split = asyncio.run(answers(pipeline, scope, steps))
    whole = (log, meant, WINDOW, scope.start, scope.end)
    assert same(people, funnel_of(*whole))
    assert same(sessions, funnel_of(*whole, per="session"))
    expected = funnel_of(*whole, country="DE")
    assert same(german, expected)
    by_value = {row.value: row for row in split}
    assert same(by_value["DE"], expected) if "DE" in by_value else expected.counts[0] == 0
