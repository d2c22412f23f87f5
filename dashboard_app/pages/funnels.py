"""Funnels: a way through the site, and who gets how far on it."""

from dash import Dash, html

from dashboard_app.data import Data
from dashboard_app.panels import funnel, funnel_steps, saved_funnels
from dashboard_app.panels.group import Group, memory

GROUP = "funnels"


def layout() -> html.Div:
    """The panels in reading order."""
    return html.Div(
        [saved_funnels.layout(), funnel_steps.layout(), funnel.layout(), memory(GROUP)],
        className="stack no-compare",
    )


def register(app: Dash, data: Data) -> None:
    """Adds the callbacks of the page's panels."""
    Group(GROUP, [funnel_steps.panel(data), funnel.panel(data)]).register(app)
    for panel in (saved_funnels, funnel_steps):
        panel.register(app, data)
