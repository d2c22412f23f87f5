"""The live dot: how many visitors are on the site now."""

from dash import Dash, Input, Output, html

from dashboard_app import formats
from dashboard_app.data import Data
from dashboard_app.panels import ids

PANEL = "live"
CLOCK = "live-clock"


def layout() -> html.Span:
    """A dot without a number until it is known."""
    return html.Span(html.Span(className="dot"), id=PANEL, className="live")


def register(app: Dash, data: Data) -> None:
    """Adds the panel's callback."""
    ids.TITLES[PANEL] = "Current visitors"

    @app.callback(Output(PANEL, "children"), ids.view_input(), Input(CLOCK, "n_intervals"))
    async def live(search: str, _ticks: int) -> list[html.Span]:
        looked = await data.look(search)
        now = (await data.realtime(looked.site)).current_visitors
        people = "visitor" if now == 1 else "visitors"
        return [
            html.Span(className="dot is-on" if now else "dot"),
            html.Span([html.B(formats.count(now)), f" current {people}"], className="live-text"),
        ]
