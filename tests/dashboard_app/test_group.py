"""Panels of a group share a request, and each is drawn when it is not shown as it is asked for."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from dash import Dash, Input, Output, html

from dashboard_app.panels.group import Group, Panel
from tests.api import served
from tests.dashboard import RunningDashboard

SLOW_S = 1.2


@pytest.fixture(scope="module")
def drawn() -> Iterator[RunningDashboard]:
    """Three panels: one follows the view alone, one fails on "?bad", one is slow on "?slow…"."""
    times: dict[str, int] = {}

    async def first(view: str) -> str:
        times[view] = times.get(view, 0) + 1
        return f"first {view}" if view != "?counted" else f"first {view} {times[view]}"

    async def second(view: str, tab: str) -> tuple[str, str]:
        if view == "?bad":
            raise ValueError("nobody knows <b>bad</b>\nand more")
        return f"second {view} {tab}", {"figure of": view}

    async def third(view: str) -> str:
        await asyncio.sleep(SLOW_S if view.startswith("?slow") else 0)
        return f"third {view}"

    view, tab = Input("view", "data"), Input("tab", "data")
    panels = [
        Panel("First", [Output("first", "html")], [view], first),
        Panel("Second", [Output("second", "html"), Output("graph", "figure")], [view, tab], second),
        Panel("Third", [Output("third", "html")], [view], third),
    ]
    app = Dash(__name__, backend="fastapi", suppress_callback_exceptions=True)
    app.layout = html.Div()
    Group("some", panels).register(app)
    with served(app.server) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield RunningDashboard(url, client)


def changed(drawn: RunningDashboard, known: Any = None, **given: Any) -> dict[str, Any]:
    """What the group's request changes, beside what it remembers."""
    return drawn.callback("first.html", **given, **{"some-drawn": known})


def html_of(answer: dict[str, Any]) -> dict[str, str]:
    return {panel: props["html"] for panel, props in answer.items() if "html" in props}


def test_all_panels_come_in_one_answer_and_none_comes_twice(drawn: RunningDashboard) -> None:
    answer = changed(drawn, view="?a", tab="x")
    assert html_of(answer) == {"first": "first ?a", "second": "second ?a x", "third": "third ?a"}
    assert answer["graph"] == {"figure": {"figure of": "?a"}}
    assert changed(drawn, answer["some-drawn"]["data"], view="?a", tab="x") == {}


def test_a_tab_draws_its_panel_and_what_an_earlier_request_left_undrawn(
    drawn: RunningDashboard,
) -> None:
    known = changed(drawn, view="?a", tab="x")["some-drawn"]["data"]
    answer = changed(drawn, known, view="?a", tab="y")
    assert html_of(answer) == {"second": "second ?a y"}
    assert "graph" not in answer
    assert set(html_of(changed(drawn, known, view="?b", tab="y"))) == {"first", "second", "third"}


def test_a_failure_says_why_in_its_panel_and_the_way_back_mends_it(drawn: RunningDashboard) -> None:
    known = changed(drawn, view="?a", tab="x")["some-drawn"]["data"]
    failed = changed(drawn, known, view="?bad", tab="x")
    assert html_of(failed)["first"] == "first ?bad"
    shown = html_of(failed)["second"]
    assert "Second could not be loaded" in shown
    assert "nobody knows &lt;b&gt;bad&lt;/b&gt;<" in shown
    assert "graph" not in failed
    again = changed(drawn, failed["some-drawn"]["data"], view="?bad", tab="x")
    assert set(html_of(again)) == {"second"}
    back = changed(drawn, failed["some-drawn"]["data"], view="?a", tab="x")
    assert html_of(back)["second"] == "second ?a x"
    assert back["graph"] == {"figure": {"figure of": "?a"}}


def test_a_slow_panel_comes_after_the_others(drawn: RunningDashboard) -> None:
    answer = changed(drawn, view="?slow", tab="x")
    assert set(html_of(answer)) == {"first", "second"}
    assert answer["some-late"]["data"]
    later = changed(drawn, answer["some-drawn"]["data"], view="?slow", tab="x")
    assert html_of(later) == {"third": "third ?slow"}
    assert "some-late" not in later


def announce(drawn: RunningDashboard, body: Any) -> int:
    return drawn.client.post("/_announced/some", json=body).status_code


@pytest.mark.parametrize(("changes", "is_late"), [("view", False), ("tab", True)])
def test_what_follows_an_announced_change_is_begun_before_it_is_asked_for(
    drawn: RunningDashboard, changes: str, is_late: bool
) -> None:
    values = {"view": f"?slow{changes}", "tab": "x"}
    assert announce(drawn, {"values": values, "changed": [changes]}) == 204
    time.sleep(SLOW_S / 2)
    assert ("third" not in html_of(changed(drawn, **values))) == is_late


def test_an_announced_panel_is_drawn_once_and_for_the_next_request_again(
    drawn: RunningDashboard,
) -> None:
    for _ in range(2):
        assert announce(drawn, {"values": {"view": "?counted"}, "changed": ["view", "tab"]}) == 204
    assert html_of(changed(drawn, view="?counted"))["first"] == "first ?counted 1"
    assert html_of(changed(drawn, view="?counted"))["first"] == "first ?counted 2"


@pytest.mark.parametrize("body", [[], {}, {"values": {"view": 1}, "changed": []}])
def test_an_announcement_that_is_none_is_refused(drawn: RunningDashboard, body: Any) -> None:
    assert announce(drawn, body) == 400
