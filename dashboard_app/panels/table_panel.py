"""A whole table as a panel of its own: Pages and Events are made of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.exceptions import PreventUpdate

from dashboard_app.clientside import in_browser
from dashboard_app.components.grid import (
    SHOWN,
    column_definitions,
    csv_link,
    grid,
    grid_search,
    linked,
    row_count,
)
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.components.rows import tab_links
from dashboard_app.components.states import empty_rows, skeleton
from dashboard_app.data import Data, Looked
from dashboard_app.panels import ids
from dashboard_app.panels.breakdown_card import BreakdownCard
from dashboard_app.tables import table_of


@dataclass(frozen=True)
class TablePanel:
    """A card's whole table; `link(looked, dimension, value)` is where a row leads, and it sets
    `sets` of the address."""

    id: str
    card: BreakdownCard
    link: Callable[[Looked, str, str | None], str | None]
    sets: str
    height: str

    @property
    def grid(self) -> str:
        """Id of the grid."""
        return f"{self.id}-grid"

    def part(self, name: str) -> str:
        """Id of a part of the head."""
        return f"{self.id}-{name}"


def layout(panel: TablePanel) -> html.Section:
    """Skeletons until the table component is loaded."""
    body = html.Div(skeleton(10), id=panel.id, className="table-panel")
    return html.Section([body, dcc.Store(id=panel.part("ready"))], className="card")


def register(app: Dash, data: Data, panel: TablePanel) -> None:
    """Adds the panel's callbacks: the empty grid once it can be drawn, and its rows."""
    ids.TITLES[panel.id] = ids.TITLES[panel.part("title")] = panel.card.title
    ready = panel.part("ready")
    in_browser(app, "withGrid", Output(ready, "data"), Input(ids.PATH, "data"), initially=True)

    @app.callback(Output(panel.id, "children"), Input(ready, "data"))
    async def frame(is_ready: bool | None) -> Any:
        if not is_ready:
            raise PreventUpdate
        tools = [
            Markup(None, id=panel.part("title"), className="contents"),
            grid_search(panel.grid),
            Markup(None, id=panel.part("csv"), className="contents"),
        ]
        return [
            html.Div(tools, className="details-tools"),
            grid(panel.grid, None, "", panel.height),
        ]

    @app.callback(
        Output(panel.part("title"), "html"),
        Output(panel.part("csv"), "html"),
        Output(panel.grid, "columnDefs"),
        Output(panel.grid, "rowData"),
        ids.view_input(),
        Input(ids.tab_store(panel.card.id), "data"),
        ids.tick_input(),
        State(panel.grid, "columnDefs"),
    )
    async def rows(search: str, key: str, _tick: str, drawn: Any) -> tuple[Any, ...]:
        looked = await data.look(search)
        tab = panel.card.tab(key).key
        table = await table_of(data, looked, panel.card.id, tab, SHOWN)
        view = looked.view
        head: list[Any] = [row_count(table), html.Div(className="spacer")]
        if len(panel.card.tabs) > 1:
            tabs = [
                (each.key, each.label, view.with_tab(panel.card.id, each.key).search())
                for each in panel.card.tabs
            ]
            head.insert(0, tab_links(tabs, tab, panel.card.id))
        if not table.rows:
            head.append(empty_rows(bool(view.filters), view.cleared().search()))
        columns = column_definitions(table, looked.site.currency, has_links=True)
        found = linked(
            table.rows, lambda value: panel.link(looked, table.dimension, value), panel.sets
        )
        return (
            to_html(head),
            to_html(csv_link(view, panel.card.id, tab)),
            no_update if columns == drawn else columns,
            found,
        )
