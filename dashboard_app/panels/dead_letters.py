"""Events that could not be stored: why, what they were, and trying again."""

import asyncio
import json
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html
from dash.exceptions import PreventUpdate

from dashboard_app import formats
from dashboard_app.components.states import card
from dashboard_app.data import Data
from dashboard_app.panels import ids, trust_health
from dashboard_app.trust import Trust
from sql.dead_letters import ShownLetter, newest_dead_letters

PANEL = "dead-letters"
TITLE = "Dead letters"
REPLAY = "replay-letter"
DROP = "drop-letter"
KNOWN = "letters-known"
SHOWN = 20


def layout() -> html.Section:
    """The card, empty until it is known whether there are any."""
    letters = html.Div(card(TITLE, None), id=PANEL)
    return html.Section([letters, dcc.Store(id=KNOWN)], className="card")


def register(app: Dash, data: Data, trust: Trust) -> None:
    """Adds the callbacks: the letters there are, replaying and forgetting them."""
    ids.TITLES[PANEL] = TITLE

    @app.callback(
        Output(PANEL, "children"),
        Output(KNOWN, "data"),
        ids.view_input(),
        ids.tick_input(),
        trust_health.beat(),
        State(KNOWN, "data"),
    )
    async def letters(search: str, _tick: str, _beats: int, known: list[Any] | None) -> Any:
        looked = await data.look(search)
        count, found = await data.fresh(newest_dead_letters, looked.site.site_id, limit=SHOWN)
        drawn = [search, count, *(letter.dead_letter_id for letter in found)]
        if drawn == known:
            raise PreventUpdate
        return _letters(looked.site.zone, count, found), drawn

    @app.callback(
        Output(ids.TICK, "data", allow_duplicate=True),
        Input({"type": REPLAY, "id": ALL}, "n_clicks"),
        Input({"type": DROP, "id": ALL}, "n_clicks"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    async def act(replays: list[int | None], drops: list[int | None], search: str) -> str:
        if not any([*replays, *drops]) or not isinstance(ctx.triggered_id, dict):
            raise PreventUpdate
        number = int(ctx.triggered_id["id"])
        if ctx.triggered_id["type"] == DROP:
            await trust.drop(number)
        else:
            await trust.replay(number)
            await asyncio.sleep(1)  # the writer's turn, so that the list shows what came of it
        return f"letter-{number}-{search}"


def _letters(zone: Any, count: int, found: list[ShownLetter]) -> list[Any]:
    if not count:
        body: Any = html.Div(
            "None: every event that was accepted is stored", className="empty small"
        )
        return card(TITLE, body)
    shown = f"the newest {len(found)} of {formats.count(count)}" if count > len(found) else count
    note = html.Span(f"{shown} could not be stored", className="card-note")
    return card(TITLE, [_letter(zone, letter) for letter in found], header=note)


def _letter(zone: Any, letter: ShownLetter) -> html.Details:
    buttons = [
        html.Button(
            label, id={"type": kind, "id": letter.dead_letter_id}, className="button", type="button"
        )
        for label, kind in (("Replay", REPLAY), ("Forget", DROP))
        if kind == DROP or letter.is_replayable
    ]
    at = letter.failed_at.astimezone(zone)
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(f"{formats.day(at)}, {at:%H:%M:%S}", className="letter-when"),
                    html.Span(letter.error, className="letter-why"),
                ]
            ),
            html.Pre(html.Code(json.dumps(letter.event, indent=2, ensure_ascii=False))),
            html.Div(buttons, className="letter-buttons"),
        ],
        className="letter",
    )
