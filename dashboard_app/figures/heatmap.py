"""Visitors by weekday and hour."""

from collections.abc import Callable, Sequence
from typing import Any

from dashboard_app import formats
from dashboard_app.dimensions import WEEKDAYS
from dashboard_app.figures.style import SCALE, base_layout
from sql.traffic import HourCell


def heatmap_figure(cells: Sequence[HourCell], href: Callable[[int, int], str]) -> dict[str, Any]:
    """Plotly figure, Monday on top; `href(weekday, hour)` is the link a click follows."""
    counts = {(cell.weekday, cell.hour): cell.visitors for cell in cells}
    days, hours = range(1, 8), range(24)
    trace = {
        "type": "heatmap",
        "x": list(hours),
        "y": [WEEKDAYS[day - 1][:3] for day in days],
        "z": [[counts.get((day, hour), 0) for hour in hours] for day in days],
        "zmin": 0,
        "text": [[_text(day, hour, counts.get((day, hour), 0)) for hour in hours] for day in days],
        "customdata": [[href(day, hour) for hour in hours] for day in days],
        "hovertemplate": "%{text}<extra></extra>",
        "colorscale": SCALE,
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
    }
    layout = base_layout()
    ticks = list(range(0, 24, 3))
    layout["margin"] = {"l": 40, "r": 4, "t": 4, "b": 24}
    layout["xaxis"] |= {"tickvals": ticks, "ticktext": [f"{hour:02d}h" for hour in ticks]}
    layout["yaxis"] |= {"autorange": "reversed", "showgrid": False}
    return {"data": [trace], "layout": {**layout, "dragmode": False}}


def _text(day: int, hour: int, visitors: int) -> str:
    span = f"{hour:02d}:00–{(hour + 1) % 24:02d}:00"
    return f"{WEEKDAYS[day - 1]}, {span}<br><b>{formats.count(visitors)}</b> visitors"
