"""What became of the events that were sent, by hour."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dashboard_app import formats
from dashboard_app.figures.style import ACCENT, base_layout
from dashboard_app.figures.ticks import nice_ticks

COLOURS = {
    "stored": ACCENT,
    "late": "rgb(94,184,196)",
    "duplicate": "rgb(134,142,156)",
    "bot": "rgb(192,160,98)",
    "dnt": "rgb(160,140,190)",
    "rejected": "rgb(214,92,96)",
    "refused": "rgb(170,60,80)",
    "dead_letter": "rgb(120,30,50)",
}
LABELS = {
    "stored": "Stored",
    "late": "Stored late",
    "duplicate": "Duplicate",
    "bot": "Bot",
    "dnt": "Do not track",
    "rejected": "Rejected",
    "refused": "Turned away",
    "dead_letter": "Dead letter",
}


def intake_figure(
    hours: Sequence[datetime], counts: Mapping[tuple[datetime, str], int]
) -> dict[str, Any]:
    """Plotly figure: bars of local hours, one colour an outcome that occurs."""
    x = [hour.replace(tzinfo=None).isoformat(timespec="minutes") for hour in hours]
    totals = [sum(counts.get((hour, outcome), 0) for outcome in LABELS) for hour in hours]
    traces = []
    for outcome, label in LABELS.items():
        y = [counts.get((hour, outcome), 0) for hour in hours]
        if any(y):
            hover = f"{label}: %{{y:,}}<extra></extra>"
            marker = {"color": COLOURS[outcome]}
            trace = {"type": "bar", "name": label, "x": x, "y": y, "marker": marker}
            traces.append({**trace, "hovertemplate": hover})
    ticks = nice_ticks(max(totals, default=0))
    layout = base_layout()
    layout["xaxis"] |= {"type": "date", "tickformat": "%H:%M", "nticks": 6, "tickangle": 0}
    layout["yaxis"] |= {
        "tickvals": ticks,
        "ticktext": [formats.short(tick) for tick in ticks],
        "range": [0, ticks[-1] * 1.02],
    }
    return {
        "data": traces,
        "layout": {**layout, "barmode": "stack", "bargap": 0.25, "hovermode": "x unified"},
    }
