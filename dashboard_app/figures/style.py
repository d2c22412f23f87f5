"""What all figures share: transparent ground, the stylesheet's colours, no Plotly furniture.

Text, grid and ground take their colours from CSS variables (`assets/charts.css`), so that light
and dark need no second figure.
"""

from typing import Any

ACCENT = "rgb(23,147,165)"
ACCENT_FILL = "rgba(23,147,165,0.12)"
MUTED = "rgb(134,142,156)"
SHADE = "rgba(134,142,156,0.08)"
SCALE = [[0, "rgba(23,147,165,0.06)"], [0.5, "rgba(23,147,165,0.45)"], [1, "rgba(23,147,165,1)"]]

CONFIG: dict[str, Any] = {
    "displayModeBar": False,
    "showSendToCloud": False,
    "doubleClick": False,
    "responsive": True,
}


def base_layout() -> dict[str, Any]:
    """Layout every figure starts from; the size is that of its place, set in CSS."""
    return {
        "autosize": True,
        "margin": {"l": 44, "r": 12, "t": 8, "b": 28},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Inter, system-ui, sans-serif", "size": 12},
        "showlegend": False,
        "hoverlabel": {"align": "left", "font": {"size": 12}},
        "xaxis": {
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "ticklabelstandoff": 4,
        },
        "yaxis": {"showgrid": True, "zeroline": False, "fixedrange": True},
    }
