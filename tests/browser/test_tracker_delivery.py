"""How events leave the page: offline, with failing servers, and when the page closes."""

import time

import pytest

from tests.browser.tracker.harness import wait_until
from tests.browser.tracker.tab import Tab

pytest_plugins = ["tests.browser.tracker.fixtures"]
pytestmark = pytest.mark.filterwarnings("ignore:HTTPResponse.getheader:DeprecationWarning")


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


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_cannot_take_an_event_gets_it_again(tab: Tab, status: int) -> None:
    tab.collector.answers.extend([status])
    tab.open("/")
    first, second = tab.collector.wait_for("page_view", 2)
    assert first == second
    assert tab.collector.posts[1].received_ms - first["timestamp"] >= 1000
    tab.settled()


def test_a_server_may_ask_for_more_patience(tab: Tab) -> None:
    tab.collector.answers.extend([503])
    tab.collector.retry_after_s = "2"
    tab.open("/")
    tab.collector.wait_for("page_view", 2)
    first, second = tab.collector.posts
    assert 3000 <= second.received_ms - first.received_ms < 5000


@pytest.mark.parametrize("status", [400, 403, 404, 413])
def test_an_event_that_is_refused_is_not_sent_again(tab: Tab, status: int) -> None:
    tab.collector.answers.extend([status])
    tab.open("/")
    tab.collector.wait_for("page_view")
    tab.settled()
    tab.run("tideline('next')")
    tab.collector.wait_for("next")
    assert len(tab.collector.events("page_view")) == 1


def test_a_page_closed_during_a_request_loses_nothing(tab: Tab) -> None:
    tab.collector.answers.extend([None, None])
    tab.open("/")
    tab.collector.wait_for("page_view")
    tab.run("tideline('cut off')")
    tab.close()
    tab.collector.release.set()
    tab.open("/next")
    tab.collector.wait_for("page_view", 3)
    tab.settled()
    views = tab.collector.events("page_view")
    assert len({view["event_id"] for view in views}) == 2
    assert [view["event_id"] for view in views].count(views[0]["event_id"]) == 2
    assert len({event["event_id"] for event in tab.collector.wait_for("cut off")}) == 1
    assert len({event["event_id"] for event in tab.collector.wait_for("engagement")}) == 1


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


def test_a_page_that_closes_sends_its_last_events(tab: Tab) -> None:
    tab.open("/")
    tab.collector.wait_for("page_view")
    tab.run("tideline('last words')")
    tab.close()
    assert tab.paths(tab.collector.wait_for("last words")) == ["/"]
    assert tab.paths(tab.collector.wait_for("engagement")) == ["/"]


def test_the_queue_is_bounded_and_forgets_after_a_day(tab: Tab) -> None:
    tab.open("/")
    tab.collector.wait_for("page_view")
    tab.settled()
    tab.offline(True)
    yesterday = int(time.time() * 1000) - 86_401_000
    tab.run("localStorage[arguments[0]] = '{}'", f"tideline.e.{yesterday}old")
    tab.run("for (let i = 0; i < 600; i++) tideline('many', { i, text: 'x'.repeat(1000) })")
    wait_until(lambda: len(tab.queued()) > 0, 5)
    stored = tab.stored()
    assert f"tideline.e.{yesterday}old" not in stored
    assert 200_000 < sum(map(len, stored.values())) <= 250_000
    tab.offline(False)
    tab.settled()
    posts = [post for post in tab.collector.posts if post.events[0]["name"] == "many"]
    assert max(int(post.headers["Content-Length"]) for post in posts) < 65_536
    assert len({event["event_id"] for event in tab.collector.events("many")}) > 150
