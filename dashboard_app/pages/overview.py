"""The Overview: everything about a site's traffic, in reading order."""

from dash import Dash, html

from dashboard_app.data import Data
from dashboard_app.panels import (
    breakdown_card,
    devices,
    goals,
    heatmap,
    locations,
    pages,
    sources,
    tiles,
    traffic,
    welcome,
)
from dashboard_app.panels.group import Group, memory
from dashboard_app.settings import Settings

GROUP = "overview"


def layout() -> html.Div:
    """The panels in reading order."""
    return html.Div(
        [
            memory(GROUP),
            *welcome.layout(),
            html.Div([tiles.layout(), traffic.layout()], className="hero card"),
            html.Div(
                [
                    breakdown_card.layout(sources.CARD),
                    breakdown_card.layout(pages.CARD),
                    locations.layout(),
                    breakdown_card.layout(devices.CARD),
                    goals.layout(),
                    heatmap.layout(),
                ],
                className="cards",
            ),
        ],
        className="overview",
    )


def register(app: Dash, data: Data, settings: Settings) -> None:
    """Adds the callback of the page's panels."""
    welcome.register(app)
    drawn = [panel.panel(data) for panel in (tiles, traffic, pages, locations, goals, heatmap)]
    cards = [breakdown_card.panel(data, props) for props in (sources.CARD, devices.CARD)]
    guide = welcome.panel(data, settings.collector_url)
    Group(GROUP, [guide, *drawn, *cards]).register(app)
