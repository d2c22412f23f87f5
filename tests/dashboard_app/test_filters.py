"""The URL as the state of the dashboard."""

from datetime import date

import pytest

from dashboard_app.filters import Clause, ViewState
from dashboard_app.panels.filter_dialog import typed_value
from dashboard_app.panels.heatmap import hour_links, hour_toggled

GERMANY = Clause("is", "country", ("DE",))
BLOG = Clause("contains", "page", ("/blog",))


def test_an_empty_address_is_the_default_view() -> None:
    view = ViewState.parse("")
    assert view == ViewState()
    assert (view.period, view.compare, view.metric) == ("30d", "previous_period", "visitors")
    assert view.search() == "?"


@pytest.mark.parametrize(
    "search",
    [
        "?site=shop&period=7d",
        "?site=shop&from=2026-03-01&to=2026-03-10&compare=none",
        "?compare=2026-01-01..2026-01-31&metric=revenue&interval=week",
        '?filters=["is","country",["DE"]]&sources=campaign&devices=os',
        '?filters=["and",[["is","country",["DE","FR"]],["contains","page",["/a%20b"]]]]',
        '?filters=["or",[["is","country",["DE"]],["is","device",["mobile"]]]]',
    ],
)
def test_an_address_survives_reading_and_writing(search: str) -> None:
    assert ViewState.parse(search).search() == search


@pytest.mark.parametrize(
    "search",
    [
        "?period=century",
        "?from=2026-03-10&to=2026-03-01",
        "?from=2026-03-01",
        "?from=yesterday&to=today",
        "?filters=[not json",
        "?filters={}",
        "?compare=last",
        "?compare=2026-01-01..",
    ],
)
def test_what_makes_no_sense_is_ignored(search: str) -> None:
    assert ViewState.parse(search) == ViewState()


def test_one_filter_stands_alone_and_several_are_joined_by_and() -> None:
    assert ViewState(filters=(GERMANY,)).filters_list() == ["is", "country", ["DE"]]
    assert ViewState(filters=(GERMANY, BLOG)).filters_list() == [
        "and",
        [["is", "country", ["DE"]], ["contains", "page", ["/blog"]]],
    ]
    assert ViewState().filters_list() is None


def test_a_nested_filter_of_a_link_is_kept_whole() -> None:
    view = ViewState.parse('?filters=["and",[["is","country",["DE"]],["or",[]]]]')
    assert view.filters == (GERMANY, Clause("custom", "", (), '["or",[]]'))


def test_a_second_click_undoes_the_first() -> None:
    view = ViewState(filters=(BLOG,))
    clicked = view.toggled("country", "DE")
    assert clicked.filters == (BLOG, GERMANY)
    assert clicked.has("country", "DE")
    assert clicked.toggled("country", "DE") == view


def test_a_click_on_another_value_replaces_the_first() -> None:
    view = ViewState(filters=(GERMANY, BLOG)).toggled("country", "FR")
    assert view.filters == (BLOG, Clause("is", "country", ("FR",)))


def test_escape_takes_the_last_filter_back() -> None:
    assert ViewState(filters=(GERMANY, BLOG)).undone().filters == (GERMANY,)
    assert ViewState().undone() == ViewState()


def test_a_click_on_an_hour_is_taken_back_whole() -> None:
    clicked = hour_toggled(ViewState(filters=(BLOG,)), 2, 9)
    weekday, hour = Clause("is", "weekday", ("2",)), Clause("is", "hour", ("9",))
    assert clicked.filters == (BLOG, weekday, hour)
    assert hour_toggled(clicked, 2, 9).filters == (BLOG,)
    assert clicked.undone().filters == (BLOG,)
    assert hour_toggled(clicked, 2, 10).filters == (BLOG, weekday, Clause("is", "hour", ("10",)))


@pytest.mark.parametrize("filters", [(), (BLOG,), (BLOG, *hour_toggled(ViewState(), 2, 9).filters)])
def test_the_link_of_an_hour_is_what_a_click_on_it_says(filters: tuple[Clause, ...]) -> None:
    view = ViewState(site="shop", filters=filters, metric="revenue")
    href = hour_links(view)
    for day, hour in ((1, 0), (2, 9), (2, 10), (7, 23)):
        assert href(day, hour) == hour_toggled(view, day, hour).search()


def test_the_dialog_understands_days_and_hours() -> None:
    assert typed_value("weekday", "tuesday") == "2"
    assert typed_value("hour", "09:00") == "9"
    assert typed_value("hour", "9") == "9"
    assert typed_value("hour", "noon") == "noon"


def test_another_period_gives_up_the_interval_and_the_days() -> None:
    view = ViewState(first=date(2026, 3, 1), last=date(2026, 3, 1), interval="hour")
    assert view.in_period("90d") == ViewState(period="90d")


def test_another_site_drops_the_filters() -> None:
    assert ViewState(site="a", filters=(GERMANY,)).on_site("b") == ViewState(site="b")


def test_what_panels_follow_leaves_out_the_chart_and_the_tabs() -> None:
    view = ViewState.parse("?site=shop&metric=revenue&interval=week&pages=exit&compare=none")
    assert view.data_search() == "?site=shop&compare=none"


def test_the_comparison_switches_off_and_on() -> None:
    assert ViewState().toggled_compare().compare == "none"
    assert ViewState(compare="none").toggled_compare().compare == "previous_period"
