"""Funnels: a way through the site, and who gets how far on it."""

from dash import Dash, html

from dashboard_app.data import Data
from dashboard_app.panels import funnel, funnel_steps, saved_funnels


def layout() -> html.Div:
    """The panels in reading order."""
    return html.Div(
        [saved_funnels.layout(), funnel_steps.layout(), funnel.layout()],
        className="stack no-compare",
    )


def register(app: Dash, data: Data) -> None:
    """Adds the callbacks of the page's panels."""
    for panel in (saved_funnels, funnel_steps, funnel):
        panel.register(app, data)
