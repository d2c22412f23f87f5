"""Figures are pure functions of rows."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import unquote

import pytest

from dashboard_app.figures.sparkline import sparkline
from dashboard_app.figures.ticks import nice_ticks
from dashboard_app.figures.traffic import (
    Series,
    TrafficChart,
    bucket_label,
    traffic_figure,
    weekend_shapes,
)
from dashboard_app.metrics import metric_of

FRIDAY, SATURDAY, SUNDAY = date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 8)
CHART = TrafficChart(
    metric=metric_of("visitors"),
    interval="day",
    currency="USD",
    current=Series([FRIDAY, SATURDAY, SUNDAY], [120, 80, 30]),
    comparison=Series([date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5)], [100, 0, 60]),
    is_running=True,
)


def test_the_unfinished_bucket_is_dashed_and_the_comparison_dotted() -> None:
    before, finished, running, _ = traffic_figure(CHART)["data"]
    assert (before["line"]["dash"], before["y"]) == ("dot", [100.0, 0.0, 60.0])
    assert (finished["fill"], finished["y"]) == ("tozeroy", [120.0, 80.0])
    assert (running["line"]["dash"], running["y"]) == ("dash", [80.0, 30.0])
    assert running["x"] == ["2026-03-07", "2026-03-08"]


def test_what_has_not_begun_is_room_on_the_axis_but_no_line() -> None:
    days = [FRIDAY, SATURDAY, SUNDAY, date(2026, 3, 9)]
    figure = traffic_figure(replace(CHART, current=Series(days, [120, 80])))
    before, finished, running, hover = (trace["y"] for trace in figure["data"])
    assert (before, finished, running, hover) == ([100, 0], [120], [120, 80], [120, 80])
    assert figure["data"][2]["x"] == ["2026-03-06", "2026-03-07"]
    assert figure["layout"]["xaxis"]["range"] == ["2026-03-06", "2026-03-09"]


@pytest.mark.parametrize(("days", "named"), [(3, [6, 7, 8]), (7, [6, 8, 10, 12]), (13, None)])
def test_few_days_are_named_once_each(days: int, named: list[int] | None) -> None:
    buckets = [date(2026, 3, 6 + index) for index in range(days)]
    layout = traffic_figure(replace(CHART, current=Series(buckets, [1] * days)))["layout"]
    expected = named and [f"2026-03-{day:02d}" for day in named]
    assert layout["xaxis"].get("tickvals") == expected


def test_a_finished_range_has_no_dashed_end() -> None:
    traces = traffic_figure(replace(CHART, is_running=False, comparison=None))["data"]
    assert [trace["y"] for trace in traces] == [[120.0, 80.0, 30.0]] * 2
    assert [trace.get("line", {}).get("dash") for trace in traces] == ["solid", None]


def test_hover_shows_both_values_and_the_change() -> None:
    hover = traffic_figure(CHART)["data"][-1]
    assert hover["text"] == [
        "Fri 6 Mar 2026<br><b>120</b> visitors<br>100 on Tue 3 Mar 2026<br>▲ +20%",
        "Sat 7 Mar 2026<br><b>80</b> visitors<br>0 on Wed 4 Mar 2026",
        "Sun 8 Mar 2026 · so far<br><b>30</b> visitors<br>60 on Thu 5 Mar 2026<br>▼ −50%",
    ]


def test_notes_are_flags_and_lines_of_their_buckets_hover() -> None:
    notes = [(FRIDAY, "Sale <b>begins</b> & ends"), (SUNDAY, "one"), (SUNDAY, "two")]
    figure = traffic_figure(replace(CHART, notes=notes, comparison=None))
    flags = [(flag["x"], flag["xanchor"]) for flag in figure["layout"]["annotations"]]
    assert flags == [("2026-03-06", "left"), ("2026-03-08", "center")]
    assert figure["data"][-1]["text"] == [
        "Fri 6 Mar 2026<br><b>120</b> visitors<br>⚑ Sale &lt;b&gt;begins&lt;/b&gt; &amp; ends",
        "Sat 7 Mar 2026<br><b>80</b> visitors",
        "Sun 8 Mar 2026 · so far<br><b>30</b> visitors<br>⚑ one<br>⚑ two",
    ]


def test_a_note_stands_at_the_week_and_at_the_first_hour_of_its_day() -> None:
    week = Series([date(2026, 3, 2), date(2026, 3, 9)], [5, 6])
    chart = replace(CHART, interval="week", current=week, comparison=None)
    flags = traffic_figure(replace(chart, notes=[(SUNDAY, "x")]))["layout"]["annotations"]
    assert [flag["x"] for flag in flags] == ["2026-03-02"]
    hours = [datetime(2026, 3, day, hour, tzinfo=UTC) for day in (6, 7) for hour in range(24)]
    chart = replace(chart, interval="hour", current=Series(hours, [1] * 48))
    flags = traffic_figure(replace(chart, notes=[(SATURDAY, "x")]))["layout"]["annotations"]
    assert [flag["x"] for flag in flags] == ["2026-03-07T00:00"]


def test_a_falling_bounce_rate_is_better() -> None:
    chart = replace(
        CHART,
        metric=metric_of("bounce_rate"),
        current=Series([FRIDAY], [0.4]),
        comparison=Series([date(2026, 3, 3)], [0.5]),
        is_running=False,
    )
    assert traffic_figure(chart)["data"][-1]["text"][0].endswith("▲ −20%")


def test_a_rate_that_is_undefined_leaves_a_gap() -> None:
    chart = replace(
        CHART,
        metric=metric_of("bounce_rate"),
        current=Series([FRIDAY, SATURDAY], [0.4, None]),
        comparison=None,
        is_running=False,
    )
    assert traffic_figure(chart)["data"][0]["y"] == [0.4, None]


def test_an_empty_site_draws_an_empty_chart() -> None:
    figure = traffic_figure(replace(CHART, current=Series([], []), comparison=None))
    assert figure["layout"]["yaxis"]["ticktext"] == ["0", "1"]
    assert figure["layout"]["shapes"] == []


def test_hours_are_drawn_in_local_time() -> None:
    chart = replace(
        CHART,
        interval="hour",
        current=Series([datetime(2026, 3, 6, 9, tzinfo=UTC)], [5]),
        comparison=None,
        is_running=True,
    )
    assert traffic_figure(chart)["data"][-1]["x"] == ["2026-03-06T09:00"]
    assert chart.current.buckets[0].isoformat() == "2026-03-06T09:00:00+00:00"


def test_money_is_labelled_in_the_currency_of_the_site() -> None:
    chart = replace(
        CHART,
        metric=metric_of("revenue"),
        currency="EUR",
        current=Series([FRIDAY], [Decimal(1900)]),
        comparison=None,
    )
    assert traffic_figure(chart)["layout"]["yaxis"]["ticktext"][-1] == "€2,000"


def test_weekends_are_shaded_as_one_band() -> None:
    (band,) = weekend_shapes([FRIDAY, SATURDAY, SUNDAY], "day")
    assert (band["x0"], band["x1"]) == ("2026-03-06T12:00", "2026-03-08T12:00")
    (sunday,) = weekend_shapes([SUNDAY, date(2026, 3, 9)], "day")
    assert (sunday["x0"], sunday["x1"]) == ("2026-03-07T12:00", "2026-03-08T12:00")
    assert weekend_shapes([FRIDAY, SATURDAY, SUNDAY], "week") == []


@pytest.mark.parametrize(
    ("bucket", "interval", "text"),
    [
        (datetime(2026, 3, 6, 14, tzinfo=UTC), "hour", "Fri 6 Mar, 14:00"),
        (FRIDAY, "day", "Fri 6 Mar 2026"),
        (date(2026, 3, 2), "week", "week of 2 Mar 2026"),
        (date(2026, 3, 1), "month", "March 2026"),
    ],
)
def test_buckets_are_named_as_people_say_them(bucket: date, interval: str, text: str) -> None:
    assert bucket_label(bucket, interval) == text


@pytest.mark.parametrize(
    ("highest", "is_time", "ticks"),
    [
        (0, False, [0, 1]),
        (7, False, [0, 2, 4, 6, 8]),
        (2210, False, [0, 500, 1000, 1500, 2000, 2500]),
        (0.47, False, [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        (200, True, [0, 60, 120, 180, 240]),
    ],
)
def test_ticks_are_round(highest: float, is_time: bool, ticks: list[float]) -> None:
    assert nice_ticks(highest, is_time) == pytest.approx(ticks)


def test_a_sparkline_needs_two_values() -> None:
    assert sparkline([5]) is None
    assert sparkline([None, 5, None]) is None
    image = sparkline([0, Decimal(10)])
    assert image is not None
    assert 'points="0.0,30.0 120.0,2.0"' in unquote(image)
