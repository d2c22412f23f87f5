"""Events as five different senders write them: accepted, counted and on the page in ten seconds."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.running import Run

WITHIN_S = 10.0
POSTS = (
    (
        "events",
        '{"eventType":"page_view","userId":"user123","sessionId":"session456",'
        '"properties":{"page":"/products","title":"Products Page","referrer":"https://google.com",'
        '"device":"desktop","browser":"Chrome","country":"US"}}',
    ),
    (
        "events",
        '{"user_id":"user-123","session_id":"session-456","action":"page_view","page":"/products",'
        '"duration":5000,"country":"US","device":"mobile"}',
    ),
    (
        "events/batch",
        '{"events":[{"user_id":"user-1","action":"page_view","page":"/home"},{"user_id":"user-2",'
        '"action":"purchase","page":"/checkout","metadata":{"amount":99.99}}]}',
    ),
    (
        "events",
        '{"site_id":"demo","event_type":"page_view","path":"/home","user_id":"user-001"}',
    ),
    (
        "events",
        '{"type":"purchase","service":"frontend","user_id":"user-123",'
        '"data":{"order_id":"ORDER-456","total":99.99,"currency":"USD"}}',
    ),
)
TILES = {"visitors": "5", "sessions": "6", "pageviews": "4", "revenue": "$199.98"}


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path / "data")
    yield run
    if run.process.poll() is None:
        run.stop()


def tiles(dash_br: Any) -> dict[str, str]:
    """Metric to the figure on its tile, at one instant."""
    shown: dict[str, str] = dash_br.driver.execute_script(
        "return Object.fromEntries([...document.querySelectorAll('[data-metric]')].map("
        "(e) => [e.dataset.metric, e.querySelector('.tile-value')?.textContent ?? '']))"
    )
    return shown


def until(condition: Callable[[], bool], deadline: float) -> None:
    while not condition():
        assert time.monotonic() < deadline, "not within ten seconds"
        time.sleep(0.1)


def test_five_posts_are_on_the_page_within_ten_seconds(dash_br: Any, run: Run) -> None:
    run.until_announced()
    api = f"http://127.0.0.1:{run.instance.api_port}/api/v1"
    dash_br.driver.get(f"{run.instance.dashboard_url}/?site=demo&period=today")
    dash_br.wait_for_element("#page", timeout=20)
    deadline = time.monotonic() + WITHIN_S
    for route, body in POSTS:
        answer = httpx.post(
            f"{api}/{route}",
            content=body,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code == 202, answer.text

    until(lambda: TILES.items() <= tiles(dash_br).items(), deadline)
    asked = {"site_id": "demo", "period": "today"}
    board = httpx.get(f"{api}/dashboard", params=asked, timeout=30).json()
    overview = board["overview"]
    assert (overview["visitors"], overview["sessions"], overview["pageviews"]) == (5, 6, 4)
    assert (overview["conversions"], overview["revenue_net"]) == (2, "199.98")
    pages = {row["page"]: row["pageviews"] for row in board["pages"]}
    assert pages == {"/home": 2, "/products": 2}
    countries = {row["value"]: row["sessions"] for row in board["countries"]}
    assert countries["US"] == 2
    devices = {row["value"]: row["sessions"] for row in board["devices"]}
    assert (devices["desktop"], devices["mobile"]) == (1, 1)
    sources = {row["value"]: row["sessions"] for row in board["sources"]}
    assert sources["Google"] == 1
