"""The top bar: site, filters, period, comparison, light or dark."""

from typing import Any

from dash import Dash, Output, html

from dashboard_app.components import frame as parts
from dashboard_app.components.links import aria, data_attributes, icon
from dashboard_app.data import Data
from dashboard_app.panels import ids, live

PANEL = "frame"


def layout() -> html.Header:
    """A bar with the live dot only, until the sites are known."""
    return html.Header([html.Div(id=PANEL, className="frame"), live.layout()], className="topbar")


def register(app: Dash, data: Data) -> None:
    """Adds the panel's callback."""
    ids.TITLES[PANEL] = "The site"

    @app.callback(Output(PANEL, "children"), ids.view_input())
    async def frame(search: str) -> list[Any]:
        looked = await data.look(search)
        sites = await data.sites()
        return [
            _button("menu", "Pages", "nav", "nav-toggle"),
            parts.site_switcher(sites, looked),
            html.Div(className="spacer"),
            html.Button(
                [icon("filter"), html.Span("Filter")],
                className="button filter-open",
                type="button",
                **data_attributes(action="filter"),
            ),
            parts.period_picker(looked),
            parts.compare_picker(looked),
            _button("scheme", "Light or dark", "scheme", "scheme-toggle"),
            parts.pills(looked.view),
            parts.shortcut_links(looked.view),
        ]


def _button(icon_name: str, label: str, action: str, class_name: str) -> html.Button:
    return html.Button(
        icon(icon_name),
        className=f"button {class_name}",
        type="button",
        **data_attributes(action=action),
        **aria(label=label),
    )
