"""Buttons that send test events, and what came of it."""

import random
from typing import Any

from dash import Dash, Input, Output, State, ctx, html
from dash.exceptions import PreventUpdate

from dashboard_app import collector
from dashboard_app.collector import SendError
from dashboard_app.components.links import ALL, icon, view_link
from dashboard_app.data import Data
from dashboard_app.panels import ids
from dashboard_app.settings import Settings

PANEL = "sender"
KINDS = (
    ("page_view", "Page view", "One visitor looks at a page"),
    ("click", "Click", "A visitor presses a button"),
    ("purchase", "Purchase", "A conversion with revenue"),
    ("burst", "A burst of 50", "Twelve visitors at once, fifty page views"),
)


def layout() -> html.Div:
    """The buttons above an empty report."""
    buttons = [
        html.Button(
            [html.Strong(label), html.Span(hint)],
            id=f"send-{kind}",
            className="send",
            type="button",
        )
        for kind, label, hint in KINDS
    ]
    return html.Div(
        [
            html.Div(buttons, className="senders"),
            html.Div("Nothing sent yet", id=PANEL, className="sent-report"),
        ],
        className="card sender",
    )


def register(app: Dash, data: Data, settings: Settings) -> None:
    """Adds the panel's callback."""
    ids.TITLES[PANEL] = "The test events"

    @app.callback(
        Output(PANEL, "children"),
        *(Input(f"send-{kind}", "n_clicks") for kind, _, _ in KINDS),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    async def send(*given: Any) -> Any:
        if not ctx.triggered_id or not any(given[:-1]):
            raise PreventUpdate
        looked = await data.look(given[-1])
        kind = str(ctx.triggered_id).removeprefix("send-")
        events = collector.test_events(kind, looked.site.slug, random.Random())
        try:
            outcome = await collector.send(settings, events)
        except SendError as error:
            return html.Div([icon("alert"), str(error)], className="sent-line is-bad")
        return [
            html.Div(
                [html.Span(className="dot is-on"), f"{outcome.accepted} accepted", _clock(looked)],
                className="sent-line",
            ),
            html.P(outcome.refusal) if outcome.refusal else None,
            view_link("See them in the Overview", "/" + _today(looked), ALL, "text-link"),
        ]


def _today(looked: Any) -> str:
    return str(looked.view.cleared().in_period("today").search())


def _clock(looked: Any) -> html.Span:
    return html.Span(f"{looked.local_now:%H:%M:%S}", className="card-note")
