"""One-minute windows, KPI trends and the daily metrics, through the whole pipeline."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from jobs.trends import compute_trends
from jobs.verification import verify
from sql.database import connect
from sql.sites import sites_by_id
from sql.trends import METRICS
from tests.sites import SiteUnderTest

WINDOWS = """
    SELECT to_char(window_start AT TIME ZONE timezone, 'DD HH24:MI'), total_users, active_users,
        new_users, sessions, pageviews, events, revenue, revenue_gross, conversions,
        session_duration_s, bounce_rate, conversion_rate, revenue_per_user
    FROM kpi_minutes JOIN sites USING (site_id) WHERE slug = %s ORDER BY window_start
"""


def windows(site: SiteUnderTest) -> dict[str, tuple[Any, ...]]:
    """The site's KPI minutes by their local time, after settling."""
    site.api.settle()
    with psycopg.connect(site.api.database_url) as conn:
        rows = conn.execute(WINDOWS, (site.slug,))
        return {row[0]: row[1:] for row in rows}


def three_minutes(site: SiteUnderTest) -> list[dict[str, Any]]:
    return [
        {"name": "page_view", "user_id": "ann", "at": "10:00:05", "path": "/"},
        {"name": "page_view", "user_id": "bob", "at": "10:00:20", "path": "/"},
        {"name": "purchase", "user_id": "ann", "at": "10:00:50", "value": 30},
        {"name": "page_view", "user_id": "ann", "at": "10:01:10", "path": "/b"},
        {"name": "purchase", "user_id": "cara", "at": "10:02:00", "value": "12.5"},
        {"name": "refund", "user_id": "cara", "at": "10:02:30", "value": "2.5"},
        {"name": "ping", "at": "10:02:59.999"},
    ]


THREE_MINUTES = {
    "10 10:00": (2, 2, 2, 2, 2, 3, 30, 30, 1, 32.5, 0.5, 0.5, 15),
    "10 10:01": (2, 1, 0, 0, 1, 1, 0, 0, 0, None, None, 0.0, 0),
    "10 10:02": (3, 1, 1, 1, 0, 3, 10, Decimal("12.5"), 1, 30.0, 0.0, 1.0, 10),
}


def test_a_window_counts_what_is_in_it_and_the_sessions_that_start_in_it(
    site: SiteUnderTest,
) -> None:
    site.send(*three_minutes(site))
    assert windows(site) == THREE_MINUTES


def test_windows_do_not_depend_on_the_order_of_arrival(site: SiteUnderTest) -> None:
    for event in reversed(three_minutes(site)):
        site.send(event)
        site.api.settle()
    assert windows(site) == THREE_MINUTES


def test_late_events_repair_the_windows_they_reach(site: SiteUnderTest) -> None:
    site.send(*three_minutes(site))
    site.api.settle()
    site.event("page_view", "bob", at="09:30", path="/early")
    site.event("scroll", "ann", at="10:01:40")
    assert windows(site) == {
        "10 09:30": (1, 1, 1, 1, 1, 1, 0, 0, 0, 0.0, 1.0, 0.0, 0),
        "10 10:00": (2, 2, 1, 2, 2, 3, 30, 30, 1, 47.5, 0.5, 0.5, 15),
        "10 10:01": (2, 1, 0, 0, 1, 2, 0, 0, 0, None, None, 0.0, 0),
        "10 10:02": THREE_MINUTES["10 10:02"],
    }


def test_an_event_that_bridges_two_sessions_takes_one_out_of_its_window(
    site: SiteUnderTest,
) -> None:
    site.visit("ann", at="10:00:10", pages=["/"])
    site.visit("ann", at="10:40:10", pages=["/"])
    site.api.settle()
    site.visit("ann", at="10:20:10", pages=["/"])
    found = windows(site)
    assert {at: (row[3], row[9], row[10]) for at, row in found.items()} == {
        "10 10:00": (1, 2400.0, 0.0),
        "10 10:20": (0, None, None),
        "10 10:40": (0, None, None),
    }


