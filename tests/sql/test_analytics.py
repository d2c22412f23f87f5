"""Raw rows, series by dimension, segments, goals and breakdowns by property and page."""

import csv
import io
import json
from typing import Any

import psycopg
import pytest

from tests.sites import DAY, SiteUnderTest

DE = ["is", "country", ["DE"]]
CONTAINS = "segment: contains means nothing here; is and is_not do"


def ask(site: SiteUnderTest, route: str, last: str = DAY, **query: Any) -> Any:
    """The answer of an analytics route for DAY to `last`, after settling."""
    site.api.settle()
    return site.api.get(
        f"/api/v1/analytics/{route}", site_id=site.slug, first=DAY, last=last, **query
    )


def shop_day(site: SiteUnderTest) -> None:
    """Ann (DE) buys in one visit and comes back over midnight; Bob (FR) bounces; one ping."""
    site.visit("ann", at="10:00", pages=["/", "/b", "/"], every_s=60, country="DE")
    site.event("purchase", "ann", at="10:03", value="20.50", properties={"plan": "pro", "n": 2})
    site.event("click", "ann", at="10:03:30", properties={"plan": "free"})
    site.visit("bob", at="11:00", pages=["/"], country="FR")
    site.visit("ann", at="23:50", pages=["/c", "/d"], every_s=1200, country="DE")
    site.event("ping", None, at="12:00", properties={"plan": "pro"})


def test_events_come_newest_first_with_all_they_carry(site: SiteUnderTest) -> None:
    site.send(
        {"name": "page_view", "at": "10:00:00.5", "path": "/a/", "user_id": "ann", "country": "DE"},
        {
            "name": "purchase", "at": "10:01", "event_id": "p,1", "value": "19.90",
            "user_id": "ann", "session_id": "s7", "properties": {"plan": "pro", "n": [1]},
        },
    )  # fmt: skip
    answer = ask(site, "events")
    assert answer["range"] == {"from": DAY, "to": DAY, "timezone": "UTC"}
    assert answer["next_cursor"] is None
    bought, viewed = answer["rows"]
    expected = {
        "event_id": "p,1", "timestamp": "2026-03-10T10:01:00+00:00", "name": "purchase",
        "local_day": DAY, "local_hour": 10, "local_weekday": 2, "is_conversion": True,
        "is_high_value": False, "is_browser": False, "user_id": "ann", "session_id": "s7",
        "page": None, "country": None, "source": "Direct", "value": "19.90", "revenue": "19.90",
        "currency": "USD", "properties": {"plan": "pro", "n": [1]}, "duration_ms": None,
    }  # fmt: skip
    assert {name: bought[name] for name in expected} == expected
    assert viewed["timestamp"] == "2026-03-10T10:00:00.500000+00:00"
    assert viewed["page"] == "/a"
    assert viewed["country"] == "DE"
    assert viewed["properties"] is None
    assert viewed["value"] is viewed["currency"] is None
    assert viewed["visitor_id"] == bought["visitor_id"]


def test_pages_of_events_meet_without_gap_or_overlap(site: SiteUnderTest) -> None:
    """Seven events, five of them at one instant, three a page; one arrives between two pages."""
    for i, at in enumerate(["09:00", *["10:00"] * 5, "11:00"]):
        site.event("tick", "ann", at=at, event_id=f"e{i}")
    first = ask(site, "events", limit=3)
    site.event("tick", "ann", at="12:00", event_id="new")
    second = ask(site, "events", limit=3, cursor=first["next_cursor"])
    third = ask(site, "events", limit=3, cursor=second["next_cursor"])
    ids = [[row["event_id"] for row in page["rows"]] for page in (first, second, third)]
    assert ids == [["e6", "e5", "e4"], ["e3", "e2", "e1"], ["e0"]]
    assert third["next_cursor"] is None


