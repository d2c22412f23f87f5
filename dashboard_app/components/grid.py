"""A table as a grid that sorts and searches in the browser (`assets/navigation.js` loads it)."""

from collections.abc import Callable
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import html

from dashboard_app.components.links import aria, data_attributes, icon
from dashboard_app.filters import ViewState
from dashboard_app.tables import Column, Table

SHOWN = 1000
Link = Callable[[Any], str | None]
THEME = (
    "themeQuartz.withParams({backgroundColor: 'var(--raised)', foregroundColor: 'var(--text)',"
    " headerBackgroundColor: 'var(--raised)', headerTextColor: 'var(--muted)',"
    " borderColor: 'var(--line-soft)', rowHoverColor: 'var(--hover)', fontFamily: 'inherit',"
    " fontSize: 13, headerFontSize: 12, rowHeight: 38, headerHeight: 38, wrapperBorder: false,"
    " accentColor: 'var(--accent)', browserColorScheme: 'inherit', columnBorder: false,"
    " cellHorizontalPadding: 12})"
)
WRITERS = {
    "count": "d3.format(',')(params.value)",
    "rate": "params.value == null ? '–' : d3.format('.1%')(params.value)",
    "duration": "params.value == null ? '–' : tideline.duration(params.value)",
    "money": "params.value == null ? '–' : d3.format(',.2f')(params.value)",
    "change": "params.value == null ? '–' : d3.format(params.value < 1 ? '+.1%' : '+,.0%')"
    "(params.value)",
}
FEW_ROWS = 10


def grid(grid_id: str, table: Table | None, currency: str, height: str) -> dag.AgGrid:
    """The grid of a table, as high as its rows when they are few, or one to be filled."""
    is_short = table is not None and len(table.rows) <= FEW_ROWS
    return dag.AgGrid(
        id=grid_id,
        className="grid",
        columnDefs=column_definitions(table, currency) if table else [],
        rowData=table.rows if table else [],
        getRowId="params.data.id",
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "flex": 1,
            "wrapHeaderText": True,
            "autoHeaderHeight": True,
        },
        dashGridOptions={
            "theme": {"function": THEME},
            "suppressCellFocus": True,
            "enableCellTextSelection": True,
            **({"domLayout": "autoHeight"} if is_short else {}),
        },
        style={"height": None if is_short else height},
    )


def linked(rows: list[dict[str, Any]], link: Link, sets: str) -> list[dict[str, Any]]:
    """Rows whose value is a link; what it sets of the address is named in `sets`."""
    return [row | {"href": link(row["key"]), "sets": sets} for row in rows]


def grid_search(grid_id: str) -> html.Div:
    """A box that searches the rows of a grid."""
    box = dmc.TextInput(placeholder="Search", size="xs", **aria(label="Search the table"))
    return html.Div(box, **data_attributes(searches=grid_id))


def row_count(table: Table) -> html.Span:
    """How many rows a grid shows."""
    most = f"the first {SHOWN:,} rows" if len(table.rows) == SHOWN else f"{len(table.rows)} rows"
    return html.Span(most, className="card-note")


def csv_link(view: ViewState, card: str, tab: str) -> html.A:
    """The way to all rows of a card's table."""
    href = f"/export.csv{view.search()}&card={card}&tab={tab}"
    return html.A([icon("download"), "CSV"], href=href, className="button", download="")


def column_definitions(
    table: Table, currency: str, *, has_links: bool = False
) -> list[dict[str, Any]]:
    """AG Grid's columns of a table."""
    value: dict[str, Any] = {
        "field": "value",
        "headerName": table.value_label,
        "flex": 0,
        "width": 216,
        "tooltipField": "value",
        "pinned": "left",
    }
    if has_links:
        value["cellRenderer"] = "TidelineLink"
    definitions = [value]
    for index, column in enumerate(table.columns):
        definitions.append(_definition(column, currency, is_first=index == 0))
        if column.attribute == table.compared and table.has_comparison:
            definitions.append(_definition(Column("before", "Before"), currency))
            definitions.append(
                _definition(Column("change", "Change", "change"), currency)
                | {
                    "cellClassRules": {
                        "is-better": "params.value > 0",
                        "is-worse": "params.value < 0",
                    }
                }
            )
    return definitions


def _definition(column: Column, currency: str, is_first: bool = False) -> dict[str, Any]:
    label = f"{column.label} ({currency})" if column.kind == "money" else column.label
    definition: dict[str, Any] = {
        "field": column.attribute,
        "headerName": label,
        "minWidth": _least_width(label, column.kind),
        "type": "rightAligned",
        "sortingOrder": ["desc", "asc", None],
        "valueFormatter": {"function": WRITERS[column.kind]},
    }
    if column.kind == "money":
        definition["comparator"] = {"function": "tideline.byNumber"}
    if is_first:
        definition["sort"] = "desc"
    return definition


def _least_width(label: str, kind: str) -> int:
    """Pixels that the longest word of a heading needs beside the arrow of a sorted column."""
    return max(100 if kind == "money" else 84, 48 + 13 * max(map(len, label.split())) // 2)
