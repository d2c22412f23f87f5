"""What every page stands in: the address, what panels follow of it, the frame and the dialogs."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html
from dash.dependencies import ALL

from dashboard_app.clientside import in_browser
from dashboard_app.components.frame import NavItem
from dashboard_app.data import Data
from dashboard_app.filters import TABS
from dashboard_app.panels import (
    annotations,
    details,
    filter_dialog,
    frame,
    help_dialog,
    ids,
    live,
    navigation,
    refresh,
    search_dialog,
)
from dashboard_app.panels.group import Group, memory

DIALOGS = (filter_dialog, search_dialog, details, annotations, help_dialog)
GROUP = "frame"
LIVE_EVERY_S = 5
THEME = {
    "fontFamily": "Inter, system-ui, sans-serif",
    "primaryColor": "tide",
    "primaryShade": {"light": 7, "dark": 5},
    "defaultRadius": "md",
    "components": {"Modal": {"defaultProps": {"closeButtonProps": {"aria-label": "Close"}}}},
    "colors": {
        "tide": [
            "#e6f7f9", "#cdecf0", "#9fdae2", "#6cc6d3", "#43b4c4",
            "#1fa3b5", "#1793a5", "#0d7484", "#0a6a79", "#075562",
        ],
        "dark": [
            "#e7eaee", "#b3bac5", "#8b94a3", "#5f6978", "#3a4350",
            "#2b333f", "#1f2630", "#171d26", "#11161d", "#0c1016",
        ],
    },
}  # fmt: skip


def layout() -> dmc.MantineProvider:
    """The whole application, before any page is drawn."""
    return dmc.MantineProvider(
        html.Div(
            [
                dcc.Location(id=ids.URL, refresh=False),
                *_stores(),
                memory(GROUP),
                refresh.layout(),
                dcc.Interval(id=live.CLOCK, interval=LIVE_EVERY_S * 1000),
                navigation.layout(),
                html.Div(
                    [frame.layout(), html.Main(id="page", className="page")], className="column"
                ),
                *(dialog.layout() for dialog in DIALOGS),
            ],
            className="app",
        ),
        id="theme",
        theme=THEME,
        defaultColorScheme="auto",
    )


def _stores() -> list[Any]:
    names = [ids.VIEW, ids.SITE, ids.CHART, ids.PATH, *map(ids.tab_store, TABS)]
    names += ["zoomed", "days"]
    return [*(dcc.Store(id=name) for name in names), dcc.Store(id=ids.TICK, data="")]


def frame_group(data: Data, items: Sequence[NavItem], can_log_out: bool) -> Group:
    """What stands around every page; `items` are the pages."""
    pages = navigation.panel(items, can_log_out)
    return Group(GROUP, [frame.panel(data), pages, live.panel(data)])


def register(app: Dash) -> None:
    """Adds the browser-side callbacks: address → what panels follow, clicks in charts → address."""
    followed = [ids.VIEW, ids.SITE, ids.CHART, ids.PATH, *map(ids.tab_store, TABS)]
    in_browser(
        app,
        "follow",
        *(Output(name, "data") for name in followed),
        Input(ids.URL, "search"),
        Input(ids.URL, "pathname"),
        *(State(name, "data") for name in followed),
        initially=True,
    )
    in_browser(app, "zoom", Output("zoomed", "data"), Input({"zoom": ALL}, "relayoutData"))
    calendar = Input("calendar", "value", allow_optional=True)
    in_browser(app, "days", Output("days", "data"), calendar)