def test_sessions_carry_their_maps_scores_and_texts(site: SiteUnderTest) -> None:
    shop_day(site)
    rows = ask(site, "sessions")["rows"]
    assert [(row["user_id"], row["is_bounce"]) for row in rows] == [
        ("ann", False), ("bob", True), ("ann", False),
    ]  # fmt: skip
    night, _, morning = rows
    expected = {
        "started_at": "2026-03-10T10:00:00+00:00", "ended_at": "2026-03-10T10:03:30+00:00",
        "actions": {"page_view": 3, "purchase": 1, "click": 1}, "pages": {"/": 2, "/b": 1},
        "duration_s": 210.0, "events": 5, "pageviews": 3, "conversions": 1, "purchases": 1,
        "revenue_gross": "20.50", "conversions_per_session": 1.0, "entry_page": "/",
        "exit_page": "/", "country": "DE", "source": "Direct",
        "engagement_events": 5.0, "engagement_pages": 4.0, "engagement_minutes": 3.5,
        "engagement_names": 12.0, "engagement_score": 24.5,
    }  # fmt: skip
    assert {name: morning[name] for name in expected} == expected
    assert float(morning["average_order_value"]) == 20.5
    assert night["pages"] == {"/c": 1, "/d": 1}
    assert night["duration_s"] == 1200.0
    assert night["average_order_value"] is None


def test_sessions_are_paged(site: SiteUnderTest) -> None:
    shop_day(site)
    first = ask(site, "sessions", limit=2)
    second = ask(site, "sessions", limit=2, cursor=first["next_cursor"])
    starts = [row["started_at"][11:16] for row in first["rows"] + second["rows"]]
    assert starts == ["23:50", "11:00", "10:00"]
    assert second["next_cursor"] is None


def test_filters_select_sessions_and_their_events(site: SiteUnderTest) -> None:
    shop_day(site)
    events = ask(site, "events", filters=["is", "page", ["/b"]])["rows"]
    assert [row["name"] for row in events] == [
        "click", "purchase", "page_view", "page_view", "page_view",
    ]  # fmt: skip
    assert len(ask(site, "events")["rows"]) == 8
    assert len(ask(site, "sessions", filters=["is", "page", ["/b"]])["rows"]) == 1


@pytest.mark.parametrize("route", ["events", "sessions"])
def test_a_cursor_that_is_none_is_refused(site: SiteUnderTest, route: str) -> None:
    for cursor in ("x", "W10", "eyJhIjoxfQ"):
        error = site.api.get(
            f"/api/v1/analytics/{route}", site_id=site.slug, cursor=cursor, expect=400
        )
        assert error["error"]["field"] == "cursor"


@pytest.mark.parametrize("route", ["events", "sessions"])
def test_exports_hold_every_row_in_the_same_order(site: SiteUnderTest, route: str) -> None:
    shop_day(site)
    rows = ask(site, route)["rows"]
    path = f"/api/v1/analytics/{route}?site_id={site.slug}&from={DAY}&to={DAY}"
    lines = site.api.client.get(path, headers={"accept": "application/x-ndjson"})
    assert [json.loads(line) for line in lines.text.splitlines()] == rows
    table = site.api.client.get(path, headers={"accept": "text/csv"})
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    found = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["visitor_id"] for row in found] == [row["visitor_id"] or "" for row in rows]
    assert list(found[0]) == list(rows[0])
    if route == "events":
        assert {row["properties"] for row in found} == {
            "", '{"n":2,"plan":"pro"}', '{"plan":"free"}', '{"plan":"pro"}',
        }  # fmt: skip


def test_an_export_of_nothing_has_a_header_alone(site: SiteUnderTest) -> None:
    site.api.settle()
    path = f"/api/v1/analytics/events?site_id={site.slug}"
    table = site.api.client.get(path, headers={"accept": "text/csv"})
    assert table.text.startswith("event_id,timestamp,received_at,local_day,")
    assert table.text.count("\n") == 1


def test_a_series_without_a_dimension_has_every_bucket(site: SiteUnderTest) -> None:
    shop_day(site)
    answer = ask(site, "metrics", last="2026-03-12", metric="visitors", interval="day")
    assert answer["series"] == [
        {"bucket": "2026-03-10", "value": 2, "dimension_value": None},
        {"bucket": "2026-03-11", "value": 1, "dimension_value": None},
        {"bucket": "2026-03-12", "value": 0, "dimension_value": None},
    ]


def by_country(site: SiteUnderTest, metric: str, **query: Any) -> list[tuple[str, str, Any]]:
    answer = ask(site, "metrics", last="2026-03-11", metric=metric, dimension="country", **query)
    return [(row["bucket"], row["dimension_value"], row["value"]) for row in answer["series"]]


