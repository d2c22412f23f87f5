"""Visitors by country on a world map."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard_app import formats
from dashboard_app.figures.style import SCALE, base_layout


@dataclass(frozen=True)
class CountryShape:
    """A country with visitors; `href` is the link that filters by it."""

    alpha3: str
    name: str
    visitors: int
    href: str


def world_figure(shapes: Sequence[CountryShape]) -> dict[str, Any]:
    """Plotly figure; the colour follows the logarithm, so that small countries are seen."""
    total = sum(shape.visitors for shape in shapes) or 1
    trace = {
        "type": "choropleth",
        "locationmode": "ISO-3",
        "locations": [shape.alpha3 for shape in shapes],
        "z": [math.log10(shape.visitors + 1) for shape in shapes],
        "zmin": 0,
        "text": [
            f"<b>{shape.name}</b><br>{formats.count(shape.visitors)} visitors"
            f" · {formats.rate(shape.visitors / total)}"
            for shape in shapes
        ],
        "customdata": [shape.href for shape in shapes],
        "hovertemplate": "%{text}<extra></extra>",
        "colorscale": SCALE,
        "showscale": False,
        "marker": {"line": {"width": 0.5}},
    }
    geo = {
        "projection": {"type": "natural earth"},
        "lataxis": {"range": [-56, 80]},
        "lonaxis": {"range": [-168, 190]},
        "bgcolor": "rgba(0,0,0,0)",
        "showframe": False,
        "showcoastlines": False,
        "showcountries": False,
        "showland": True,
        "landcolor": "rgb(238,240,243)",
    }
    layout = base_layout()
    del layout["xaxis"], layout["yaxis"]
    layout |= {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "geo": geo, "dragmode": False}
    return {"data": [trace], "layout": layout}
