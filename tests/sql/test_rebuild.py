"""Rebuilds beside each other, after another session gap, and next to raw events that are gone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from sql.database import connect
from sql.engine import Engine, engine_of
from sql.events import CollectedEvent
from sql.sessions import rebuild_sessions
from sql.upkeep import prune_raw_events
from sql.verification import verify_site
from tests.pipeline import Pipeline, open_pipeline
from tests.servers import TestServers
from tests.sites import SiteUnderTest

DAY_S = 86_400
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
_numbers = count(1)


@pytest.fixture(scope="module")
def database(servers: TestServers) -> Iterator[str]:
    with servers.database() as url:
        yield url


@pytest.fixture(scope="module")
def pipeline(database: str, servers: TestServers) -> Iterator[Pipeline]:
    with open_pipeline(database, servers.clean_redis()) as running:
        yield running


def view(site_id: int, visitor: int, at: datetime, **fields: object) -> CollectedEvent:
    given = {
        "name": "page_view",
        "path": "/",
        "received_us": int(TODAY.timestamp() * 1_000_000),
        **fields,
    }
    return CollectedEvent(
        site_id=site_id,
        visitor_id=visitor,
        ts_us=int(at.timestamp() * 1_000_000),
        event_id=f"e{next(_numbers)}",
        **given,  # type: ignore[arg-type]
    )


def rows(pipeline: Pipeline, query: str, site_id: int) -> list[tuple[object, ...]]:
    return pipeline.conn.execute(query, (site_id,)).fetchall()


def test_runs_beside_each_other_give_what_one_gives(pipeline: Pipeline, database: str) -> None:
    site_id = pipeline.new_site("Europe/Berlin")

    def rebuild(_: int) -> int:
        with connect(database) as conn:
            return sum(iter(lambda: rebuild_sessions(conn, most=40), 0))

    for piece in range(3):
        pipeline.write(
            [
                view(site_id, visitor * 31, TODAY - timedelta(hours=7 * (step + piece)), path=path)
                for visitor in range(60)
                for step, path in enumerate(("/", f"/{visitor % 7}", "/c"))
            ]
        )
        with ThreadPoolExecutor(3) as pool:
            assert sum(pool.map(rebuild, range(3))) > 0
    pipeline.report()
    assert rows(pipeline, "SELECT count(*) FROM visitors WHERE site_id = %s", site_id) == [(60,)]
    assert verify_site(pipeline.conn, site_id) == []


def test_nobody_waits_for_visitors_that_come_again(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    seen = "SELECT count(*)::int FROM visitors WHERE site_id = %s"
    pipeline.write([view(site_id, visitor, TODAY) for visitor in range(80)])
    rebuild_sessions(pipeline.conn)
    assert rows(pipeline, seen, site_id) == [(40,)]
    known = "SELECT visitor_id FROM visitors WHERE site_id = %s"
    again = [visitor for (visitor,) in rows(pipeline, known, site_id)]
    pipeline.write([view(site_id, int(str(v)), TODAY, received_us=2 * 10**15) for v in again])
    rebuild_sessions(pipeline.conn)
    assert rows(pipeline, seen, site_id) == [(80,)]
    pipeline.report()
    assert verify_site(pipeline.conn, site_id) == []


def test_another_session_gap_cuts_all_sessions_anew(site: SiteUnderTest) -> None:
    site.visit("ada", at="10:00", pages=["/", "/a", "/b"], every_s=1_000)
    assert site.overview()["sessions"] == 1
    answer = site.api.client.patch("/api/v1/sites/shop", json={"session_gap_s": 999})
    assert (answer.status_code, answer.json()["session_gap_s"]) == (200, 999)
    assert site.overview()["sessions"] == 3
    site.api.client.patch("/api/v1/sites/shop", json={"session_gap_s": 1_000})
    figures = site.overview()
    assert (figures["sessions"], figures["session_duration_s"]) == (1, 2_000.0)


def test_raw_events_go_and_the_numbers_stay(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    old, kept = TODAY - timedelta(days=40), TODAY - timedelta(days=10)
    across = kept - timedelta(minutes=1)
    pipeline.write(
        [
            view(site_id, 1, old),
            view(site_id, 1, TODAY - timedelta(days=5)),
            view(site_id, 2, across),
            view(site_id, 2, across + timedelta(minutes=2)),
        ]
    )
    pipeline.report()
    pipeline.conn.execute("UPDATE sites SET retention_days = 10 WHERE site_id = %s", (site_id,))
    deleted = 0 if engine_of(pipeline.conn) is Engine.TIMESCALE else 2  # there: whole chunks
    assert prune_raw_events(pipeline.conn) == deleted
    raw_from = "SELECT raw_from FROM sites WHERE site_id = %s"
    assert rows(pipeline, raw_from, site_id) == [(kept,)]
    assert rows(pipeline, "SELECT count(*) FROM events WHERE site_id = %s", site_id) == [
        (4 - deleted,)
    ]
    assert rows(pipeline, "SELECT count(*) FROM seen_events WHERE site_id = %s", site_id) == [(2,)]
    pipeline.write(
        [
            view(site_id, 1, TODAY - timedelta(days=5, seconds=60)),
            view(site_id, 2, across + timedelta(minutes=3)),
        ]
    )
    pipeline.report()
    query = "SELECT visitor_id, pageviews FROM sessions WHERE site_id = %s ORDER BY started_at"
    assert rows(pipeline, query, site_id) == [(1, 1), (2, 2), (2, 1), (1, 2)]
    gaps = (
        "SELECT (prev_day IS NULL)::int, visitors::int FROM unique_gaps"
        " WHERE site_id = %s AND visitors <> 0 ORDER BY day"
    )
    assert rows(pipeline, gaps, site_id) == [(1, 1), (1, 1), (0, 1), (0, 1), (0, 1)]
    assert prune_raw_events(pipeline.conn) == 0


def test_a_month_that_every_site_has_passed_is_dropped(servers: TestServers) -> None:
    with (
        servers.database() as url,
        open_pipeline(url, servers.clean_redis()) as pipeline,
    ):
        site_id = pipeline.new_site()
        pipeline.write([view(site_id, 1, TODAY - timedelta(days=100)), view(site_id, 1, TODAY)])
        pipeline.report()
        months = "SELECT count(*)::int FROM pg_inherits WHERE inhparent = 'events'::regclass"
        before = pipeline.conn.execute(months).fetchone()
        pipeline.conn.execute("UPDATE sites SET retention_days = 30")
        prune_raw_events(pipeline.conn)
        after = pipeline.conn.execute(months).fetchone()
        assert before is not None
        assert after == (before[0] - 1,)
        assert rows(pipeline, "SELECT count(*) FROM events WHERE site_id = %s", site_id) == [(1,)]
        assert rows(pipeline, "SELECT pageviews FROM sessions WHERE site_id = %s", site_id) == [
            (1,), (1,),
        ]  # fmt: skip
