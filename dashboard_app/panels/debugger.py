"""The live debugger: each event of the site as it was received and as it was stored."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from dash import Dash, Input, Output, dcc, html

from dashboard_app import formats
from dashboard_app.clientside import in_browser
from dashboard_app.components.links import data_attributes, icon, view_link
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.components.states import card
from dashboard_app.data import Data, Looked
from dashboard_app.figures import intake
from dashboard_app.panels import ids
from dashboard_app.trust import Trust
from sql.analytics import EventRecord, SessionRecord
from sql.records import EVENT_FIELDS, record_json, session_cursor
from sql.watching import StoredEvent, Watched, stored_events

PANEL = "debugger"
TITLE = "Live debugger"
CLOCK = "debugger-clock"
DEBUG = ids.tab_store("debug")
EVERY_S = 1.5
SHOWN = 20
SOON_S = 10
"""An accepted event that is not stored after this time is a duplicate or a dead letter."""
ON = "on"
WAITING = "waiting"
LABELS = {**intake.LABELS, WAITING: "Accepted"}
COLOURS = {**intake.COLOURS, WAITING: "rgb(224,160,42)"}

Json = dict[str, Any]


def layout() -> html.Section:
    """The card's head; it listens once it is asked to."""
    clock = dcc.Interval(id=CLOCK, interval=EVERY_S * 1000, disabled=True)
    return html.Section([Markup(card(TITLE, None), id=PANEL), clock], className="card")


def register(app: Dash, data: Data, trust: Trust) -> None:
    """Adds the panel's callbacks: the clock runs while the address says so."""
    ids.TITLES[PANEL] = TITLE
    in_browser(app, "only", Output(CLOCK, "disabled"), Input(DEBUG, "data"), initially=True)

    @app.callback(
        Output(PANEL, "html"), ids.view_input(), Input(DEBUG, "data"), Input(CLOCK, "n_intervals")
    )
    async def debugger(search: str, opened: str, _beats: int) -> str:
        looked = await data.look(search)
        if not opened:
            return to_html(card(TITLE, html.P(_INVITATION), header=_switch(looked, is_on=False)))
        kept = await trust.follow(looked.site.slug, datetime.now(UTC))
        told = kept[:SHOWN] + [one for one in kept[SHOWN:] if _key(one) == opened]
        accepted = [one.event for one in told if one.event is not None]
        found = iter(await data.fresh(stored_events, looked.site, accepted) if accepted else ())
        stored = [next(found) if one.event is not None else None for one in told]
        lines: list[Any] = [
            _line(looked, one, row, _key(one) == opened)
            for one, row in zip(told, stored, strict=True)
        ]
        if lines:
            lines.insert(0, html.P(_CHOOSE, className="card-note"))
        return to_html(card(TITLE, lines or html.P(_WAITING), header=_switch(looked, is_on=True)))


_INVITATION = (
    "Follow the site to see each event as it arrives: as the API took it, once IP and user agent"
    " are gone, as it is stored, the session it fell into, and why others were refused."
)
_CHOOSE = "The newest events. Choose one to see it as it was received and as it is stored."
_WAITING = "Waiting for the next event. Nothing was sent since you began to follow the site."


def _switch(looked: Looked, is_on: bool) -> html.A:
    href = (looked.view if is_on else looked.view.with_tab("debug", ON)).search()
    label = [html.Span(className="dot is-on"), "Stop"] if is_on else [icon("realtime"), "Follow"]
    return view_link(label, href, "debug", "button")


def _key(one: Watched) -> str:
    """What names an event in the address."""
    return f"{one.at_us}-{one.number}"


def _line(looked: Looked, one: Watched, row: StoredEvent | None, is_open: bool) -> html.Div:
    outcome = _outcome(looked, one, row)
    at = _moment(looked, one.at_us)
    name = one.event.name if one.event else one.reason
    told = one.event.path if one.event else one.message or one.event_id
    line = view_link(
        [
            html.Span(formats.clock(at), className="stream-at"),
            html.Span(className="swatch", style={"background": COLOURS[outcome]}),
            html.Span(LABELS[outcome], className="debug-outcome"),
            html.Span(name, className="stream-name"),
            html.Span(told or "", className="stream-page"),
        ],
        looked.view.with_tab("debug", _key(one)).search(),
        "debug",
        "debug-line",
        **data_attributes(outcome=outcome),
    )
    inside = [line, _forms(looked, one, row, outcome)] if is_open else [line]
    return html.Div(inside, className="debug-event is-open" if is_open else "debug-event")


def _outcome(looked: Looked, one: Watched, row: StoredEvent | None) -> str:
    if one.event is None or row is not None:
        return "stored" if row is not None else one.outcome
    age = datetime.now(UTC) - _moment(looked, one.at_us)
    return "duplicate" if age > timedelta(seconds=SOON_S) else WAITING


def _moment(looked: Looked, at_us: int) -> datetime:
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
    return instant.astimezone(looked.site.zone)


def _forms(looked: Looked, one: Watched, row: StoredEvent | None, outcome: str) -> html.Div:
    return html.Div(
        [
            html.Div([html.Strong("As received"), _received(looked, one)]),
            html.Div([html.Strong("As stored"), *_stored(looked, row, outcome)]),
        ],
        className="debug-forms",
    )


def _received(looked: Looked, one: Watched) -> html.Pre:
    if one.event is None:
        refused = {"outcome": one.outcome, "reason": one.reason, "message": one.message}
        return _json(refused | {"event_id": one.event_id})
    form: Json = {name: getattr(one.event, name) for name in one.event.__struct_fields__}
    form["timestamp"] = _moment(looked, form.pop("ts_us")).isoformat()
    form["received_at"] = _moment(looked, form.pop("received_us")).isoformat()
    form["visitor_id"] = None if form["visitor_id"] is None else str(form["visitor_id"])
    if form["properties"]:
        form["properties"] = msgspec.json.decode(form["properties"])
    del form["site_id"]
    return _json(form)


def _stored(looked: Looked, row: StoredEvent | None, outcome: str) -> list[Any]:
    if row is None:
        return [html.P(_WHY_NOT[outcome])]
    event: EventRecord = row.event
    form = _json(record_json(event, EVENT_FIELDS, looked.site.zone))
    return [form, html.P(_session(looked, event, row.session))]


_WHY_NOT = {
    WAITING: "Accepted; it is being stored.",
    "duplicate": "Not stored: its event_id was seen before, or it is among the dead letters.",
    "rejected": "Not stored: it was rejected, and its sender was told why.",
    "bot": "Not stored: a known crawler, or a browser under automation.",
    "dnt": "Not stored: the browser asks not to be tracked.",
}


def _session(looked: Looked, event: EventRecord, session: SessionRecord | None) -> Any:
    if session is None:
        lacking = event.visitor_id is None
        return "No session: it has no identity." if lacking else "Its session is being cut."
    local = session.started_at.astimezone(looked.site.zone)
    day = session.local_day
    view = looked.view.between(day, day).with_tab("session", session_cursor(session))
    number = formats.count(session.events)
    text = f"Session of {formats.clock(local)}, {number} events so far"
    return view_link(text, f"/sessions{view.search()}", "*", "text-link")


def _json(form: Json) -> html.Pre:
    known = {key: value for key, value in form.items() if value not in (None, "")}
    return html.Pre(json.dumps(known, indent=1, ensure_ascii=False, default=str))
