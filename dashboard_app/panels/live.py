"""The live dot: how many visitors are on the site now."""

from dash import Input, Output, html

from dashboard_app import formats
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.data import Data
from dashboard_app.panels import ids
from dashboard_app.panels.group import Panel

PANEL = "live"
DOT = "live-dot"
CLOCK = "live-clock"


def layout() -> html.Span:
    """A dot without a number until it is known."""
    parts = [html.Span(id=DOT, className="dot"), Markup(None, id=PANEL, className="live-text")]
    return html.Span(parts, className="live")


def panel(data: Data) -> Panel:
    """What draws the number."""

    async def live(search: str, _ticks: int) -> tuple[str, str]:
        looked = await data.look(search)
        now = (await data.realtime(looked.site)).current_visitors
        people = "visitor" if now == 1 else "visitors"
        text = [html.B(formats.count(now)), f" current {people}"]
        return to_html(text), "dot is-on" if now else "dot"

    return Panel(
        "Current visitors",
        [Output(PANEL, "html"), Output(DOT, "className")],
        [ids.site_input(), Input(CLOCK, "n_intervals")],
        live,
    )
