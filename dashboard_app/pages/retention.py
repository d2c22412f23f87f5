"""Retention: cohorts of visitors, and what they bring in."""

from dash import Dash, html

from dashboard_app.data import Data
from dashboard_app.panels import retention


def layout() -> html.Div:
    """The one panel of the page."""
    return html.Div(
        [html.Header(html.H1("Retention"), className="page-head"), retention.layout()],
        className="stack no-compare",
    )


def register(app: Dash, data: Data) -> None:
    """Adds the callback of the page's panel."""
    retention.register(app, data)
