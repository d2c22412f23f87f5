"""The pages, at the left."""

from collections.abc import Sequence

from dash import Dash, Input, Output

from dashboard_app.components import frame as parts
from dashboard_app.components.frame import NavItem
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.filters import ViewState
from dashboard_app.panels import ids

PANEL = "navigation"


def layout() -> Markup:
    """An empty column until the address is known."""
    return Markup(None, id=PANEL, className="sidebar")


def register(app: Dash, items: Sequence[NavItem], can_log_out: bool) -> None:
    """Adds the panel's callback; `items` are the pages that exist."""
    ids.TITLES[PANEL] = "The navigation"

    @app.callback(Output(PANEL, "html"), ids.view_input(), Input(ids.PATH, "data"))
    async def navigation(search: str, path: str) -> str:
        search = ViewState.parse(search).search()
        return to_html(parts.navigation(items, path, search, can_log_out))
