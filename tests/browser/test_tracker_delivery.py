"""How events leave the page: offline, with failing servers, and when the page closes."""

import json
import time

import pytest

from tests.browser.tracker.harness import Post, wait_until
from tests.browser.tracker.tab import Tab

pytest_plugins = ["tests.browser.tracker.fixtures"]
pytestmark = pytest.mark.filterwarnings("ignore:HTTPResponse.getheader:DeprecationWarning")

CONNECTIONS = 6
"""How many Chromium opens to a server at most."""


def names(post: Post) -> list[str]:
    return [event["name"] for event in post.events]


def test_events_of_an_offline_page_arrive_once_it_is_online(tab: Tab) -> None:
    tab.open("/")
    tab.collector.wait_for("page_view")
    tab.settled()
    tab.offline(True)
    for number in range(3):
        tab.run("tideline('offline', { number: arguments[0] })", number)
        time.sleep(0.15)
    assert len(tab.queued()) == 3
    tab.offline(False)
    events = tab.collector.wait_for("offline", 3)
    assert sorted(event["properties"]["number"] for event in events) == [0, 1, 2]
    tab.settled()


def test_a_network_that_is_back_is_used_at_once(tab: Tab) -> None:
    tab.collector.answers.extend([503])
    tab.collector.retry_after_s = "20"
    tab.open("/")
    tab.collector.wait_for_posts(1)
    tab.offline(True)
    tab.run("tideline('offline')")
    wait_until(lambda: len(tab.queued()) == 2, 5)
    tab.offline(False)
    assert names(tab.collector.wait_for_posts(2)[1]) == ["page_view", "offline"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_cannot_take_an_event_gets_it_again(tab: Tab, status: int) -> None:
    tab.collector.answers.extend([status])
    tab.open("/")
    first, second = tab.collector.wait_for_posts(2)
    assert first.events == second.events
    assert second.received_ms - first.received_ms >= 1000
    tab.settled()


def test_a_server_may_ask_for_more_patience(tab: Tab) -> None:
    tab.collector.answers.extend([503])
    tab.collector.retry_after_s = "1"
    tab.open("/")
    first, second = tab.collector.wait_for_posts(2)
    assert 2000 <= second.received_ms - first.received_ms < 5000


def test_an_event_that_is_refused_is_not_sent_again(tab: Tab) -> None:
    tab.collector.answers.extend([400, 403, 404, 413])
    tab.open("/")
    for count, name in enumerate(("second", "third", "fourth", "taken"), start=1):
        tab.collector.wait_for_posts(count)
        tab.settled()
        tab.run("tideline(arguments[0])", name)
    tab.collector.wait_for("taken")
    assert [names(post) for post in tab.collector.posts] == [
        ["page_view"], ["second"], ["third"], ["fourth"], ["taken"],
    ]  # fmt: skip


def test_a_page_closed_during_a_request_loses_nothing(tab: Tab) -> None:
    tab.collector.answers.extend([None, None])
    tab.open("/")
    tab.collector.wait_for("page_view")
    tab.run("tideline('cut off')")
    tab.close()
    tab.collector.release.set()
    tab.open("/next")
    tab.collector.wait_for_posts(3)
    tab.settled()
    everything = ["page_view", "cut off", "engagement", "page_view"]
    assert names(tab.collector.posts[-1]) == everything
    assert [event["name"] for event in tab.collector.events()] == everything


def test_events_of_a_page_closed_while_offline_arrive_with_the_next_visit(tab: Tab) -> None:
    tab.open("/")
    tab.collector.wait_for("page_view")
    tab.offline(True)
    tab.run("tideline('offline')")
    tab.close()
    tab.open("/next")
    [event] = tab.collector.wait_for("offline")
    assert tab.paths([event]) == ["/"]
    assert tab.paths(tab.collector.wait_for("engagement")) == ["/"]


def test_a_page_that_closes_sends_its_last_events_even_when_every_connection_is_busy(
    tab: Tab,
) -> None:
    tab.collector.answers.extend([None] * CONNECTIONS)
    tab.open("/")
    for count in range(1, CONNECTIONS):
        tab.collector.wait_for_posts(count)
        tab.run("tideline('busy')")
    tab.collector.wait_for_posts(CONNECTIONS)
    tab.run("tideline('last words')")
    tab.close()
    tab.collector.release.set()
    assert tab.paths(tab.collector.wait_for("last words")) == ["/"]
    assert tab.paths(tab.collector.wait_for("engagement")) == ["/"]


def test_an_event_that_waited_for_a_day_is_forgotten(tab: Tab) -> None:
    tab.open("/")
    tab.settled()
    now_ms = int(time.time() * 1000)
    for name, age_ms in (("young", 80_000_000), ("old", 86_401_000)):
        event = {"name": name, "event_id": name, "timestamp": now_ms - age_ms}
        key = f"tideline.e.{event['timestamp']}{name}"
        tab.run("localStorage[arguments[0]] = arguments[1]", key, json.dumps(event))
    tab.run("tideline('now')")
    tab.collector.wait_for("now")
    tab.settled()
    assert {event["name"] for event in tab.collector.events()} == {"page_view", "young", "now"}


def test_the_queue_is_bounded(tab: Tab) -> None:
    tab.open("/")
    tab.collector.wait_for("page_view")
    tab.settled()
    tab.offline(True)
    tab.run("for (let i = 0; i < 600; i++) tideline('many', { i, text: 'x'.repeat(1000) })")
    wait_until(lambda: len(tab.queued()) > 0, 5)
    assert 200_000 < sum(map(len, tab.stored().values())) <= 250_000
    tab.offline(False)
    tab.settled()
    posts = [post for post in tab.collector.posts if post.events[0]["name"] == "many"]
    assert max(int(post.headers["Content-Length"]) for post in posts) < 65_536
    numbers = [event["properties"]["i"] for event in tab.collector.events("many")]
    assert sorted(numbers) == list(range(600 - len(numbers), 600))
