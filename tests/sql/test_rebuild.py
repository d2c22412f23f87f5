"""Rebuilds beside each other and after another session gap."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from sql.database import connect
from sql.events import CollectedEvent
from sql.sessions import rebuild_sessions
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


def test_events_that_are_gone_take_sessions_days_and_visitors_with_them(
    pipeline: Pipeline,
) -> None:
    site_id = pipeline.new_site()
    days = [TODAY - timedelta(days=back) for back in (9, 5, 5, 2)]
    pipeline.write(
        [view(site_id, 1, at, user_id="ada") for at in days] + [view(site_id, 2, days[0])]
    )
    pipeline.report()
    pipeline.conn.execute(
        "DELETE FROM events WHERE site_id = %s AND ts <> ALL(%s)", (site_id, days[1:3])
    )
    pipeline.conn.execute(
        "INSERT INTO touched_visitors SELECT visitor_id, site_id, visitor_id, 0, %s, %s, now()"
        " FROM visitors WHERE site_id = %s",
        (days[0], days[-1], site_id),
    )
    pipeline.report()
    visitors = (
        "SELECT visitor_id, first_at, last_at, first_day, user_id FROM visitors WHERE site_id = %s"
    )
    assert rows(pipeline, visitors, site_id) == [(1, days[1], days[1], days[1].date(), "ada")]
    gaps = "SELECT day, prev_day, visitors FROM unique_gaps WHERE site_id = %s AND visitors <> 0"
    assert rows(pipeline, gaps, site_id) == [(days[1].date(), None, 1)]
    differing = {found.relation for found in verify_site(pipeline.conn, site_id)}
    assert {name for name in differing if not name.startswith("event_")} == set()


@pytest.mark.parametrize("column", ["local_hour", "local_weekday"])
def test_an_event_on_another_clock_is_found(pipeline: Pipeline, column: str) -> None:
    site_id = pipeline.new_site("Asia/Kathmandu")
    pipeline.write([view(site_id, 1, TODAY)])
    pipeline.report()
    assert verify_site(pipeline.conn, site_id) == []
    pipeline.conn.execute(
        f"UPDATE events SET {column} = 1 + ({column} = 1)::int WHERE site_id = %s", (site_id,)
    )
    differing = [
        found for found in verify_site(pipeline.conn, site_id) if found.relation == "events"
    ]
    assert [found.is_missing for found in differing] == [True, False]


def test_another_session_gap_cuts_all_sessions_anew(site: SiteUnderTest) -> None:
    site.visit("ada", at="10:00", pages=["/", "/a", "/b"], every_s=1_000)
    assert site.overview()["sessions"] == 1
    answer = site.api.client.patch("/api/v1/sites/shop", json={"session_gap_s": 999})
    assert (answer.status_code, answer.json()["session_gap_s"]) == (200, 999)
    assert site.overview()["sessions"] == 3
    site.api.client.patch("/api/v1/sites/shop", json={"session_gap_s": 1_000})
    figures = site.overview()
    assert (figures["sessions"], figures["session_duration_s"]) == (1, 2_000.0)
