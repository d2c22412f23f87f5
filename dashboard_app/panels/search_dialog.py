"""Search over pages, sources and places; what is chosen becomes a filter."""

import asyncio
import json
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, no_update

from dashboard_app.components.links import aria, data_attributes
from dashboard_app.data import Data
from dashboard_app.dimensions import LABELS, value_label
from dashboard_app.filters import ViewState
from dashboard_app.panels import ids

DIALOG = "search-dialog"
CHOICE = "search-choice"
SEARCHED = ("source", "country", "city", "utm_campaign", "browser", "os")
OFFERED = 100


def layout() -> dmc.Modal:
    """The closed dialog."""
    return dmc.Modal(
        dmc.Select(
            id=CHOICE,
            data=[],
            value=None,
            searchable=True,
            clearable=True,
            openOnFocus=True,
            placeholder="Search pages, sources, countries …",
            nothingFoundMessage="Nothing in this period is called that",
            maxDropdownHeight=360,
            limit=60,
            size="md",
            selectFirstOptionOnChange=True,
            comboboxProps={"withinPortal": True, "zIndex": 400},
            **data_attributes(autofocus="true"),
            **aria(label="Search"),
        ),
        id=DIALOG,
        withCloseButton=False,
        padding="xs",
    )


def register(app: Dash, data: Data) -> None:
    """Adds the dialog's callbacks: what can be found, and where a choice leads."""
    ids.TITLES[CHOICE] = "The search"

    @app.callback(
        Output(CHOICE, "data"),
        Output(CHOICE, "value"),
        Input(DIALOG, "opened"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    async def offer(opened: bool, search: str) -> tuple[Any, Any]:
        if not opened:
            return no_update, no_update
        return await _found(data, search), None

    @app.callback(
        Output(ids.URL, "search", allow_duplicate=True),
        Output(DIALOG, "opened"),
        Input(CHOICE, "value"),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )
    async def choose(choice: str | None, search: str) -> tuple[Any, Any]:
        if not choice:
            return no_update, no_update
        dimension, value = json.loads(choice)
        return ViewState.parse(search).toggled(dimension, value).search(), False


async def _found(data: Data, search: str) -> list[dict[str, Any]]:
    scope = (await data.look(search)).scope
    pages, others = await asyncio.gather(
        data.pages(scope, OFFERED),
        asyncio.gather(*(data.breakdown(scope, each, OFFERED) for each in SEARCHED)),
    )
    found: dict[str, list[str]] = {"page": [row.page for row in pages if row.page]}
    for dimension, rows in zip(SEARCHED, others, strict=True):
        found[dimension] = [row.value for row in rows if row.value]
    return [
        {"group": LABELS[dimension], "items": [_item(dimension, value) for value in values]}
        for dimension, values in found.items()
        if values
    ]


def _item(dimension: str, value: str) -> dict[str, str]:
    return {"value": json.dumps([dimension, value]), "label": value_label(dimension, value)}
