"""A figure of the overview: number, change, sparkline, and what it means on hover.

Plain HTML written without components, because a filter draws all of it anew.
"""

from dataclasses import dataclass
from html import escape

from dashboard_app import formats
from dashboard_app.components.links import icon
from dashboard_app.components.markup import Html, to_html
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


def tile(props: Tile) -> Html:
    """A tile; a click makes its metric the chart's."""
    metric = props.metric
    value = escape(metric.text(props.value, props.currency))
    line = props.sparkline
    spark = (
        f'<img alt="" class="tile-spark" src="{escape(line)}">'
        if line
        else '<span class="tile-spark"></span>'
    )
    return Html(
        f'<a class="tile" data-metric="{metric.key}" data-sets="metric"'
        f' href="{escape(props.href)}"><span class="tile-label">{escape(metric.label)}</span>'
        f'<span class="tile-figures"><span class="tile-value">{value}</span>{_change(props)}</span>'
        f"{spark}{_hint(props)}</a>"
    )


def _change(props: Tile) -> str:
    change = formats.relative_change(props.value, props.before)
    trend = to_html(icon(f"trend-{props.trend}")) if props.trend in TRENDS else ""
    if change is None:
        return f'<span class="change same">{trend}</span>'
    tone = verdict(props.metric, change)
    return f'<span class="change {tone}">{trend}{escape(formats.change(change))}</span>'


def _hint(props: Tile) -> str:
    metric = props.metric
    exact = formats.exact_money(props.value, props.currency) if metric.is_money else _exact(props)
    lines = [metric.definition]
    if props.before is not None:
        lines.append(f"Compared with {metric.text(props.before, props.currency)} before")
    if props.trend is not None:
        lines.append(f"Trend: {TRENDS.get(props.trend, props.trend)}")
    said = "".join([f"<span>{escape(line)}</span>" for line in lines])
    return (
        f'<span class="hint" role="tooltip"><strong>{escape(f"{metric.label}: {exact}")}</strong>'
        f'{said}<span class="hint-foot">exact · as of {escape(props.as_of)}</span></span>'
    )


def _exact(props: Tile) -> str:
    is_whole = isinstance(props.value, int)
    return formats.count(props.value) if is_whole else props.metric.write(props.value)
