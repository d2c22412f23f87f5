"""Sessions, newest first, a page at a time; one of them open with its events."""

from typing import Any

from dash import Input, Output, html

from dashboard_app import formats
from dashboard_app.components.links import icon, view_link
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.components.menu import menu
from dashboard_app.components.session_parts import session_line, timeline
from dashboard_app.components.states import card, empty_rows, skeleton
from dashboard_app.data import Data, Looked
from dashboard_app.panels import ids
from dashboard_app.panels.group import Panel
from sql import analytics
from sql.analytics import EventRecord, SessionRecord
from sql.records import session_cursor, session_position

PANEL = "session-list"
SESSION = ids.tab_store("session")
AFTER = ids.tab_store("after")
SHOWN = 25
MOST_EVENTS = 300
FORMATS = {"csv": "CSV", "ndjson": "NDJSON"}


def layout() -> Markup:
    """The card with skeletons."""
    return Markup(card("Sessions", skeleton(12)), id=PANEL, className="card")


def panel(data: Data) -> Panel:
    """What draws the card."""

    async def sessions(search: str, opened: str, after: str, _tick: str) -> str:
        looked = await data.look(search)
        position = session_position(after) if after else None
        found = await data.fresh(analytics.sessions, looked.scope, limit=SHOWN + 1, after=position)
        page = found[:SHOWN]
        events = await _events(data, looked, opened) if opened else []
        alone = None
        if opened and opened not in map(session_cursor, page):
            alone = await data.fresh(analytics.session, looked.site, session_position(opened))
        return to_html(_card(looked, page, len(found) > SHOWN, after, opened, alone, events))

    place = [Input(SESSION, "data"), Input(AFTER, "data")]
    inputs = [ids.view_input(), *place, ids.tick_input()]
    return Panel("The sessions", [Output(PANEL, "html")], inputs, sessions)


async def _events(data: Data, looked: Looked, opened: str) -> list[EventRecord]:
    """The events of a session, oldest first."""
    position = session_position(opened)
    read = analytics.session_events
    return (await data.fresh(read, looked.site, position, limit=MOST_EVENTS))[::-1]


def _card(
    looked: Looked,
    page: list[SessionRecord],
    has_more: bool,
    after: str,
    opened: str,
    alone: SessionRecord | None,
    events: list[EventRecord],
) -> list[Any]:
    parts: list[Any] = []
    if alone is not None:
        parts += [_session(looked, alone, after, opened, events)]
    elif opened and not events:
        parts.append(html.Div("The opened session is not there any more.", className="empty small"))
    parts += [_session(looked, session, after, opened, events) for session in page]
    if not page:
        parts.append(empty_rows(bool(looked.view.filters), looked.view.cleared().search()))
    return [
        *card("Newest sessions", html.Div(parts, className="sessions"), header=_exports(looked)),
        html.Div(_pager(looked, page, has_more, after), className="card-foot pager"),
    ]


def _session(
    looked: Looked, session: SessionRecord, after: str, opened: str, events: list[EventRecord]
) -> html.Div:
    cursor = session_cursor(session)
    is_open = cursor == opened
    view = looked.view.with_tab("after", after)
    href = view.search() if is_open else view.with_tab("session", cursor).search()
    zone = looked.site.zone
    inside: list[Any] = [session_line(session, zone, looked.site.currency, href, is_open)]
    if is_open:
        inside.append(timeline(events, zone, session.events - len(events)))
    return html.Div(inside, className="session is-open" if is_open else "session")


def _pager(looked: Looked, page: list[SessionRecord], has_more: bool, after: str) -> list[Any]:
    links: list[Any] = []
    if after:
        links.append(
            view_link([icon("previous"), "Newest"], looked.view.search(), "after,session", "button")
        )
    if has_more:
        older = looked.view.with_tab("after", session_cursor(page[-1])).search()
        links.append(view_link(["Older", icon("next")], older, "after,session", "button"))
    return links


def _exports(looked: Looked) -> html.Details:
    """The ways to all rows of the view."""
    search = looked.view.search()
    links = [
        html.A(
            [icon("download"), f"{what.capitalize()} ({label})"],
            href=f"/export/{what}.{ending}{search}",
            className="menu-item",
            download="",
        )
        for what in ("sessions", "events")
        for ending, label in FORMATS.items()
    ]
    days = formats.days(looked.scope.first, looked.scope.last)
    note = html.Div(f"all rows, {days}", className="menu-note")
    return menu([icon("download"), "Export"], [*links, note], "menu-right")
