"""Another time zone for a site: its days are built anew while events keep arriving."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest

from sql.annotations import add_annotation
from sql.database import connect
from sql.experiments import (
    create_experiment,
    delete_experiment,
    experiment_by_key,
    update_experiment,
)
from sql.goals import add_goal, delete_goal
from sql.saved_funnels import delete_funnel, save_funnel
from sql.segments import add_segment, delete_segment
from sql.site_removal import remove_deleted_sites
from sql.sites import sites_by_id
from sql.verification import verify_site
from sql.zone_changes import advance_zone_changes
from tests.experiments import PURCHASE_RATE, ROUTE, defined
from tests.sites import SiteUnderTest

FIRST, LAST = "2026-03-09", "2026-03-11"
ZONE = "America/New_York"


def change(site: SiteUnderTest, zone: str) -> dict[str, Any]:
    answer = site.api.client.patch(f"/api/v1/sites/{site.slug}", json={"timezone": zone})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def days(site: SiteUnderTest) -> list[tuple[Any, ...]]:
    points = site.read("traffic", FIRST, LAST, interval="day")["points"]
    return [(p["events"], p["visitors"], p["new_visitors"], p["sessions"]) for p in points]


def number_of(site: SiteUnderTest) -> int:
    with connect(site.api.database_url) as conn:
        row = conn.execute("SELECT site_id FROM sites WHERE slug = %s", (site.slug,)).fetchone()
        assert row is not None
        return int(row[0])


def fill(site: SiteUnderTest) -> None:
    """In UTC ada comes on two days, bob on one; in New York ada's first is the day before."""
    site.visit("ada", at="2026-03-10 03:59", pages=["/", "/a"], every_s=120)
    site.visit("ada", at="2026-03-11 12:00", pages=["/"])
    site.visit("bob", at="2026-03-11 03:00", pages=["/"])
    site.send({"name": "click", "user_id": "bob", "at": "2026-03-11 03:01", "event_id": "once"})


def test_the_days_are_those_of_the_new_zone(site: SiteUnderTest) -> None:
    fill(site)
    assert days(site) == [(0, 0, 0, 0), (2, 1, 1, 1), (3, 2, 1, 2)]
    before = number_of(site)
    answer = change(site, ZONE)
    assert answer["timezone"] == "UTC"
    wanted = answer["timezone_change"]
    assert (wanted["timezone"], wanted["all_events"]) == (ZONE, 5)
    assert days(site) == [(1, 1, 1, 1), (3, 2, 1, 1), (1, 1, 0, 1)]
    settings = site.api.get("/api/v1/sites")["sites"][0]
    assert (settings["timezone"], settings["timezone_change"]) == (ZONE, None)
    assert number_of(site) != before
    with connect(site.api.database_url) as conn:
        assert verify_site(conn, number_of(site)) == []


def test_nothing_that_arrives_meanwhile_is_lost_or_doubled(site: SiteUnderTest) -> None:
    fill(site)
    site.api.settle()
    change(site, ZONE)
    sent = 5
    with connect(site.api.database_url) as conn:
        while advance_zone_changes(conn):
            # in the stream under the old number, and a retry of what both numbers know
            site.visit(f"u{sent}", at="2026-03-10 12:00", pages=["/"])
            site.send(
                {"name": "click", "user_id": "x", "at": "2026-03-10 13:00", "event_id": "once"}
            )
            sent += 1
            if sent % 2:
                site.api.settle()
    site.visit("late", at="2026-03-10 12:00", pages=["/"])
    assert sent > 6
    events, visitors, _, sessions = days(site)[1]
    assert (events, visitors, sessions) == (3 + sent - 5 + 1, 2 + sent - 5 + 1, 1 + sent - 5 + 1)
    assert sum(day[0] for day in days(site)) == sent + 1
    with connect(site.api.database_url) as conn:
        assert verify_site(conn, number_of(site)) == []


