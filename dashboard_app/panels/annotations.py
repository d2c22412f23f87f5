"""The dialog with the notes about days, which the traffic chart shows as flags."""

from datetime import date
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from dashboard_app import formats
from dashboard_app.components.links import aria, data_attributes, icon
from dashboard_app.data import Data
from dashboard_app.panels import ids
from sql.annotations import (
    Annotation,
    AnnotationError,
    add_annotation,
    delete_annotation,
    list_annotations,
)

DIALOG = "notes-dialog"
DAY = "note-day"
TEXT = "note-text"
ADD = "note-add"
LIST = "notes"
DELETE = "note-delete"


def layout() -> dmc.Modal:
    """The closed dialog."""
    form = html.Div(
        [
            dmc.DateInput(id=DAY, valueFormat="YYYY-MM-DD", w=140, **aria(label="Day")),
            dmc.TextInput(
                id=TEXT,
                placeholder="Spring sale begins",
                debounce=True,
                **data_attributes(autofocus="true"),
                **aria(label="Note"),
            ),
            html.Button("Add", id=ADD, className="button primary", type="button"),
        ],
        className="note-form",
    )
    return dmc.Modal([form, html.Div(id=LIST)], id=DIALOG, title="Notes on the chart", size="lg")


def register(app: Dash, data: Data) -> None:
    """Adds the dialog's callbacks: the notes there are, adding one, forgetting one."""
    ids.TITLES[LIST] = "The notes"
    tick = Output(ids.TICK, "data", allow_duplicate=True)

    @app.callback(
        Output(LIST, "children"),
        Output(DAY, "value"),
        Input(DIALOG, "opened"),
        ids.tick_input(),
        State(DAY, "value"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    async def notes(opened: bool, _tick: str, day: str | None, search: str) -> tuple[Any, Any]:
        if not opened:
            raise PreventUpdate
        looked = await data.look(search)
        found = await data.fresh(list_annotations, looked.site.site_id)
        shown = min(looked.scope.last, looked.today).isoformat()
        return _rows(found), no_update if day else shown

    @app.callback(
        tick,
        Output(TEXT, "value"),
        Output(TEXT, "error"),
        Input(ADD, "n_clicks"),
        Input(TEXT, "n_submit"),
        State(DAY, "value"),
        State(TEXT, "value"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    async def add(
        _clicks: int, _submits: int, day: str | None, text: str | None, search: str
    ) -> tuple[Any, Any, Any]:
        if not day:
            return no_update, no_update, "Choose a day"
        looked = await data.look(search)
        try:
            site_id = looked.site.site_id
            await data.fresh(add_annotation, site_id, date.fromisoformat(day[:10]), text or "")
        except AnnotationError as error:
            return no_update, no_update, str(error)
        return f"note-{looked.now}-{text}", "", None

    @app.callback(
        tick,
        Input({"type": DELETE, "id": ALL}, "n_clicks"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    async def delete(clicks: list[int | None], search: str) -> Any:
        if not any(clicks) or not ctx.triggered_id:
            raise PreventUpdate
        looked = await data.look(search)
        number = int(ctx.triggered_id["id"])
        await data.fresh(delete_annotation, looked.site.site_id, number)
        return f"no-note-{number}"


def _rows(found: list[Annotation]) -> html.Div:
    if not found:
        return html.Div("No note yet. A note marks its day with a flag.", className="notes-empty")
    rows = [
        html.Div(
            [
                html.Span(formats.day(note.day), className="note-when"),
                html.Span(note.text, className="note-what"),
                html.Button(
                    icon("close"),
                    id={"type": DELETE, "id": note.annotation_id},
                    className="quiet",
                    type="button",
                    **aria(label=f"Delete {note.text}"),
                ),
            ],
            className="note",
        )
        for note in reversed(found)
    ]
    return html.Div(rows, className="note-list")