@pytest.mark.parametrize("filters", [None, ["is_not", "page", ["/nowhere"]]])
def test_a_series_by_value_is_the_same_from_rollups_and_sessions(
    site: SiteUnderTest, filters: Any
) -> None:
    shop_day(site)
    query = {} if filters is None else {"filters": filters}
    first, second = "2026-03-10", "2026-03-11"
    assert by_country(site, "visitors", interval="day", **query) == [
        (first, "DE", 1), (first, "FR", 1), (second, "DE", 1),
    ]  # fmt: skip
    assert by_country(site, "visitors", interval="month", **query) == [
        ("2026-03-01", "DE", 1), ("2026-03-01", "FR", 1),
    ]  # fmt: skip
    assert by_country(site, "bounce_rate", interval="day", **query) == [
        (first, "DE", 0.0), (first, "FR", 1.0), (second, "DE", None),
    ]  # fmt: skip
    assert by_country(site, "revenue_net", interval="day", **query) == [
        (first, "DE", "20.50"), (first, "FR", "0.00"), (second, "DE", "0.00"),
    ]  # fmt: skip
    assert by_country(site, "new_visitors", interval="day", **query) == [
        (first, "DE", 1), (first, "FR", 1), (second, "DE", 0),
    ]  # fmt: skip


def test_a_series_by_hour_and_value_keeps_each_share_in_its_hour(site: SiteUnderTest) -> None:
    shop_day(site)
    assert by_country(site, "pageviews", interval="hour") == [
        ("2026-03-10T10:00:00+00:00", "DE", 3),
        ("2026-03-10T11:00:00+00:00", "FR", 1),
        ("2026-03-10T23:00:00+00:00", "DE", 1),
        ("2026-03-11T00:00:00+00:00", "DE", 1),
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"metric": "luck"}, "metric"),
        ({"metric": "visitors", "dimension": "page"}, "dimension"),
        ({"metric": "visitors", "interval": "century"}, "interval"),
    ],
)
def test_a_series_that_cannot_be_names_what_is_wrong(
    site: SiteUnderTest, query: dict[str, str], field: str
) -> None:
    answer = site.api.get("/api/v1/analytics/metrics", site_id=site.slug, expect=400, **query)
    assert answer["error"]["field"] == field


def test_breakdown_by_property_counts_events_visitors_and_sessions(site: SiteUnderTest) -> None:
    shop_day(site)
    site.event("click", "bob", at="11:00:10", properties={"plan": "pro", "note": None})
    pro = {
        "value": "pro", "visitors": 2, "sessions": 2, "events": 3, "conversions": 1,
        "revenue_net": "20.50", "share": 0.75,
    }  # fmt: skip
    free = {
        "value": "free", "visitors": 1, "sessions": 1, "events": 1, "conversions": 0,
        "revenue_net": "0.00", "share": 0.25,
    }  # fmt: skip
    assert site.read("breakdown", dimension="property:plan")["rows"] == [pro, free]
    selected = site.read("breakdown", dimension="property:plan", filters=DE)["rows"]
    assert [(row["value"], row["events"]) for row in selected] == [("free", 1), ("pro", 1)]
    assert site.read("breakdown", dimension="property:note")["rows"] == []
    assert [r["value"] for r in site.read("breakdown", dimension="property:n")["rows"]] == ["2"]


def test_breakdown_by_page_is_of_the_sessions_that_viewed_it(site: SiteUnderTest) -> None:
    shop_day(site)
    rows = site.read("breakdown", dimension="page")["rows"]
    assert [(row["value"], row["sessions"], row["share"]) for row in rows] == [
        ("/", 2, 2 / 3), ("/b", 1, 1 / 3), ("/c", 1, 1 / 3), ("/d", 1, 1 / 3),
    ]  # fmt: skip
    for row in rows:
        figures = site.overview(filters=["is", "page", [row["value"]]])
        same = ("visitors", "sessions", "events", "pageviews", "bounce_rate", "revenue_net")
        assert {name: row[name] for name in same} == {name: figures[name] for name in same}
    assert rows[0]["bounce_rate"] == 0.5


def save(site: SiteUnderTest, name: str, filters: Any, *, expect: int = 201) -> Any:
    body = {"site_id": site.slug, "name": name, "filters": filters}
    return site.api.post("/api/v1/segments", body, expect=(expect,))


def visitors(site: SiteUnderTest, filters: Any) -> int:
    return int(site.overview(filters=filters)["visitors"])


