"""Callbacks that run in the browser: functions of `assets/callbacks.js`."""

from typing import Any

from dash import ClientsideFunction, Dash


def in_browser(app: Dash, name: str, *dependencies: Any, initially: bool = False) -> None:
    """Runs the function `name` on `dependencies`; `initially`: also when the page is drawn."""
    function = ClientsideFunction("tideline", name)
    app.clientside_callback(  # type: ignore[no-untyped-call]
        function, *dependencies, prevent_initial_call=not initially
    )
