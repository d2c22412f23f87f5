"""Whole weeks and the days around them add up to what the days alone add up to."""

from datetime import UTC, datetime, timedelta

from sql.events import CollectedEvent
from sql.text import query
from tests.pipeline import Pipeline

START = datetime(2026, 2, 23, 23, 30, tzinfo=UTC)
"""A Monday night in UTC, a Tuesday in Berlin."""


def views(pipeline: Pipeline, site_id: int, source: str) -> list[tuple[object, ...]]:
    """First day, last day, page and page views of every range of the four weeks."""
    return pipeline.conn.execute(
        f"SELECT a::date, b::date, v.page_id, sum(v.pageviews)"
        " FROM generate_series(date '2026-02-23', '2026-03-22', INTERVAL '1 day') AS a"
        " CROSS JOIN generate_series(date '2026-02-23', '2026-03-22', INTERVAL '1 day') AS b"
        f" CROSS JOIN LATERAL ({source}) AS v WHERE a <= b GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        {"site_id": site_id},
    ).fetchall()


def test_the_weeks_of_a_range_say_what_its_days_say(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site("Europe/Berlin")
    for number in (*range(26), 3, 9, 9, 9):
        at_us = int((START + timedelta(days=number)).timestamp() * 1e6)
        page = "/" if number % 3 else "/b"
        pipeline.write(
            [
                CollectedEvent(
                    site_id=site_id, name="page_view", ts_us=at_us, received_us=at_us, path=page
                )
            ]
        )
        pipeline.report()
    between = query("pages/views_between").replace("%(first)s", "a").replace("%(whole_last)s", "b")
    of_weeks = views(pipeline, site_id, between)
    assert of_weeks == views(
        pipeline,
        site_id,
        "SELECT * FROM event_page_days WHERE site_id = %(site_id)s AND local_day BETWEEN a AND b",
    )
    weeks = pipeline.conn.execute(
        "SELECT local_week::text, sum(pageviews) FROM event_page_weeks WHERE site_id = %s"
        " GROUP BY 1 ORDER BY 1",
        (site_id,),
    )
    assert weeks.fetchall() == [
        ("2026-02-23", 7), ("2026-03-02", 10), ("2026-03-09", 7), ("2026-03-16", 6),
    ]  # fmt: skip


def test_rollups_go_on_once_the_database_is_analysed(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    at_us = int(START.timestamp() * 1e6)
    view = CollectedEvent(site_id=site_id, name="page_view", ts_us=at_us, received_us=at_us)
    for _ in range(2):
        pipeline.write([view])
        pipeline.conn.execute("VACUUM ANALYZE")  # the system's tables, too
        pipeline.advance()
        pipeline.report()
    counted = "SELECT sum(pageviews) FROM event_page_days WHERE site_id = %s"
    assert pipeline.conn.execute(counted, (site_id,)).fetchone() == (2,)
