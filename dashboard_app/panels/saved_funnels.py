"""Funnels kept under a name: opening, keeping and forgetting them."""

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from dashboard_app.components.links import aria, icon, view_link
from dashboard_app.components.menu import menu
from dashboard_app.data import Data, Looked
from dashboard_app.funnel_state import NAMES, SETS, kept_view
from dashboard_app.panels import ids
from dashboard_app.panels.funnel_steps import current
from sql.saved_funnels import (
    SavedFunnel,
    delete_funnel,
    funnel_by_id,
    list_funnels,
    save_funnel,
)

PANEL = "saved-funnels"
NAME = "funnel-name"
SAVE = "funnel-save"
DELETE = "funnel-delete"
LONGEST = 200


def layout() -> html.Header:
    """The page's heading, the kept funnels' place and the form that keeps one."""
    name = dmc.TextInput(
        id=NAME, placeholder="Name of this funnel", debounce=True, **aria(label="Name")
    )
    save = html.Button("Save", id=SAVE, className="button primary", type="button")
    form = html.Div([name, save], className="save-form")
    tools = [html.Div(id=PANEL), menu(["Save"], form, "menu-right")]
    return html.Header(
        [html.H1("Funnels"), html.Div(tools, className="buttons")], className="page-head"
    )


def register(app: Dash, data: Data) -> None:
    """Adds the callbacks: the kept funnels, keeping this one, forgetting one."""
    ids.TITLES[PANEL] = "The saved funnels"
    tick = Output(ids.TICK, "data", allow_duplicate=True)

    @app.callback(Output(PANEL, "children"), ids.view_input(), ids.tick_input())
    async def saved(search: str, _tick: str) -> Any:
        looked = await data.look(search)
        found = await data.fresh(list_funnels, looked.site.site_id)
        if not found:
            return None
        items = [_saved(looked, funnel) for funnel in found]
        return menu([icon("funnels"), f"Saved ({len(found)})"], items, "menu-right saved-funnels")

    @app.callback(
        tick,
        Output(NAME, "value"),
        Output(NAME, "error"),
        Input(SAVE, "n_clicks"),
        Input(NAME, "n_submit"),
        State(NAME, "value"),
        State(ids.VIEW, "data"),
        *(State(ids.tab_store(name), "data") for name in NAMES),
        prevent_initial_call=True,
    )
    async def save(
        clicks: int | None, submits: int | None, name: str | None, search: str, *said: str
    ) -> tuple[Any, Any, Any]:
        if not clicks and not submits:
            raise PreventUpdate
        kept = (name or "").replace("\x00", "").strip()[:LONGEST]
        if not kept:
            return no_update, no_update, "A name is missing"
        looked = await data.look(search)
        state = await current(data, looked, said)
        if len(state.steps) < 2:
            return no_update, no_update, "A funnel has at least two steps"
        definition = state.definition(looked.view)
        funnel = await data.fresh(save_funnel, looked.site.site_id, kept, definition)
        return f"funnel-{funnel.funnel_id}", "", None

    @app.callback(
        tick,
        Input({"type": DELETE, "id": ALL}, "n_clicks"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    async def delete(clicks: list[int | None], search: str) -> str:
        if not any(clicks) or not isinstance(ctx.triggered_id, dict):
            raise PreventUpdate
        looked = await data.look(search)
        number = int(ctx.triggered_id["id"])
        funnel = await data.fresh(funnel_by_id, number)
        if funnel is not None and funnel.site_id == looked.site.site_id:
            await data.fresh(delete_funnel, funnel)
        return f"no-funnel-{number}"


def _saved(looked: Looked, funnel: SavedFunnel) -> html.Div:
    view = kept_view(looked.view, funnel.definition)
    sets = f"{SETS},filters" if funnel.definition.get("filters") else SETS
    return html.Div(
        [
            view_link(funnel.name, view.search(), sets, "menu-item"),
            html.Button(
                icon("close"),
                id={"type": DELETE, "id": funnel.funnel_id},
                className="quiet",
                type="button",
                **aria(label=f"Delete {funnel.name}"),
            ),
        ],
        className="saved-funnel",
    )
