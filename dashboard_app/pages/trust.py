"""Data trust: what was received, what became of it, and how far the reports are."""

from dash import Dash, html

from dashboard_app.data import Data
from dashboard_app.panels import dead_letters, debugger, trust_health, trust_intake
from dashboard_app.trust import Trust


def layout() -> html.Div:
    """The panels in reading order."""
    return html.Div(
        [
            html.Header(html.H1("Data trust"), className="page-head"),
            trust_health.layout(),
            trust_intake.layout(),
            debugger.layout(),
            dead_letters.layout(),
            trust_health.cards_layout(),
        ],
        className="stack no-period",
    )


def register(app: Dash, data: Data, trust: Trust) -> None:
    """Adds the callbacks of the page's panels."""
    for panel in (trust_health, trust_intake, debugger, dead_letters):
        panel.register(app, data, trust)
