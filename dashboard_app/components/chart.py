"""A figure's lasting place on the page."""

from typing import Any

from dash import dcc, html

from dashboard_app.components.states import skeleton
from dashboard_app.figures.style import CONFIG

_NOTHING = {
    "data": [],
    "layout": {
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    },
}


def chart(graph_id: Any, class_name: str, config: dict[str, Any] | None = None) -> html.Div:
    """A graph for callbacks to fill, with a grey block in its place until then.

    The graph stays and only its figure changes: Dash draws components anew whenever they are
    part of a callback's children, which would blank a drawn chart. `class_name` sets its height.
    """
    given: Any = {**CONFIG, **(config or {})}
    graph = dcc.Graph(id=graph_id, figure=_NOTHING, config=given)
    bone = html.Div(skeleton(height="100%"), className="chart-bone")
    return html.Div([bone, graph], className=f"chart {class_name}")
