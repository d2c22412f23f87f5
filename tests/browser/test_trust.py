"""Data trust in a real browser: what became of what was sent, and dead letters."""

import json
import time
from typing import Any

import psycopg

from sql.events import CollectedEvent, encode_batch
from tests.browser.page import Page
from tests.sites import SiteUnderTest

REASONS = "#trust-intake-reasons tbody tr"


def outcomes(page: Page) -> dict[str, str]:
    """Number of events by outcome and, after a blank, its reason."""
    found = {}
    for row in page.all(REASONS):
        outcome, reason, events = row.text.split("\n")[0], *row.text.split("\n")[1:3]
        found[f"{outcome}: {reason}"] = events.split()[0]
    return found


def test_what_was_sent_is_told_by_what_became_of_it(own_page: Page, site: SiteUnderTest) -> None:
    now_us = time.time_ns() // 1000
    view: dict[str, Any] = {"name": "page_view", "user_id": "ada", "path": "/"}
    site.send(view, view | {"event_id": "a"}, view | {"event_id": "a"})
    site.send(view | {"timestamp": now_us // 1000 - 3_600_000})
    site.send(view | {"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"})
    bad = view | {"site_id": "shop", "timestamp": "noon"}
    site.api.post("/api/v1/events", bad, expect=(400,))
    site.api.settle()
    own_page.driver.get(f"{own_page.url}/trust?site=shop")
    own_page.until(lambda: outcomes(own_page).get("Rejected: timestamp") == "1")
    told = {key.split(":")[0]: events for key, events in outcomes(own_page).items()}
    assert told == {
        "Stored": "2", "Stored late": "1", "Duplicate": "1", "Bot": "1", "Rejected": "1",
    }  # fmt: skip
    own_page.until(lambda: len(own_page.all(".intake-chart .bars")) == 5)
    tiles = own_page.texts(".trust-tile .tile-label")
    assert tiles == ["As of", "Lag", "Backlog", "Processes"]
    own_page.shows("#trust-sites tbody td", "now", "now", "3")
    own_page.shows("#dead-letters .empty", "None: every event that was accepted is stored")


def test_a_dead_letter_is_shown_and_replayed(own_page: Page, site: SiteUnderTest) -> None:
    now_us = time.time_ns() // 1000
    with psycopg.connect(site.api.database_url, autocommit=True) as conn:
        row = conn.execute("SELECT site_id FROM sites").fetchone()
        assert row is not None
        event = CollectedEvent(row[0], "page_view", now_us, now_us, visitor_id=7, path="/<b>x</b>")
        conn.execute(
            "INSERT INTO dead_letters (site_id, batch_id, error, event)"
            " VALUES (%s, 'x', 'the disk is full', %s)",
            (row[0], encode_batch([event])),
        )
    own_page.driver.get(f"{own_page.url}/trust?site=shop")
    own_page.shows(".letter-why", "the disk is full")
    own_page.click(".letter summary")
    assert '"path": "/<b>x</b>"' in own_page.texts(".letter pre")[0]
    own_page.click(".letter .button")
    own_page.shows("#dead-letters .empty", "None: every event that was accepted is stored")
    site.api.settle()
    own_page.until(lambda: [*outcomes(own_page).values()] == ["1"])


def test_the_live_debugger_shows_events_as_received_and_as_stored(
    own_page: Page, site: SiteUnderTest
) -> None:
    def lines() -> list[list[str]]:
        return [text.split("\n")[1:] for text in own_page.texts(".debug-line")]

    own_page.driver.get(f"{own_page.url}/trust?site=shop")
    own_page.click("#debugger .button")
    own_page.until(lambda: "Waiting for the next event" in own_page.texts("#debugger p")[0])
    time.sleep(1.2)  # the API looks once a second who is followed
    view: dict[str, Any] = {"name": "page_view", "user_id": "ada", "path": "/a"}
    site.send(view | {"event_id": "1", "properties": {"plan": "<b>pro</b>"}})
    site.send(view | {"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"})
    bad = view | {"site_id": "shop", "timestamp": "noon"}
    site.api.post("/api/v1/events", bad, expect=(400,))
    own_page.until(lambda: len(lines()) == 3)
    assert [line[:2] for line in lines()] == [
        ["Rejected", "timestamp"], ["Bot"], ["Accepted", "page_view"],
    ]  # fmt: skip
    own_page.click(".debug-event .debug-line")
    own_page.until(lambda: own_page.all(".debug-forms pre"))
    refused = json.loads(own_page.texts(".debug-forms pre")[0])
    assert refused["message"].startswith('timestamp "noon" is no time')
    site.api.settle()
    own_page.until(lambda: lines()[-1] == ["Stored", "page_view", "/a"])
    own_page.click(".debug-event:last-child .debug-line")
    own_page.until(lambda: len(own_page.all(".debug-forms pre")) == 2)
    received, stored = map(json.loads, own_page.texts(".debug-forms pre"))
    assert (received["event_id"], stored["event_id"]) == ("1", "1")
    assert received["properties"] == stored["properties"] == {"plan": "<b>pro</b>"}
    assert received["visitor_id"] == stored["visitor_id"]
    assert stored["channel"] == "Direct"
    own_page.click(".debug-forms a")
    own_page.shows(".session.is-open .stream-page", "/a")
