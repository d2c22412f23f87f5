"""Late, shuffled, duplicated, in whatever batches: the tables are the same."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import LiteralString

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql.events import CollectedEvent
from sql.verification import verify_site
from tests.pipeline import Pipeline

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
START = int(datetime(2025, 10, 31, 22, 0, tzinfo=UTC).timestamp())
"""Before midnight in some zones and before the clocks change in New York."""

STEPS_S = (0, 0, 1, 60, 1_799, 1_800, 1_801, 5_000, 40_000, 90_000)


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, object]]:
    """A few visitors over some days, with gaps of exactly the limit and a second more."""
    at = START
    events: list[dict[str, object]] = []
    for number in range(draw(st.integers(1, 14))):
        at += draw(st.sampled_from(STEPS_S))
        name = draw(st.sampled_from(["page_view"] * 4 + ["click", "purchase", "engagement"]))
        events.append(
            {
                "name": name,
                "ts_us": at * 1_000_000 + draw(st.sampled_from([0, 1])) * 1_000,
                "event_id": f"e{number:02d}",
                "visitor_id": draw(st.sampled_from([1, -7, None])),
                "session_id": draw(st.sampled_from([None, None, "a"])),
                "path": draw(st.sampled_from(["/", "/a", "/b"])),
                "country": draw(st.sampled_from([None, "DE", "US"])),
                "device": draw(st.sampled_from([None, "mobile"])),
                "value": "9.99" if name == "purchase" else None,
                "duration_ms": 2_500 if name == "engagement" else None,
            }
        )
    return events


def store(
    pipeline: Pipeline, zone: str, log: list[dict[str, object]], cuts: list[int], runs: list[bool]
) -> int:
    """Sends the log in pieces cut at `cuts`, with the jobs running after those of `runs`."""
    site_id = pipeline.new_site(zone)
    bounds = sorted({0, len(log), *(cut for cut in cuts if cut < len(log))})
    for number, (begin, end) in enumerate(pairwise(bounds)):
        pipeline.write(
            [
                CollectedEvent(site_id=site_id, received_us=START * 1_000_000, **fields)  # type: ignore[arg-type]
                for fields in log[begin:end]
            ]
        )
        if runs[number % len(runs)]:
            pipeline.report()
    pipeline.report()
    return site_id


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    log=logs(),
    zone=st.sampled_from(ZONES),
    data=st.data(),
    cuts=st.lists(st.integers(1, 20), max_size=6),
    runs=st.lists(st.booleans(), min_size=1, max_size=4),
)
def test_any_order_gives_the_same_tables(
    pipeline: Pipeline,
    log: list[dict[str, object]],
    zone: str,
    data: st.DataObject,
    cuts: list[int],
    runs: list[bool],
) -> None:
    in_order = store(pipeline, zone, log, [], [False])
    shuffled = data.draw(st.permutations(log))
    doubled = shuffled + data.draw(st.lists(st.sampled_from(log), max_size=5))
    late = [{**event, "ts_us": int(str(event["ts_us"])) + 5} for event in doubled[len(log) :]]
    disordered = store(pipeline, zone, doubled[: len(log)] + late, cuts, runs)
    assert pipeline.tables(disordered) == pipeline.tables(in_order)
    assert verify_site(pipeline.conn, disordered) == []


def event(site_id: int, at_s: float, event_id: str, **fields: object) -> CollectedEvent:
    given = {"name": "page_view", "visitor_id": 5, "path": "/", **fields}
    return CollectedEvent(
        site_id=site_id,
        ts_us=int((START + at_s) * 1_000_000),
        received_us=START * 1_000_000,
        event_id=event_id,
        **given,  # type: ignore[arg-type]
    )


def figures(pipeline: Pipeline, site_id: int, query: str) -> list[tuple[object, ...]]:
    return pipeline.conn.execute(query, (site_id,)).fetchall()


def test_a_late_event_bridges_two_sessions(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    pipeline.write([event(site_id, 0, "a"), event(site_id, 3_600, "b")])
    pipeline.report()
    sessions = "SELECT duration_us, pageviews, is_bounce FROM sessions WHERE site_id = %s"
    assert figures(pipeline, site_id, sessions) == [(0, 1, True), (0, 1, True)]
    pipeline.write([event(site_id, 1_800, "c", name="click")])
    pipeline.report()
    assert figures(pipeline, site_id, sessions) == [(3_600_000_000, 2, False)]
    assert verify_site(pipeline.conn, site_id) == []


def test_a_gap_of_exactly_the_limit_does_not_cut_and_a_millisecond_more_does(
    pipeline: Pipeline,
) -> None:
    site_id = pipeline.new_site()
    pipeline.write(
        [event(site_id, at, f"e{at}") for at in (0, 1_800, 3_600.001, 5_400.001, 7_200.002)]
    )
    pipeline.report()
    query = "SELECT events FROM sessions WHERE site_id = %s ORDER BY started_at"
    assert figures(pipeline, site_id, query) == [(2,), (2,), (1,)]


def test_a_late_day_falls_between_two_others(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    day = 86_400
    pipeline.write([event(site_id, 0, "a"), event(site_id, 4 * day, "b")])
    pipeline.report()
    gaps = (
        "SELECT day::text, prev_day::text, visitors FROM unique_gaps"
        " WHERE site_id = %s AND visitors <> 0 ORDER BY day"
    )
    assert figures(pipeline, site_id, gaps) == [
        ("2025-10-31", None, 1), ("2025-11-04", "2025-10-31", 1),
    ]  # fmt: skip
    pipeline.write([event(site_id, 2 * day, "c"), event(site_id, -day, "d")])
    pipeline.report()
    assert figures(pipeline, site_id, gaps) == [
        ("2025-10-30", None, 1), ("2025-10-31", "2025-10-30", 1),
        ("2025-11-02", "2025-10-31", 1), ("2025-11-04", "2025-11-02", 1),
    ]  # fmt: skip
    assert verify_site(pipeline.conn, site_id) == []


def test_an_event_below_the_watermark_is_counted(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    pipeline.write([event(site_id, 0, "a"), event(site_id, 86_400 * 3, "b")])
    pipeline.report()
    pipeline.advance()
    pipeline.write([event(site_id, 60, "c"), event(site_id, 86_400, "d")])
    pipeline.report()
    query = "SELECT sum(events)::int FROM event_quarters WHERE site_id = %s"
    assert figures(pipeline, site_id, query) == [(4,)]
    assert verify_site(pipeline.conn, site_id) == []


@pytest.mark.parametrize(
    ("change", "relations"),
    [
        (
            "sessions SET pageviews = 3",
            ("sessions", "session_quarters", "session_value_days", "filtered_parts"),
        ),
        ("cohort_retention SET retained = 2", ("cohort_retention",)),
    ],
)
def test_verify_names_what_differs(
    pipeline: Pipeline, change: LiteralString, relations: tuple[str, ...]
) -> None:
    site_id = pipeline.new_site()
    pipeline.write([event(site_id, 0, "a"), event(site_id, 60, "b")])
    pipeline.report()
    pipeline.conn.execute(f"UPDATE {change} WHERE site_id = %s", (site_id,))
    found = verify_site(pipeline.conn, site_id)
    assert {(x.relation, x.is_missing) for x in found} == {
        (relation, is_missing) for relation in relations for is_missing in (True, False)
    }
