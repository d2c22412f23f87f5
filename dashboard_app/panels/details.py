"""The whole table behind a card: searchable, sortable, with the comparison, and as CSV."""

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html

from dashboard_app.components.grid import SHOWN, csv_link, grid, grid_search, row_count
from dashboard_app.components.states import skeleton
from dashboard_app.data import Data
from dashboard_app.panels import ids
from dashboard_app.tables import table_of

DIALOG = "details-dialog"
ASKED = "details-asked"
BODY = "details-body"
GRID = "details-grid"


def layout() -> html.Div:
    """The closed dialog."""
    return html.Div(
        [
            dcc.Store(id=ASKED),
            dmc.Modal(html.Div(id=BODY), id=DIALOG, size="min(1240px, 94vw)", title="Details"),
        ]
    )


def register(app: Dash, data: Data) -> None:
    """Adds the dialog's callback; `assets/navigation.js` says which table is asked for."""
    ids.TITLES[BODY] = "The table"

    @app.callback(
        Output(BODY, "children"),
        Input(ASKED, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    async def details(asked: dict[str, str] | None, search: str) -> Any:
        if not asked:
            return skeleton(10)
        looked = await data.look(search)
        table = await table_of(data, looked, asked["card"], asked["tab"], SHOWN)
        tools = [
            html.Strong(table.heading),
            row_count(table),
            html.Div(className="spacer"),
            grid_search(GRID),
            csv_link(looked.view, asked["card"], asked["tab"]),
        ]
        return [
            html.Div(tools, className="details-tools"),
            grid(GRID, table, looked.site.currency, "min(560px, 64vh)"),
        ]
