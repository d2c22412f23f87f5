"""The dialog that adds a filter."""

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html, no_update

from dashboard_app.components.links import aria, data_attributes
from dashboard_app.data import Data, Looked
from dashboard_app.dimensions import LABELS, countries, value_label
from dashboard_app.filters import OPERATORS, Clause, ViewState
from dashboard_app.panels import ids
from sql.breakdowns import DIMENSIONS
from sql.filters import START_DIMENSIONS

DIALOG = "filter-dialog"
DIMENSION = "filter-dimension"
OPERATOR = "filter-operator"
VALUES = "filter-values"
APPLY = "filter-apply"
OFFERED = 200
GROUPS = (
    ("Content", ("page", "entry_page", "exit_page", "event")),
    ("Acquisition", ("channel", "source", "referrer", "utm_source", "utm_medium", "utm_campaign")),
    ("Audience", ("country", "region", "city", "device", "browser", "os", "screen", "language")),
    ("Start of the session", ("weekday", "hour")),
)


def layout() -> dmc.Modal:
    """The closed dialog."""
    dimensions = [
        {"group": group, "items": [{"value": d, "label": LABELS[d]} for d in members]}
        for group, members in GROUPS
    ]
    operators = [{"value": key, "label": label} for key, label in OPERATORS.items()]
    return dmc.Modal(
        html.Div(
            [
                html.Div(
                    [
                        dmc.Select(
                            id=DIMENSION,
                            data=dimensions,
                            value="page",
                            allowDeselect=False,
                            searchable=True,
                            **aria(label="Dimension"),
                        ),
                        dmc.Select(
                            id=OPERATOR,
                            data=operators,
                            value="is",
                            allowDeselect=False,
                            **aria(label="Operator"),
                        ),
                    ],
                    className="filter-row",
                ),
                dmc.TagsInput(
                    id=VALUES,
                    data=[],
                    value=[],
                    placeholder="Choose or type values",
                    acceptValueOnBlur=True,
                    maxDropdownHeight=260,
                    **data_attributes(autofocus="true"),
                    **aria(label="Values"),
                ),
                html.Button("Add filter", id=APPLY, className="button primary", type="button"),
            ],
            className="filter-form",
        ),
        id=DIALOG,
        title="Add a filter",
    )


def register(app: Dash, data: Data) -> None:
    """Adds the dialog's callbacks: what it offers, and what it adds."""
    ids.TITLES[VALUES] = "The values"

    @app.callback(
        Output(VALUES, "data"),
        Output(VALUES, "value"),
        Input(DIMENSION, "value"),
        Input(DIALOG, "opened"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    async def offer(dimension: str, opened: bool, search: str) -> tuple[Any, Any]:
        if not opened:
            return no_update, no_update
        return await offered_values(data, await data.look(search), dimension), []

    @app.callback(
        Output(ids.URL, "search", allow_duplicate=True),
        Output(DIALOG, "opened"),
        Input(APPLY, "n_clicks"),
        State(DIMENSION, "value"),
        State(OPERATOR, "value"),
        State(VALUES, "value"),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )
    async def apply(
        _clicks: int, dimension: str, operator: str, values: list[str], search: str
    ) -> tuple[Any, Any]:
        if not values:
            return no_update, no_update
        given = tuple(typed_value(dimension, value) for value in values)
        view = ViewState.parse(search).filtered(Clause(operator, dimension, given))
        return view.search(), False


async def offered_values(data: Data, looked: Looked, dimension: str) -> list[str]:
    """Values seen in the range, as people read them, most frequent first."""
    if dimension == "page":
        found = [row.page for row in await data.pages(looked.scope, OFFERED)]
    elif dimension == "event":
        found = [row.value for row in await data.events(looked.scope, OFFERED)]
    elif dimension in DIMENSIONS:
        found = [row.value for row in await data.breakdown(looked.scope, dimension, OFFERED)]
    elif dimension in START_DIMENSIONS:
        found = [str(number) for number in START_DIMENSIONS[dimension]]
    else:
        found = []
    labels = [value_label(dimension, value) for value in found if value]
    return list(dict.fromkeys(labels))


def typed_value(dimension: str, text: str) -> str:
    """The value behind what somebody chose or typed: DE for Germany, 1 for Monday, 9 for 09:00."""
    if dimension == "country":
        names = {country.name.casefold(): code for code, country in countries().items()}
        return names.get(text.casefold(), text.upper())
    if dimension in START_DIMENSIONS:
        numbers = map(str, START_DIMENSIONS[dimension])
        named = {value_label(dimension, number).casefold(): number for number in numbers}
        return named.get(text.casefold(), text)
    return text.lower() if dimension == "device" else text
