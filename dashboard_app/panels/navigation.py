"""The pages, at the left."""

from collections.abc import Sequence

from dash import Input, Output

from dashboard_app.components import frame as parts
from dashboard_app.components.frame import NavItem
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.filters import ViewState
from dashboard_app.panels import ids
from dashboard_app.panels.group import Panel

PANEL = "navigation"


def layout() -> Markup:
    """An empty column until the address is known."""
    return Markup(None, id=PANEL, className="sidebar")


def panel(items: Sequence[NavItem], can_log_out: bool) -> Panel:
    """What draws the pages that exist, `items`."""

    async def navigation(search: str, path: str) -> str:
        search = ViewState.parse(search).search()
        return to_html(parts.navigation(items, path, search, can_log_out))

    inputs = [ids.view_input(), Input(ids.PATH, "data")]
    return Panel("The navigation", [Output(PANEL, "html")], inputs, navigation)
