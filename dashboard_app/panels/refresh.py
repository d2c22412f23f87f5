"""Looks every few seconds whether the figures have changed; if so, every panel looks again."""

import hashlib
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.exceptions import PreventUpdate

from dashboard_app.clientside import in_browser
from dashboard_app.data import Data
from dashboard_app.kept_rows import pack
from dashboard_app.panels import ids

CLOCK = "refresh-clock"
BEAT = "refresh-beat"
KNOWN = "refresh-known"
EVERY_S = 6


def layout() -> html.Div:
    """The clock."""
    clock = dcc.Interval(id=CLOCK, interval=EVERY_S * 1000)
    return html.Div([clock, dcc.Store(id=BEAT), dcc.Store(id=KNOWN)], hidden=True)


def register(app: Dash, data: Data) -> None:
    """Adds the callbacks: the browser beats while somebody can see today, the server compares."""
    in_browser(app, "beat", Output(BEAT, "data"), Input(CLOCK, "n_intervals"))

    @app.callback(
        Output(KNOWN, "data"),
        Output(ids.TICK, "data"),
        Input(BEAT, "data"),
        State(KNOWN, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
        on_error=lambda _error: (no_update, no_update),
    )
    async def refresh(_beat: int, known: list[str] | None, search: str) -> tuple[Any, Any]:
        looked = await data.look(search)
        figures = await data.overview(looked.scope)
        found = hashlib.blake2b(pack(figures), digest_size=8).hexdigest()
        if known == [search, found]:
            raise PreventUpdate
        is_same_view = known is not None and known[0] == search
        return [search, found], found if is_same_view else no_update
