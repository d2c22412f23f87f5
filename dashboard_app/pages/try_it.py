"""Try it: test events with a click."""

from dash import Dash, html

from dashboard_app.data import Data
from dashboard_app.panels import sender
from dashboard_app.settings import Settings


def layout() -> html.Div:
    """The sender under a heading."""
    return html.Div(
        [
            html.H1("Try it"),
            html.P(
                "Sends test events to this site through the API, as a server would. They are"
                " counted like any others: use a site that you can spare."
            ),
            sender.layout(),
        ],
        className="narrow",
    )


def register(app: Dash, data: Data, settings: Settings) -> None:
    """Adds the callbacks of the page's panels."""
    sender.register(app, data, settings)