def test_events_that_name_the_old_number_reach_the_new_one(site: SiteUnderTest) -> None:
    fill(site)
    site.api.settle()
    change(site, ZONE)
    site.visit("cyd", at="2026-03-10 12:00", pages=["/"])  # waits in the stream
    with connect(site.api.database_url) as conn:
        site.api.settle()
        assert not advance_zone_changes(conn)
    change(site, "Asia/Kolkata")
    site.visit("dan", at="2026-03-10 12:00", pages=["/"])
    assert days(site) == [(0, 0, 0, 0), (4, 3, 3, 3), (3, 2, 1, 2)]


def test_what_people_made_follows_and_the_old_numbers_data_goes(site: SiteUnderTest) -> None:
    experiment = defined(site)
    experiment.expose("ada", "green", at="10:00")
    experiment.buy("ada", "3", at="10:01")
    site.api.post("/api/v1/goals", {"site_id": "shop", "event": "signup"}, expect=(201,))
    segment = {"site_id": "shop", "name": "germans", "filters": ["is", "country", ["DE"]]}
    site.api.post("/api/v1/segments", segment, expect=(201,))
    steps = [{"page": "/"}, {"event": "purchase"}]
    kept = site.api.post(
        "/api/v1/funnels", {"site_id": "shop", "name": "buy", "steps": steps}, expect=(201,)
    )
    assert experiment.arms()["green"] == (1, 1, 1, 3.0)
    old = number_of(site)
    change(site, ZONE)
    site.event("signup", "ada", at="10:02")
    assert experiment.arms()["green"] == (1, 1, 1, 3.0)
    assert site.overview()["conversions"] == 2
    assert [s["name"] for s in site.api.get("/api/v1/segments", site_id="shop")["segments"]] == [
        "germans"
    ]
    assert site.api.get(f"/api/v1/funnels/{kept['funnel_id']}")["site_id"] == "shop"
    assert (
        site.api.get(f"{ROUTE}/button", site_id="shop")["goals"][0]["event"]
        == (PURCHASE_RATE["event"])
    )
    with connect(site.api.database_url) as conn:
        conn.execute(
            "UPDATE sites SET deleted_at = now() - INTERVAL '2 minutes' WHERE slug IS NULL"
        )
        assert remove_deleted_sites(conn) == 1
        for relation in ("events", "sessions", "seen_events", "labels", "event_quarters"):
            left = conn.execute(f"SELECT FROM {relation} WHERE site_id = %s", (old,))
            assert (relation, left.rowcount) == (relation, 0)
    site.event("click", "ada", at="10:03")
    assert site.overview()["events"] == 4


def made(site: SiteUnderTest) -> list[tuple[Any, ...]]:
    """What people made for the site, under the number it has now."""
    kinds = {
        "goals": "event", "segments": "name", "funnels": "name", "annotations": "text",
        "experiments": "key", "experiment_changes": "field",
    }  # fmt: skip
    with connect(site.api.database_url) as conn:
        return [
            (kind, *row)
            for kind, name in kinds.items()
            for row in conn.execute(
                f"SELECT {name} FROM {kind} WHERE site_id = %s ORDER BY 1", (number_of(site),)
            )
        ]


def test_whoever_still_knows_the_old_number_writes_to_the_new_one(site: SiteUnderTest) -> None:
    defined(site)
    with connect(site.api.database_url) as conn:
        stale = sites_by_id(conn)[number_of(site)]
    old = stale.site_id
    change(site, ZONE)
    site.api.settle()
    assert number_of(site) != old

    async def write(conn: psycopg.AsyncConnection[Any]) -> None:
        assert await add_goal(conn, old, "signup") is not None
        assert await add_goal(conn, old, "signup") is None
        assert await delete_goal(conn, old, "purchase")
        assert await add_segment(conn, old, "germans", ["is", "country", ["DE"]]) is not None
        assert await add_segment(conn, old, "gone", ["is", "segment", ["germans"]]) is not None
        assert await delete_segment(conn, old, "gone")
        kept = await save_funnel(conn, old, "buy", {})
        await save_funnel(conn, old, "stay", {})
        await delete_funnel(conn, replace(kept, site_id=old))
        await add_annotation(conn, old, date(2026, 3, 10), "sale")
        experiment = await experiment_by_key(
            conn, replace(stale, site_id=number_of(site)), "button"
        )
        assert experiment is not None
        wider = replace(experiment.definition, name="wider")
        assert await update_experiment(conn, stale, experiment, wider) is not None
        assert await create_experiment(conn, stale, replace(wider, key="second")) is not None
        assert await create_experiment(conn, stale, replace(wider, key="third")) is not None
        assert await delete_experiment(conn, stale, "third")

    async def connected() -> None:
        url = site.api.database_url
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
            await write(conn)

    asyncio.run(connected())
    assert made(site) == [
        ("goals", "signup"), ("segments", "germans"), ("funnels", "stay"), ("annotations", "sale"),
        ("experiments", "button"), ("experiments", "second"), ("experiment_changes", "name"),
    ]  # fmt: skip


