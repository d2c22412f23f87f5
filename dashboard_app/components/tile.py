"""A figure of the overview: number, change, sparkline, and what it means on hover."""

from dataclasses import dataclass

from dash import html

from dashboard_app import formats
from dashboard_app.components.links import data_attributes, icon, view_link
from dashboard_app.formats import Number
from dashboard_app.metrics import Metric, verdict

TRENDS = {
    "up": "rising over the last weeks",
    "down": "falling over the last weeks",
    "stable": "stable over the last weeks",
}


@dataclass(frozen=True)
class Tile:
    """What a tile shows; `before` is None without a comparison, `trend` under a filter."""

    metric: Metric
    value: Number | None
    before: Number | None
    currency: str
    trend: str | None
    sparkline: str | None
    as_of: str
    href: str


def tile(props: Tile) -> html.A:
    """A tile; a click makes its metric the chart's."""
    metric = props.metric
    return view_link(
        [
            html.Span(metric.label, className="tile-label"),
            html.Span(
                [
                    html.Span(metric.text(props.value, props.currency), className="tile-value"),
                    _change(props),
                ],
                className="tile-figures",
            ),
            html.Img(src=props.sparkline, alt="", className="tile-spark")
            if props.sparkline
            else html.Span(className="tile-spark"),
            _hint(props),
        ],
        props.href,
        "metric",
        "tile",
        **data_attributes(metric=metric.key),
    )


def _change(props: Tile) -> html.Span:
    change = formats.relative_change(props.value, props.before)
    trend = [icon(f"trend-{props.trend}")] if props.trend in TRENDS else []
    if change is None:
        return html.Span(trend, className="change same")
    return html.Span(
        [*trend, formats.change(change)], className=f"change {verdict(props.metric, change)}"
    )


def _hint(props: Tile) -> html.Span:
    metric = props.metric
    exact = formats.exact_money(props.value, props.currency) if metric.is_money else _exact(props)
    lines = [
        html.Strong(f"{metric.label}: {exact}"),
        html.Span(metric.definition),
    ]
    if props.before is not None:
        before = metric.text(props.before, props.currency)
        lines.append(html.Span(f"Compared with {before} before"))
    if props.trend is not None:
        lines.append(html.Span(f"Trend: {TRENDS.get(props.trend, props.trend)}"))
    lines.append(html.Span(f"exact · as of {props.as_of}", className="hint-foot"))
    return html.Span(lines, className="hint", role="tooltip")


def _exact(props: Tile) -> str:
    is_whole = isinstance(props.value, int)
    return formats.count(props.value) if is_whole else props.metric.write(props.value)
