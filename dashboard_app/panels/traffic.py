"""The chart of the chosen metric over time."""

import asyncio
from datetime import datetime
from typing import Any

from dash import Input, Output, html

from dashboard_app.components.chart import chart
from dashboard_app.components.links import data_attributes, icon, view_link
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.components.menu import menu
from dashboard_app.data import Data, Looked, beside
from dashboard_app.figures.traffic import Series, TrafficChart, traffic_figure
from dashboard_app.filters import ViewState
from dashboard_app.intervals import (
    INTERVALS,
    chosen_interval,
    fitting_intervals,
    has_begun,
    is_running,
)
from dashboard_app.metrics import Metric, metric_of
from dashboard_app.panels import ids
from dashboard_app.panels.group import Panel
from sql.annotations import list_annotations
from sql.traffic import TrafficPoint

PANEL = "traffic"
GRAPH = {"zoom": "traffic"}


def layout() -> html.Section:
    """The chart's head and place."""
    head = Markup(None, id=PANEL, className="chart-header")
    return html.Section([head, chart(GRAPH, "traffic-chart")], className="chart-panel")


def panel(data: Data) -> Panel:
    """What draws the chart."""

    async def traffic(search: str, chosen: str, _tick: int) -> tuple[str, dict[str, Any]]:
        looked = await data.look(search)
        wanted = ViewState.parse(chosen)
        metric = metric_of(wanted.metric)
        interval = chosen_interval(wanted.interval, looked.scope.first, looked.scope.last)
        (now, before), notes = await asyncio.gather(
            beside(lambda scope: data.points(scope, interval), looked),
            data.fresh(
                list_annotations, looked.site.site_id, looked.scope.first, looked.scope.last
            ),
        )
        current = _series(now, metric, looked.local_now)
        begun = current.buckets[: len(current.values)]
        props = TrafficChart(
            metric=metric,
            interval=interval,
            currency=looked.site.currency,
            current=current,
            comparison=_series(before, metric, looked.local_now) if before is not None else None,
            is_running=bool(begun) and is_running(begun[-1], interval, looked.local_now),
            notes=[(note.day, note.text) for note in notes],
        )
        return to_html(_header(looked, metric, interval)), traffic_figure(props)

    return Panel(
        "The traffic chart",
        [Output(PANEL, "html"), Output(GRAPH, "figure")],
        [ids.view_input(), Input(ids.CHART, "data"), ids.tick_input()],
        traffic,
    )


def _series(points: list[TrafficPoint], metric: Metric, as_of: datetime) -> Series:
    return Series(
        [point.bucket for point in points],
        [metric.of_point(point) for point in points if has_begun(point.bucket, as_of)],
    )


def _header(looked: Looked, metric: Metric, interval: str) -> list[Any]:
    scope = looked.scope
    items = [
        view_link(
            INTERVALS[key],
            looked.view.by(key).search(),
            "interval",
            "menu-item is-on" if key == interval else "menu-item",
        )
        for key in fitting_intervals(scope.first, scope.last)
    ]
    legend = [html.Span(metric.label, className="legend current")]
    if looked.comparison is not None:
        legend.append(html.Span("Comparison", className="legend before"))
    notes = html.Button(
        [icon("flag"), html.Span("Notes")],
        className="button",
        type="button",
        title="Notes about days, shown as flags",
        **data_attributes(action="notes"),
    )
    return [
        html.Div(legend, className="legends"),
        html.Div(
            [notes, menu([INTERVALS[interval]], items, "menu-right")], className="chart-tools"
        ),
    ]
