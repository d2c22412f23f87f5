"""The pages, at the left."""

from collections.abc import Sequence

from dash import Dash, Input, Output, html

from dashboard_app.components import frame as parts
from dashboard_app.components.frame import NavItem
from dashboard_app.filters import ViewState
from dashboard_app.panels import ids

PANEL = "navigation"


def layout() -> html.Div:
    """An empty column until the address is known."""
    return html.Div(id=PANEL, className="sidebar")


def register(app: Dash, items: Sequence[NavItem], can_log_out: bool) -> None:
    """Adds the panel's callback; `items` are the pages that exist."""
    ids.TITLES[PANEL] = "The navigation"

    @app.callback(Output(PANEL, "children"), ids.view_input(), Input(ids.PATH, "data"))
    async def navigation(search: str, path: str) -> html.Nav:
        search = ViewState.parse(search).search()
        return parts.navigation(items, path, search, can_log_out)
