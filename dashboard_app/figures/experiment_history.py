"""The estimate of a goal over time, in its peek-safe band."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard_app import formats
from dashboard_app.experiment_texts import difference
from dashboard_app.figures.style import ACCENT, MUTED, base_layout
from dashboard_app.figures.ticks import nice_ticks

Json = dict[str, Any]

COLORS = (ACCENT, "rgb(217,119,6)", "rgb(124,92,214)", "rgb(190,60,110)", "rgb(70,130,60)")
BANDS = tuple(color.replace("rgb", "rgba").replace(")", ",0.13)") for color in COLORS)


@dataclass(frozen=True)
class History:
    """Differences of the variants to control by local day; `metric` says how they are written."""

    metric: str
    currency: str
    days: Sequence[date]
    variants: dict[str, list[Json | None]]
    """Estimates by variant, one a day; None where there was none."""


def history_figure(history: History) -> Json:
    """Plotly figure: a line and a band a variant, and the zero line."""
    x = [day.isoformat() for day in history.days]
    traces: list[Json] = []
    for number, (variant, estimates) in enumerate(history.variants.items()):
        color, band = COLORS[number % len(COLORS)], BANDS[number % len(BANDS)]
        traces += _band(x, estimates, band)
        traces.append(_line(history, x, variant, estimates, color))
    return {"data": traces, "layout": _layout(history, x)}


def _values(estimates: list[Json | None], name: str, end: int | None = None) -> list[float | None]:
    values = [one[name] if one else None for one in estimates]
    return values if end is None else [value[end] if value else None for value in values]


def _band(x: list[str], estimates: list[Json | None], color: str) -> list[Json]:
    common = {
        "type": "scatter", "mode": "lines", "x": x, "line": {"width": 0}, "hoverinfo": "skip",
    }  # fmt: skip
    low = {**common, "y": _values(estimates, "sequential_ci", 0)}
    high = {**common, "y": _values(estimates, "sequential_ci", 1)}
    return [low, {**high, "fill": "tonexty", "fillcolor": color}]


def _line(
    history: History, x: list[str], variant: str, estimates: list[Json | None], color: str
) -> Json:
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(x) < 3 else "lines",
        "x": x,
        "y": _values(estimates, "difference"),
        "line": {"color": color, "width": 2},
        "text": [
            _hover(history, variant, one, day)
            for one, day in zip(estimates, history.days, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _hover(history: History, variant: str, one: Json | None, day: date) -> str:
    if one is None or one["difference"] is None:
        return f"{formats.day(day)}<br>{variant}: not known yet"
    told = f"<b>{difference(one['difference'], history.metric, history.currency)}</b> {variant}"
    lines = [formats.day(day), told]
    if one["sequential_ci"]:
        low, high = (
            difference(end, history.metric, history.currency) for end in one["sequential_ci"]
        )
        lines.append(f"between {low} and {high}")
    lines.append(f"{formats.count(sum(one['exposed']))} visitors")
    return "<br>".join(lines)


def visible_reach(history: History) -> float:
    """Where the axis ends: the bands of the first days may be far wider than all later ones."""
    ends = sorted(
        abs(end)
        for estimates in history.variants.values()
        for one in estimates
        if one and one["sequential_ci"]
        for end in one["sequential_ci"]
    )
    points = [
        abs(one["difference"])
        for estimates in history.variants.values()
        for one in estimates[-max(1, len(estimates) * 3 // 4) :]
        if one and one["difference"] is not None
    ]
    middle = ends[len(ends) * 6 // 10] if ends else 0.0
    return max([middle, *points], default=0.0) * 1.15 or 1.0


def _layout(history: History, x: list[str]) -> Json:
    layout = base_layout()
    reach = visible_reach(history)
    above = [tick for tick in nice_ticks(reach, steps=2)[1:] if tick <= reach]
    ticks = [*(-tick for tick in reversed(above)), 0.0, *above]
    layout["margin"] = {**layout.get("margin", {}), "l": 76}
    layout["yaxis"] |= {
        "range": [-reach, reach],
        "tickvals": ticks,
        "ticktext": [difference(tick, history.metric, history.currency) for tick in ticks],
    }
    layout["xaxis"] |= {"type": "date", "tickformat": "%-d %b", "tickangle": 0}
    if len(x) > 1:
        layout["xaxis"]["range"] = [x[0], x[-1]]
    zero = {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0,
        "line": {"color": MUTED, "width": 1, "dash": "dot"}, "layer": "below",
    }  # fmt: skip
    return {**layout, "hovermode": "x", "shapes": [zero]}
