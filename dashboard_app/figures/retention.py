"""How retention, or lifetime value, goes on with the age of cohorts."""

from collections.abc import Callable, Sequence
from typing import Any

from dashboard_app.figures.style import ACCENT, ACCENT_FILL, base_layout
from dashboard_app.figures.ticks import nice_ticks
from dashboard_app.formats import Number

FAINT = "rgba(134,142,156,0.35)"
MOST_LINES = 24

Line = Sequence[Number | None]


def retention_figure(
    unit: str,
    average: Line,
    cohorts: Sequence[Line],
    write: Callable[[Number | None], str],
    start: int = 0,
) -> dict[str, Any]:
    """Plotly figure: the average by period, from `start` on, over faint lines of newest cohorts.

    `unit` names a period (day, week, month), `write` says a value.
    """
    traces = [_line(line, start, FAINT, 1) for line in cohorts[-MOST_LINES:] if len(line) > start]
    mean = _line(average, start, ACCENT, 2.5)
    text = [f"{unit} {n}<br><b>{write(value)}</b> on average" for n, value in enumerate(average)]
    hover = {"text": text[start:], "hovertemplate": "%{text}<extra></extra>"}
    traces.append({**mean, **hover, "fill": "tozeroy", "fillcolor": ACCENT_FILL})
    known = [value for trace in traces for value in trace["y"] if value is not None]
    periods = range(start, len(average))
    return {"data": traces, "layout": _layout(unit, max(known, default=0.0), periods, write)}


def _line(values: Line, start: int, color: str, width: float) -> dict[str, Any]:
    shown = values[start:]
    return {
        "type": "scatter",
        "mode": "lines+markers" if sum(value is not None for value in shown) < 2 else "lines",
        "x": list(range(start, len(values))),
        "y": [None if value is None else float(value) for value in shown],
        "line": {"color": color, "width": width},
        "hoverinfo": "skip",
    }


def _layout(
    unit: str, highest: float, periods: range, write: Callable[[Number | None], str]
) -> dict[str, Any]:
    layout = base_layout()
    ticks = nice_ticks(highest, steps=4)
    places = list(periods[:: max(1, -(-len(periods) // 12))])
    layout["xaxis"] |= {
        "tickvals": places,
        "ticktext": [
            f"{unit} {place}" if place == periods.start else str(place) for place in places
        ],
        "range": [periods.start, max(periods.stop - 1, periods.start + 1)],
        "ticklabelstandoff": 5,
    }
    layout["yaxis"] |= {
        "tickvals": ticks,
        "ticktext": [write(tick) for tick in ticks],
        "range": [0, max(ticks[-1], highest) * 1.04],
    }
    layout["margin"] |= {"l": 58, "r": 18, "b": 32}
    return {**layout, "hovermode": "x"}
