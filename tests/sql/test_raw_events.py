"""Raw events that a site keeps no longer: they go, and every number stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sql.database import connect
from sql.engine import Engine, engine_of
from sql.event_rollups import add_touched_batches
from sql.events import CollectedEvent
from sql.goals import apply_goals
from sql.kpis import compute_minutes
from sql.raw_events import prune_raw_events
from sql.rollups import EventRollup, event_rollups
from sql.sessions import rebuild_sessions
from sql.site_removal import remove_deleted_sites
from sql.text import query
from sql.verification import verify_site
from sql.writing import SitesChanged
from tests.dashboard import RunningDashboard
from tests.experiments import ExperimentUnderTest, defined
from tests.pipeline import Pipeline, open_pipeline
from tests.servers import TestServers
from tests.sites import SiteUnderTest
from tests.sql.test_rebuild import rows, view

TODAY = datetime(2025, 11, 20, tzinfo=UTC)
"""A Thursday."""
NOON = TODAY + timedelta(hours=12)


def keep_days(pipeline: Pipeline, site_id: int, days: int) -> int:
    """Raw events deleted once a site keeps those of some local days before that of NOON."""
    pipeline.conn.execute(
        "UPDATE sites SET retention_days = %s WHERE site_id = %s", (days, site_id)
    )
    return prune_raw_events(pipeline.conn, NOON)


def raw_from(pipeline: Pipeline, site_id: int) -> datetime | None:
    ((instant,),) = rows(pipeline, "SELECT raw_from FROM sites WHERE site_id = %s", site_id)
    assert instant is None or isinstance(instant, datetime)
    return instant


def raw_events(pipeline: Pipeline, site_id: int) -> int:
    return len(rows(pipeline, "SELECT FROM events WHERE site_id = %s", site_id))


def counted(pipeline: Pipeline, site_id: int) -> dict[str, list[tuple[Any, ...]]]:
    """What the rollups of events say of a site, and the page views of ranges of any weekdays."""
    found = {rollup.name: _summed(pipeline, rollup, site_id) for rollup in event_rollups()}
    for days in range(10, 24):
        first, last = (TODAY.date() - timedelta(days=back) for back in (days, days // 3))
        found[f"views from {days}"] = pipeline.conn.execute(
            f"SELECT page_id, sum(pageviews) FROM ({query('pages/views_between')}) AS views"
            " GROUP BY page_id ORDER BY page_id",
            {"site_id": site_id, "first": first, "whole_last": last},
        ).fetchall()
    return found


def _summed(pipeline: Pipeline, rollup: EventRollup, site_id: int) -> list[tuple[Any, ...]]:
    key = ", ".join(rollup.key)
    probe = pipeline.conn.execute(f"SELECT * FROM {rollup.name} LIMIT 0")
    names = [column.name for column in probe.description or ()]
    sums = ", ".join(f"sum({name})" for name in names if name not in rollup.key)
    return rows(
        pipeline,
        f"SELECT {key}, {sums} FROM {rollup.name} WHERE site_id = %s GROUP BY {key} ORDER BY {key}",
        site_id,
    )


def log(site_id: int) -> list[CollectedEvent]:
    """Twenty days of three views of two pages and a purchase."""
    events = []
    for day in range(2, 22):
        at = TODAY - timedelta(days=day)
        events += [
            view(site_id, day % 4 + 1, at, path="/"),
            view(site_id, day % 4 + 1, at + timedelta(hours=7, minutes=20), path="/a"),
            view(site_id, 9, at + timedelta(hours=23, minutes=59), path="/"),
            view(site_id, 9, at + timedelta(hours=20), name="purchase", value=f"{day}.5"),
        ]
    return events


def test_what_was_counted_stays_whatever_comes_for_another_site(pipeline: Pipeline) -> None:
    site_id, other_id = pipeline.new_site(), pipeline.new_site()
    pipeline.write(log(site_id))
    pipeline.write(log(other_id))
    pipeline.report()
    pipeline.advance()
    before, others = counted(pipeline, site_id), counted(pipeline, other_id)
    for days in range(16, 8, -1):  # the week that is divided ends on any weekday
        passed = TODAY - timedelta(days=days)
        assert keep_days(pipeline, site_id, days) == (20 if days == 16 else 4)
        assert raw_from(pipeline, site_id) == passed
        assert raw_events(pipeline, site_id) == 4 * (days - 1)
        assert counted(pipeline, site_id) == before
        pipeline.write([view(other_id, 5, passed + timedelta(hours=h, minutes=9)) for h in (-5, 7)])
        pipeline.report()
        pipeline.advance()
        assert counted(pipeline, site_id) == before
    assert counted(pipeline, other_id)["event_page_weeks"] != others["event_page_weeks"]
    assert raw_events(pipeline, other_id) == 80 + 16
    if engine_of(pipeline.conn) is Engine.TIMESCALE:
        left = "SELECT FROM event_quarters_live WHERE site_id = %s AND local_day < '2025-11-11'"
        assert rows(pipeline, left, site_id) == []
    pipeline.write([view(site_id, 1, TODAY - timedelta(days=9), path="/late")])
    pipeline.report()
    assert len(counted(pipeline, site_id)["event_page_weeks"]) == (
        len(before["event_page_weeks"]) + 1
    )
    for number in (site_id, other_id):
        assert verify_site(pipeline.conn, number) == []


def test_nothing_goes_that_a_job_has_yet_to_count(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    pipeline.write([view(site_id, 1, TODAY - timedelta(days=8))])
    for job in (rebuild_sessions, add_touched_batches, compute_minutes):
        assert keep_days(pipeline, site_id, 5) == 0
        assert raw_from(pipeline, site_id) is None
        assert job(pipeline.conn) == 1
    assert keep_days(pipeline, site_id, 5) == 1
    assert raw_from(pipeline, site_id) == TODAY - timedelta(days=5)


def test_the_writer_takes_nothing_before_what_is_kept(servers: TestServers) -> None:
    redis_url = servers.clean_redis()
    with servers.database() as url:
        with open_pipeline(url, redis_url) as pipeline:
            site_id = pipeline.new_site()
            pipeline.write([view(site_id, 1, TODAY - timedelta(days=8))])
            pipeline.report()
            assert keep_days(pipeline, site_id, 5) == 1
            kept_from = TODAY - timedelta(days=5)
            late = [view(site_id, 1, kept_from - timedelta(seconds=1)), view(site_id, 1, kept_from)]
            with pytest.raises(SitesChanged):  # prepared before
                pipeline.write(late)
        with open_pipeline(url, redis_url) as pipeline:
            assert raw_events(pipeline, site_id) == 1
            letters = rows(pipeline, "SELECT error FROM dead_letters WHERE site_id = %s", site_id)
            assert [str(error).partition(": ")[2] for (error,) in letters] == [
                "it lies before 2025-11-15 00:00:00+00:00, where the site's data begins"
            ]


def test_a_day_that_begins_twice_is_kept_from_its_first_instant(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site("America/Havana")  # 2025-11-02: from 01:00 back to 00:00
    instants = [datetime(2025, 11, 2, hour, 30, tzinfo=UTC) for hour in (3, 4, 5)]
    pipeline.write([view(site_id, 1, at) for at in instants])
    pipeline.report()
    before = counted(pipeline, site_id)
    assert keep_days(pipeline, site_id, 18) == 1
    assert raw_from(pipeline, site_id) == datetime(2025, 11, 2, 4, tzinfo=UTC)
    assert counted(pipeline, site_id) == before


def test_another_goal_changes_nothing_before_what_is_kept(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    pipeline.write(
        [view(site_id, 1, TODAY - timedelta(days=day, hours=1), name="signup") for day in (3, 7)]
    )
    pipeline.report()
    pipeline.conn.execute(
        "UPDATE sites SET raw_from = %s WHERE site_id = %s", (TODAY - timedelta(days=5), site_id)
    )
    pipeline.conn.execute("INSERT INTO goals (site_id, event) VALUES (%s, 'signup')", (site_id,))
    assert apply_goals(pipeline.conn, site_id) == 1
    pipeline.report()
    daily = "SELECT conversions::int FROM traffic_daily WHERE site_id = %s ORDER BY local_day"
    assert rows(pipeline, daily, site_id) == [(0,), (1,)]
    assert prune_raw_events(pipeline.conn, NOON) == 1
    assert rows(pipeline, daily, site_id) == [(0,), (1,)]


def test_a_deleted_site_takes_along_what_was_counted(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    pipeline.write(log(site_id))
    pipeline.report()
    assert keep_days(pipeline, site_id, 9) > 0
    pipeline.conn.execute(
        "UPDATE sites SET slug = NULL, deleted_at = now() - INTERVAL '2 minutes'"
        " WHERE site_id = %s",
        (site_id,),
    )
    assert remove_deleted_sites(pipeline.conn) == 1
    pipeline.report()
    left = {rollup.name: _summed(pipeline, rollup, site_id) for rollup in event_rollups()}
    assert left == {rollup.name: [] for rollup in event_rollups()}


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
    assert keep_days(pipeline, site_id, 10) == 2
    assert (raw_from(pipeline, site_id), raw_events(pipeline, site_id)) == (kept, 2)
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
    assert keep_days(pipeline, site_id, 10) == 0


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
        prune_raw_events(pipeline.conn, NOON)
        after = pipeline.conn.execute(months).fetchone()
        assert before is not None
        assert after == (before[0] - 1,)
        assert raw_events(pipeline, site_id) == 1
        assert rows(pipeline, "SELECT pageviews FROM sessions WHERE site_id = %s", site_id) == [
            (1,), (1,),
        ]  # fmt: skip


@pytest.mark.parametrize("filters", [None, ["is_not", "page", ["/nowhere"]]])
def test_what_needs_raw_events_says_from_when_on_it_is_known(
    site: SiteUnderTest, filters: Any
) -> None:
    now = datetime.now(UTC)
    hour = (now - timedelta(days=7)).replace(minute=0, second=0, microsecond=0)
    for minutes in (-61, -1, 1):
        at = hour + timedelta(minutes=minutes)
        site.event("page_view", "ada", at=at.isoformat(), path="/", country="DE")
    site.api.settle()
    with connect(site.api.database_url) as conn:
        conn.execute("UPDATE sites SET retention_days = 6")
        assert prune_raw_events(conn, now) == 3
    given = {"period": "7d", "compare": "previous_period"}
    given |= {} if filters is None else {"filters": filters}
    before = site.api.get("/api/v1/dashboard/overview", site_id="shop", **given)["comparison"]
    assert datetime.fromisoformat(before["cut"]) == hour
    assert (before["events"], before["sessions"], before["visitors"]) == (2, 2, 1)
    for interval in ("hour", "day", "week"):
        course = site.api.get(
            "/api/v1/dashboard/traffic", site_id="shop", interval=interval, **given
        )
        assert sum(point["events"] for point in course["comparison"]["points"]) == 2
    days = {"site_id": "shop", "first": str(hour.date()), "last": str(hour.date())}
    for route, more in {
        "dashboard/traffic": {"interval": "minute"},
        "analytics/metrics": {"metric": "events", "interval": "minute"},
        "dashboard/breakdown": {"dimension": "property:plan"},
    }.items():
        refused = site.api.get(f"/api/v1/{route}", expect=400, **days, **more)["error"]
        assert refused["field"] == "from"
        assert f"which shop keeps from {(now - timedelta(days=6)).date()} on" in refused["message"]
    steps = [{"page": "/"}, {"event": "purchase"}]
    question = {"site_id": "shop", "from": days["first"], "to": days["last"], "steps": steps}
    refused = site.api.post("/api/v1/funnels/query", question, expect=(400,))["error"]
    assert refused["message"].startswith("funnels follow from raw events")


def test_filters_that_follow_from_raw_events_are_refused_where_these_are_gone(
    site: SiteUnderTest, dashboard: RunningDashboard
) -> None:
    now = datetime.now(UTC)
    old = (now - timedelta(days=7)).isoformat()
    defined(site)
    for key in ("button", "hearsay"):
        ExperimentUnderTest(site, key).expose("ada", "green", at=old)
    site.event("click", "bob", at=old, properties={"plan": "pro"})
    site.api.settle()
    with connect(site.api.database_url) as conn:
        conn.execute("UPDATE sites SET retention_days = 3")
        assert prune_raw_events(conn, now) == 3

    def asked(dimension: str, value: str, period: str, *, expect: int, **more: Any) -> Any:
        route = more.pop("route", "dashboard/overview")
        given = {"filters": ["and", [["is", dimension, [value]]]], "period": period, **more}
        return site.api.get(f"/api/v1/{route}", site_id="shop", expect=expect, **given)

    kept = f", which shop keeps from {(now - timedelta(days=3)).date()} on"
    for dimension, value in (("property:plan", "pro"), ("experiment:hearsay", "green")):
        for route in ("overview", "traffic", "pages", "users"):
            refused = asked(dimension, value, "30d", route=f"dashboard/{route}", expect=400)
            assert refused["error"]["field"] == "from"
            assert refused["error"]["message"].startswith("filters by a")
            assert kept in refused["error"]["message"]
        for route in ("analytics/events", "analytics/sessions"):
            asked(dimension, value, "30d", route=route, expect=400)
        asked(dimension, value, "today", expect=200)
        asked(dimension, value, "today", compare="previous_year", expect=400)
    known = asked("experiment:button", "green", "30d", expect=200)["overview"]
    assert (known["visitors"], known["events"]) == (1, 2)
    split = {"site_id": "shop", "period": "30d", "dimension": "experiment:hearsay"}
    site.api.get("/api/v1/dashboard/breakdown", expect=400, **split)
    view = '?site=shop&compare=none&period=30d&filters=["is","property:plan",["pro"]]'
    for panel in ("tiles", "pages", "devices"):
        drawn = dashboard.callback(f"{panel}.html", view=view)[panel]["html"]
        assert f"filters by a property follow from raw events{kept}" in drawn
    assert dashboard.client.get(f"/export/events.csv{view}").status_code == 400
