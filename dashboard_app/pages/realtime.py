"""Realtime: the last half hour of a site, every second."""

from dash import Dash, html

from dashboard_app.data import Data
from dashboard_app.panels import realtime


def layout() -> html.Div:
    """The one panel of the page."""
    return realtime.layout()


def register(app: Dash, data: Data) -> None:
    """Adds the callbacks of the page's panel."""
    realtime.register(app, data)
