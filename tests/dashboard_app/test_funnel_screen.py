"""A funnel's state in the URL, what is suggested first, and its bars, without a browser."""

import pytest

from dashboard_app.components.funnel_chart import Bar, funnel_chart
from dashboard_app.components.markup import to_html
from dashboard_app.filters import Clause, ViewState
from dashboard_app.funnel_state import FunnelState, kept_view, page_groups, suggestion
from sql.filters import Condition
from sql.funnel_steps import Step

PRO = Condition("is", "property:plan", ("pro",))
STATE = FunnelState(
    (Step(page="/a/*"), Step(event="buy", filters=PRO, label="Paid")), 3600, "session", "device"
)


def test_a_link_says_the_whole_funnel() -> None:
    search = STATE.on(ViewState(site="shop")).search()
    said = dict(ViewState.parse(search).tabs)
    assert FunnelState.parse(said) == STATE
    assert FunnelState(STATE.steps).on(ViewState()).tabs == (
        ("steps", said["steps"]), ("window", ""), ("per", ""), ("by", ""),
    )  # fmt: skip


@pytest.mark.parametrize(
    "steps", ["no json", "7", '[{"event":7}]', '[{"event":"a","filters":["is"]}]', '["a"]']
)
def test_a_broken_link_has_no_steps(steps: str) -> None:
    said = {"steps": steps, "window": "soon", "per": "cow"}
    assert FunnelState.parse(said) == FunnelState()


def test_a_kept_funnel_brings_its_filters_and_its_split() -> None:
    view = ViewState(filters=(Clause("is", "country", ("DE",)),))
    definition = STATE.definition(view)
    assert definition["filters"] == ["is", "country", ["DE"]]
    assert kept_view(ViewState(), definition) == STATE.on(view)
    assert definition["dimension"] == "device"
    assert "dimension" not in FunnelState(STATE.steps).definition(view)


def test_steps_are_added_moved_and_removed() -> None:
    state = FunnelState().adding("/p*").adding("buy").adding("*")
    assert [(s.page, s.event) for s in state.steps] == [("/p*", None), (None, "buy"), ("*", None)]
    assert state.moved_up(1).without(2).steps == (Step(event="buy"), Step(page="/p*"))


def test_folders_of_three_pages_are_offered_as_patterns() -> None:
    pages = [("/a/1", 5), ("/b/1", 9), ("/a/2", 1), ("/b/2", 9), ("/a/3", 1), ("/", 90)]
    assert page_groups(pages) == ["/a/*"]


def test_the_suggestion_is_the_way_to_the_goal_or_what_is_most_common() -> None:
    shop = [("/", 90), ("/product/a", 9), ("/product/b", 8), ("/product/c", 7), ("/cart", 5)]
    events = [
        ("page_view", 99), ("engagement", 90), ("search", 40), ("add_to_cart", 9),
        ("checkout_start", 6), ("purchase", 3),
    ]  # fmt: skip
    told = [step.text for step in suggestion(shop, events, ["purchase"])]
    assert told == ["/", "/product/*", "add_to_cart", "checkout_start", "purchase"]
    blog = suggestion(
        [("/posts", 9), ("/about", 2)], [("page_view", 9), ("share", 2)], ["purchase"]
    )
    assert [step.text for step in blog] == ["/posts", "/about", "share"]
    assert suggestion([], [], ["purchase"]) == ()


def test_bars_show_what_is_kept_of_all_and_lost_since_the_step_before() -> None:
    bars = [Bar("/", 8, 1.0, None), Bar("<b>", 2, 0.25, 0.25), Bar("buy", 0, 0.0, 0.0)]
    html = to_html(funnel_chart(bars, "visitors"))
    assert "--share:25.00%;--before:100.00%" in html
    assert "--share:0.00%;--before:25.00%" in html
    assert "−6 (75.0%)" in html
    assert "<b>" not in html
    assert "Step 2: &lt;b&gt;\n2 visitors reach it, 25.0% of those who enter" in html