def test_total_users_of_a_day_that_begins_twice(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site("havana", timezone="America/Havana")  # 2025-11-02: from 01:00 back to 00:00
    for user, hour in (("ann", 3), ("bob", 4), ("cara", 5), ("dan", 7)):
        site.visit(user, at=f"2025-11-02T0{hour}:30Z", pages=["/"])
    site.api.settle()
    with psycopg.connect(site.api.database_url) as conn:
        totals = conn.execute("SELECT total_users FROM kpi_minutes ORDER BY window_start")
        assert totals.fetchall() == [(1,), (2,), (3,), (4,)]


def test_total_users_go_on_over_local_days(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site("delhi", timezone="Asia/Kolkata")
    site.visit("ann", at="2026-03-09 23:59:30", pages=["/"])
    site.visit("bob", at="2026-03-09 23:58:30", pages=["/"])
    site.visit("ann", at="2026-03-10 00:00:30", pages=["/"])
    site.visit("cara", at="2026-03-10 05:29:59", pages=["/"])
    site.visit("dora", at="2026-03-10 05:30:00", pages=["/"])
    found = windows(site)
    assert {at: row[:3] for at, row in found.items()} == {
        "09 23:58": (1, 1, 1),
        "09 23:59": (2, 1, 1),
        "10 00:00": (2, 1, 0),
        "10 05:29": (3, 1, 1),
        "10 05:30": (4, 1, 1),
    }


def test_a_window_of_nobody_has_no_rates(site: SiteUnderTest) -> None:
    site.event("purchase", None, at="10:00:30", value=5)
    assert windows(site) == {"10 10:00": (0, 0, 0, 0, 0, 1, 5, 5, 1, None, None, None, None)}


def growing_month(site: SiteUnderTest, visitors: Callable[[int], range], days: int) -> None:
    """Visits on the last complete UTC days; `visitors(n)` are those of the n-th of them."""
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    site.send(
        *(
            {
                "name": "page_view",
                "user_id": f"{n}-{k}",
                "path": "/",
                "country": "DE",
                "timestamp": (noon - timedelta(days=days - n)).isoformat(),
            }
            for n in range(days)
            for k in visitors(n)
        )
    )


def trend(site: SiteUnderTest, **query: Any) -> dict[str, str | None]:
    site.api.settle()
    answer = site.api.get("/api/v1/dashboard/overview", site_id=site.slug, period="today", **query)
    found: dict[str, str | None] = answer["overview"]["trend"]
    return found


def test_trends_follow_28_complete_days_and_late_events(site: SiteUnderTest) -> None:
    growing_month(site, lambda n: range(n + 1), 28)
    found = trend(site)
    assert found["visitors"] == "up"
    assert found["new_visitors"] == "up"
    assert found["bounce_rate"] == "stable"
    assert found["revenue_net"] == "stable"
    assert found["average_order_value"] == "not enough data"
    growing_month(site, lambda n: range(n + 1, 28), 28)
    assert trend(site)["visitors"] == "stable"


def test_a_trend_needs_14_days_and_no_filter(site: SiteUnderTest) -> None:
    growing_month(site, lambda n: range(n + 1), 13)
    assert trend(site)["visitors"] == "not enough data"
    assert trend(site, filters=["is", "country", ["DE"]])["visitors"] is None


def test_trends_are_computed_once_a_day(site: SiteUnderTest) -> None:

    site.api.settle()
    now = datetime.now(UTC)
    with connect(site.api.database_url) as conn:
        assert compute_trends(conn, now) == 0
        assert compute_trends(conn, now + timedelta(days=1)) == 1
        assert compute_trends(conn, now + timedelta(days=1)) == 0


def test_verify_names_trends_that_differ(site: SiteUnderTest) -> None:
    growing_month(site, lambda n: range(n + 1), 28)
    site.api.settle()
    now = datetime.now(UTC)
    with connect(site.api.database_url) as conn:
        (shop,) = sites_by_id(conn).values()
        assert verify(conn, shop, now) == []
        conn.execute("UPDATE kpi_trends SET trend = 'down' WHERE metric = 'visitors'")
        conn.execute("DELETE FROM kpi_trends WHERE metric = 'events'")
        found = verify(conn, shop, now)
    assert [(x.relation, x.is_missing, x.row["metric"], x.row["trend"]) for x in found] == [
        ("kpi_trends", True, "events", "up"), ("kpi_trends", True, "visitors", "up"),
        ("kpi_trends", False, "visitors", "down"),
    ]  # fmt: skip


def test_daily_metrics_have_one_row_a_metric_and_dimension_value(site: SiteUnderTest) -> None:
    site.visit("ann", at="10:00", pages=["/", "/b"], every_s=60, country="DE")
    site.visit("bob", at="11:00", pages=["/"], country="FR")
    site.visit("cara", at="12:00", pages=["/"], country="FR")
    site.event("purchase", "ann", at="10:01:30", value="19.90", country="DE")
    site.api.settle()
    with psycopg.connect(site.api.database_url) as conn:
        rows = conn.execute(
            "SELECT date::text, dimension, dimension_value, metric_name, value FROM daily_metrics"
            " WHERE site_id = 'shop' AND (dimension IS NULL OR dimension = 'country')"
        ).fetchall()
    assert {row[0] for row in rows} == {"2026-03-10"}
    found = {row[1:4]: row[4] for row in rows}
    assert len(found) == len(rows)
    assert {key[2]: value for key, value in found.items() if key[0] is None} == {
        "visitors": 3, "new_visitors": 3, "sessions": 3, "pageviews": 4, "events": 5, "bounces": 2,
        "bounce_rate": pytest.approx(Decimal("0.6666666667")), "session_duration_s": 30,
        "views_per_session": pytest.approx(Decimal("1.3333333333")), "conversions": 1,
        "converting_visitors": 1, "conversion_rate": pytest.approx(Decimal("0.3333333333")),
        "purchases": 1, "revenue_gross": Decimal("19.90"), "revenue_net": Decimal("19.90"),
        "average_order_value": Decimal("19.90"),
        "conversions_per_session": pytest.approx(Decimal("0.3333333333")),
    }  # fmt: skip
    assert {key[2]: value for key, value in found.items() if key[1] == "DE"} == {
        "visitors": 1, "sessions": 1, "pageviews": 2, "events": 3, "bounces": 0, "bounce_rate": 0,
        "session_duration_s": 90, "views_per_session": 2, "conversions": 1,
        "revenue_gross": Decimal("19.90"), "revenue_net": Decimal("19.90"),
        "conversions_per_session": 1,
    }  # fmt: skip
    assert set(METRICS) <= {key[2] for key in found if key[0] is None}
    assert found["country", "FR", "visitors"] == 2
    assert found["country", "FR", "bounce_rate"] == 1
