"""The whole table behind a card: searchable, sortable, with the comparison, and as CSV."""

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html

from dashboard_app.components.links import icon
from dashboard_app.components.states import skeleton
from dashboard_app.data import Data
from dashboard_app.filters import ViewState
from dashboard_app.panels import ids
from dashboard_app.tables import Column, Table, table_of
from sql.sites import Site

DIALOG = "details-dialog"
ASKED = "details-asked"
BODY = "details-body"
SHOWN = 1000
THEME = (
    "themeQuartz.withParams({backgroundColor: 'var(--raised)', foregroundColor: 'var(--text)',"
    " headerBackgroundColor: 'var(--raised)', headerTextColor: 'var(--muted)',"
    " borderColor: 'var(--line-soft)', rowHoverColor: 'var(--hover)', fontFamily: 'inherit',"
    " fontSize: 13, headerFontSize: 12, rowHeight: 38, headerHeight: 38, wrapperBorder: false,"
    " accentColor: 'var(--accent)', browserColorScheme: 'inherit', columnBorder: false})"
)
WRITERS = {
    "count": "d3.format(',')(params.value)",
    "rate": "params.value == null ? '–' : d3.format('.1%')(params.value)",
    "duration": "params.value == null ? '–' : tideline.duration(params.value)",
    "money": "params.value == null ? '–' : d3.format(',.2f')(params.value)",
    "change": "params.value == null ? '–' : d3.format('+.1%')(params.value)",
}


def layout() -> html.Div:
    """The closed dialog."""
    return html.Div(
        [
            dcc.Store(id=ASKED),
            dmc.Modal(html.Div(id=BODY), id=DIALOG, size="min(1080px, 94vw)", title="Details"),
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
        grid = dag.AgGrid(
            id="details-grid",
            columnDefs=column_definitions(table, looked.site),
            rowData=table.rows,
            getRowId="params.data.id",
            defaultColDef={"sortable": True, "resizable": True, "minWidth": 104, "flex": 1},
            dashGridOptions={
                "theme": {"function": THEME},
                "suppressCellFocus": True,
                "enableCellTextSelection": True,
            },
            style={"height": "min(560px, 64vh)"},
        )
        return [_tools(table, asked, looked.view), grid]


def _tools(table: Table, asked: dict[str, str], view: ViewState) -> html.Div:
    query = f"{view.search()}&card={asked['card']}&tab={asked['tab']}"
    most = f"the first {SHOWN:,} rows" if len(table.rows) == SHOWN else f"{len(table.rows)} rows"
    return html.Div(
        [
            html.Strong(f"{table.title} by {table.value_label.lower()}"),
            html.Span(most, className="card-note"),
            html.Div(className="spacer"),
            dmc.TextInput(id="details-search", placeholder="Search", size="xs"),
            html.A(
                [icon("download"), "CSV"],
                href=f"/export.csv{query}",
                className="button",
                download="",
            ),
        ],
        className="details-tools",
    )


def column_definitions(table: Table, site: Site) -> list[dict[str, Any]]:
    """AG Grid's columns of a table."""
    value = {
        "field": "value",
        "headerName": table.value_label,
        "flex": 3,
        "minWidth": 190,
        "tooltipField": "value",
        "pinned": "left",
    }
    definitions = [value]
    for index, column in enumerate(table.columns):
        definitions.append(_definition(column, site, is_first=index == 0))
        if column.attribute == table.compared and table.has_comparison:
            definitions.append(_definition(Column("before", "Before"), site))
            definitions.append(
                _definition(Column("change", "Change", "change"), site)
                | {
                    "cellClassRules": {
                        "is-better": "params.value > 0",
                        "is-worse": "params.value < 0",
                    }
                }
            )
    return definitions


def _definition(column: Column, site: Site, is_first: bool = False) -> dict[str, Any]:
    label = f"{column.label} ({site.currency})" if column.kind == "money" else column.label
    definition: dict[str, Any] = {
        "field": column.attribute,
        "headerName": label,
        "type": "rightAligned",
        "sortingOrder": ["desc", "asc", None],
        "valueFormatter": {"function": WRITERS[column.kind]},
    }
    if column.kind == "money":
        definition["comparator"] = {"function": "tideline.byNumber"}
    if is_first:
        definition["sort"] = "desc"
    return definition
