"""The Overview: everything about a site's traffic, in reading order."""

from dash import html

from dashboard_app.panels import tiles, traffic


def layout() -> html.Div:
    """The panels in reading order."""
    return html.Div(
        [html.Div([tiles.layout(), traffic.layout()], className="hero card")],
        className="overview",
    )