def test_a_segment_stands_for_its_filters(site: SiteUnderTest) -> None:
    shop_day(site)
    site.visit("cara", at="12:00", pages=["/b"], country="FR")
    site.visit("dora", at="12:00", pages=["/b"], country="US")
    save(site, "Germans", DE)
    save(site, "readers of b", ["is", "page", ["/b"]])
    save(site, "European readers", ["and", [["is_not", "country", ["US"]],
                                            ["is", "segment", ["readers of b"]]]])  # fmt: skip
    assert visitors(site, ["is", "segment", ["Germans"]]) == 1
    assert visitors(site, ["is_not", "segment", ["Germans"]]) == 3
    assert visitors(site, ["is", "segment", ["readers of b"]]) == 3
    assert visitors(site, ["is", "segment", ["European readers"]]) == 2
    assert visitors(site, ["is_not", "segment", ["European readers", "Germans"]]) == 2
    listed = site.api.get("/api/v1/segments", site_id=site.slug)["segments"]
    assert [segment["name"] for segment in listed] == [
        "European readers", "Germans", "readers of b",
    ]  # fmt: skip
    assert listed[1]["filters"] == DE


def test_segments_that_cannot_be_are_refused(site: SiteUnderTest) -> None:
    save(site, "Germans", DE)
    assert save(site, "Germans", DE, expect=409)["error"]["code"] == "segment_exists"
    assert save(site, "all", [], expect=400)["error"]["field"] == "filters"
    unknown = save(site, "x", ["is", "segment", ["nobody"]], expect=400)["error"]["message"]
    assert unknown == "there is no segment 'nobody'"
    with psycopg.connect(site.api.database_url) as conn:
        conn.execute(
            'UPDATE segments SET filters = \'["is", "segment", ["Germans"]]\''
            " WHERE name = 'Germans'"
        )
    for filters, message in (
        (["is", "segment", ["Germans"]], "the segment 'Germans' contains itself"),
        (
            ["contains", "segment", ["Ger"]],
            CONTAINS,
        ),
        (["is", "segment", [None]], "there is no segment None"),
    ):
        answer = site.api.get(
            "/api/v1/dashboard/overview", site_id=site.slug, filters=filters, expect=400
        )
        assert answer["error"] == {
            "code": "invalid_parameter", "message": message, "field": "filters",
        }  # fmt: skip


def test_a_forgotten_segment_is_refused(site: SiteUnderTest) -> None:
    save(site, "Germans", DE)
    path = f"/api/v1/segments?site_id={site.slug}&name=Germans"
    assert [site.api.client.delete(path).status_code for _ in range(2)] == [204, 404]


def conversions(site: SiteUnderTest) -> list[Any]:
    """Of the day, by events and by sessions, of ann's session, and of the minute of her click."""
    figures = site.overview()
    sessions = ask(site, "sessions", filters=["is", "page", ["/b"]])["rows"]
    names = site.read("breakdown", dimension="event")["rows"]
    with psycopg.connect(site.api.database_url) as conn:
        row = conn.execute(
            "SELECT conversions FROM kpi_minutes WHERE window_start = '2026-03-10T10:03Z'"
        ).fetchone()
    assert row is not None
    return [
        figures["conversions"], figures["converting_visitors"],
        site.overview(filters=DE)["conversions"], sessions[0]["conversions"],
        {name["value"]: name["conversions"] for name in names}, row[0],
    ]  # fmt: skip


def test_a_goal_marks_the_events_that_are_stored(site: SiteUnderTest) -> None:
    shop_day(site)
    before = [1, 1, 1, 1, {"page_view": 0, "purchase": 1, "click": 0, "ping": 0}, 1]
    assert conversions(site) == before
    for event in ("click", "ping"):
        site.api.post("/api/v1/goals", {"site_id": site.slug, "event": event}, expect=(201,))
    site.event("click", "bob", at="11:00:30")
    after = [4, 2, 2, 2, {"page_view": 0, "purchase": 1, "click": 2, "ping": 1}, 2]
    assert conversions(site) == after
    for event in ("click", "ping"):
        path = f"/api/v1/goals?site_id={site.slug}&event={event}"
        assert [site.api.client.delete(path).status_code for _ in range(2)] == [204, 404]
    assert conversions(site) == before
    listed = site.api.get("/api/v1/goals", site_id=site.slug)["goals"]
    assert [goal["event"] for goal in listed] == ["purchase"]