def test_what_is_being_written_at_the_switch_follows(site: SiteUnderTest) -> None:
    old = number_of(site)
    change(site, ZONE)
    url = site.api.database_url

    def advance() -> bool:
        with connect(url) as conn:
            return advance_zone_changes(conn)

    async def write_during_the_switch() -> None:
        assert [advance() for _ in range(3)] == [True] * 3  # what is left is the switch
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
            async with conn.transaction():
                await add_goal(conn, old, "signup")
                switch = asyncio.create_task(asyncio.to_thread(advance))
                await asyncio.wait([switch], timeout=0.3)
                assert not switch.done()
            assert await switch
        assert number_of(site) != old

    asyncio.run(write_during_the_switch())
    assert made(site) == [("goals", "purchase"), ("goals", "signup")]


def test_sites_of_one_shard_get_numbers_of_their_own(site: SiteUnderTest) -> None:
    """Among eight new sites are two of each of the four shards."""
    slugs = [f"s{n}" for n in range(8)]
    for slug in slugs:
        site.api.post("/api/v1/sites", {"site_id": slug}, expect=(201,))
    sites = [SiteUnderTest(site.api, slug, "UTC") for slug in slugs]
    before = [number_of(one) for one in sites]
    assert sorted(number % 4 for number in before) == [0, 0, 1, 1, 2, 2, 3, 3]
    for one in sites:
        one.visit("ada", at="2026-03-10 03:59", pages=["/"])
        change(one, ZONE)
    assert [days(one) for one in sites] == [[(1, 1, 1, 1), (0, 0, 0, 0), (0, 0, 0, 0)]] * 8
    after = [number_of(one) for one in sites]
    assert [number % 4 for number in after] == [number % 4 for number in before]
    assert min(after) > max(before)


def test_another_wish_replaces_the_one_before(site: SiteUnderTest) -> None:
    fill(site)
    site.api.settle()
    change(site, "Asia/Kolkata")
    with connect(site.api.database_url) as conn:
        advance_zone_changes(conn)
        advance_zone_changes(conn)
    change(site, ZONE)
    assert change(site, "UTC")["timezone_change"] is None
    before = number_of(site)
    assert days(site) == [(0, 0, 0, 0), (2, 1, 1, 1), (3, 2, 1, 2)]
    assert number_of(site) == before


@pytest.mark.parametrize("zone", ["Mars/Olympus", ""])
def test_a_zone_that_is_none_is_refused(site: SiteUnderTest, zone: str) -> None:
    answer = site.api.client.patch("/api/v1/sites/shop", json={"timezone": zone})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "timezone")


def test_days_whose_raw_events_are_gone_cannot_be_built_anew(site: SiteUnderTest) -> None:
    with connect(site.api.database_url) as conn:
        conn.execute("UPDATE sites SET raw_from = '2026-01-01'")
    answer = site.api.client.patch("/api/v1/sites/shop", json={"timezone": ZONE})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "timezone")
    message = answer.json()["error"]["message"]
    assert "'America/New_York' cannot become the time zone of shop" in message
    assert "before 2026-01-01T00:00:00+00:00 are gone" in message
    assert "a new site in America/New_York" in message
    assert site.api.get("/api/v1/sites")["sites"][0]["timezone_change"] is None
