"""The traffic chart: an area, its comparison dotted, the unfinished bucket dashed."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from textwrap import wrap
from typing import Any

from dashboard_app import formats
from dashboard_app.figures.style import ACCENT, ACCENT_FILL, MUTED, SHADE, base_layout
from dashboard_app.figures.ticks import nice_ticks
from dashboard_app.formats import Number
from dashboard_app.metrics import Metric, verdict

MAX_SHADED_DAYS = 100
MAX_DIVIDED = 12
"""Up to so many days, weeks or months, Plotly would name one several times."""
MAX_NAMED = 5
NOTE_WIDTH = 44
TICK_FORMATS = {
    "minute": "%H:%M",
    "hour": "%H:%M",
    "day": "%-d %b",
    "week": "%-d %b",
    "month": "%b %Y",
}


@dataclass(frozen=True)
class Series:
    """Values of a metric by bucket; a bucket is a local day, or a local instant for hours.

    The last buckets have no values where they have not begun.
    """

    buckets: Sequence[date]
    values: Sequence[Number | None]


@dataclass(frozen=True)
class TrafficChart:
    """What the chart shows; `is_running`: the bucket of the last value has not ended."""

    metric: Metric
    interval: str
    currency: str
    current: Series
    comparison: Series | None
    is_running: bool
    notes: Sequence[tuple[date, str]] = ()
    """Local days of the range and what was noted about them, in order."""


def traffic_figure(chart: TrafficChart) -> dict[str, Any]:
    """Plotly figure of a metric over time."""
    x = [_local(bucket) for bucket in chart.current.buckets]
    y = [_number(value) for value in chart.current.values]
    solid = len(y) - 1 if chart.is_running else len(y)
    traces = [_area(x[:solid], y[:solid])]
    begun = x[: len(y)]
    if chart.comparison is not None:
        before = [_number(value) for value in chart.comparison.values[: len(y)]]
        traces.insert(0, _line(x[: len(before)], before, MUTED, "dot", 1.5))
    if chart.is_running and y:
        start = max(solid - 1, 0)
        mode = "lines+markers" if solid == 0 else "lines"
        traces.append({**_line(begun[start:], y[start:], ACCENT, "dash", 2), "mode": mode})
    noted = _notes_by_bucket(chart)
    traces.append(_hover(chart, begun, y, noted))
    return {"data": traces, "layout": _layout(chart, x, traces) | _flags(x, noted)}


def _notes_by_bucket(chart: TrafficChart) -> dict[int, list[str]]:
    """Notes by the place of the bucket that holds their day; of hours, the day's first."""
    days = [b.date() if isinstance(b, datetime) else b for b in chart.current.buckets]
    noted: dict[int, list[str]] = {}
    for day, text in chart.notes:
        if days:
            last = days[max(bisect_right(days, day) - 1, 0)]
            noted.setdefault(bisect_left(days, last), []).append(text)
    return noted


def _flags(x: list[str], noted: dict[int, list[str]]) -> dict[str, Any]:
    flag = {"text": "⚑", "yref": "paper", "y": 1, "yanchor": "top", "showarrow": False}
    sides = {0: "left"}  # beside the axis, not over its numbers
    return {
        "annotations": [
            {**flag, "x": x[index], "xanchor": sides.get(index, "center")} for index in noted
        ]
    }


def _local(bucket: date) -> str:
    if isinstance(bucket, datetime):
        return bucket.replace(tzinfo=None).isoformat(timespec="minutes")
    return bucket.isoformat()


def _number(value: Number | None) -> float | None:
    return None if value is None else float(value)


def _line(
    x: list[str], y: list[float | None], color: str, dash: str, width: float
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": color, "width": width, "dash": dash},
        "hoverinfo": "skip",
    }


def _area(x: list[str], y: list[float | None]) -> dict[str, Any]:
    line = _line(x, y, ACCENT, "solid", 2)
    return {
        **line,
        "mode": "lines+markers" if len(x) == 1 else "lines",
        "fill": "tozeroy",
        "fillcolor": ACCENT_FILL,
    }


def _hover(
    chart: TrafficChart, x: list[str], y: list[float | None], noted: dict[int, list[str]]
) -> dict[str, Any]:
    texts = [
        [_hover_text(chart, index), *map(_note, noted.get(index, ()))] for index in range(len(x))
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "marker": {"color": "rgba(0,0,0,0)", "size": 1},
        "text": ["<br>".join(lines) for lines in texts],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _note(text: str) -> str:
    """A note as a hover's line: Plotly takes tags and entities for its own."""
    return "⚑ " + "<br>".join(escape(line, quote=False) for line in wrap(text, NOTE_WIDTH))


def _hover_text(chart: TrafficChart, index: int) -> str:
    value = chart.current.values[index]
    text = chart.metric.text(value, chart.currency)
    running = chart.is_running and index == len(chart.current.values) - 1
    when = bucket_label(chart.current.buckets[index], chart.interval)
    lines = [
        f"{when} · so far" if running else when,
        f"<b>{text}</b> {chart.metric.label.lower()}",
    ]
    if chart.comparison is not None and index < len(chart.comparison.values):
        before = chart.comparison.values[index]
        change = formats.relative_change(value, before)
        arrow = {"better": "▲ ", "worse": "▼ "}.get(verdict(chart.metric, change), "")
        lines.append(
            f"{chart.metric.text(before, chart.currency)} on "
            f"{bucket_label(chart.comparison.buckets[index], chart.interval)}"
        )
        if change is not None:
            lines.append(f"{arrow}{formats.change(change)}")
    return "<br>".join(lines)


def bucket_label(bucket: date, interval: str) -> str:
    """A bucket as a hover names it: Mon 4 Aug 2025, 14:00; week of 4 Aug; August 2025."""
    if interval in ("minute", "hour") and isinstance(bucket, datetime):
        return f"{bucket:%a} {bucket.day} {bucket:%b}, {bucket:%H:%M}"
    if interval == "week":
        return f"week of {bucket.day} {bucket:%b %Y}"
    if interval == "month":
        return f"{bucket:%B %Y}"
    return formats.day(bucket)


def _layout(chart: TrafficChart, x: list[str], traces: list[dict[str, Any]]) -> dict[str, Any]:
    layout = base_layout()
    highest = max((v for trace in traces for v in trace["y"] if v is not None), default=0.0)
    lowest = min((v for trace in traces for v in trace["y"] if v is not None), default=0.0)
    ticks = nice_ticks(highest, is_time=chart.metric.key == "session_duration")
    layout["yaxis"] |= {
        "tickvals": ticks,
        "ticktext": [chart.metric.text(tick, chart.currency) for tick in ticks],
        "range": [min(lowest * 1.1, 0), ticks[-1] * 1.02],
    }
    layout["xaxis"] |= {
        "type": "date",
        "fixedrange": False,
        "tickformat": _tick_format(chart),
        "showspikes": True,
        "spikemode": "across",
        "spikethickness": 1,
        "spikedash": "solid",
        "spikesnap": "hovered data",
        "spikecolor": MUTED,
    }
    if len(x) > 1:
        layout["xaxis"]["range"] = [x[0], x[-1]]
    if len(x) <= MAX_DIVIDED and chart.interval in ("day", "week", "month"):
        layout["xaxis"]["tickvals"] = x[:: -(-len(x) // MAX_NAMED)] if x else []
        layout["margin"]["r"] = 30
    return {
        **layout,
        "hovermode": "x",
        "dragmode": "zoom",
        "shapes": weekend_shapes(chart.current.buckets, chart.interval),
    }


def _tick_format(chart: TrafficChart) -> str:
    buckets = chart.current.buckets
    many_days = len(buckets) > 1 and (buckets[-1] - buckets[0]) > timedelta(days=2)
    if chart.interval == "hour" and many_days:
        return "%-d %b"
    return TICK_FORMATS[chart.interval]


def weekend_shapes(buckets: Sequence[date], interval: str) -> list[dict[str, Any]]:
    """Grey bands behind Saturdays and Sundays of a chart by day or hour."""
    if interval not in ("day", "hour") or not buckets:
        return []
    days = sorted({b.date() if isinstance(b, datetime) else b for b in buckets})
    if len(days) < 2 or len(days) > MAX_SHADED_DAYS:
        return []
    ahead = timedelta(hours=12 if interval == "day" else 0)
    bands = []
    for day in days:
        if day.weekday() < 5 or (day.weekday() == 6 and day - timedelta(days=1) in days):
            continue
        midnight = datetime.combine(day, datetime.min.time())
        width = timedelta(days=2 if day.weekday() == 5 else 1)
        bands.append(_band(midnight - ahead, midnight + width - ahead))
    return bands


def _band(start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": start.isoformat(timespec="minutes"),
        "x1": end.isoformat(timespec="minutes"),
        "y0": 0,
        "y1": 1,
        "fillcolor": SHADE,
        "line": {"width": 0},
        "layer": "below",
    }
