"""A session in a line, and its events on a timeline."""

import json
from typing import Any
from zoneinfo import ZoneInfo

from dash import html

from dashboard_app import formats
from dashboard_app.components.links import aria, view_link
from dashboard_app.dimensions import value_label
from sql.analytics import EventRecord, SessionRecord

NAMES = {"page_view": "Page view", "engagement": "Engagement"}


def session_line(
    session: SessionRecord, zone: ZoneInfo, currency: str, href: str, is_open: bool
) -> html.A:
    """When, who, from where, on which way, and what came of it; a click opens or closes it."""
    at = session.started_at.astimezone(zone)
    people = session.user_id or f"visitor {session.visitor_id[-6:]}"
    about = [
        value_label("country", session.country) if session.country else None,
        value_label("device", session.device) if session.device else None,
        session.browser,
        session.source,
    ]
    way = " → ".join(dict.fromkeys(filter(None, (session.entry_page, session.exit_page))))
    came: list[Any] = [html.Span(_events(session.events))]
    came.append(html.Span(formats.duration(session.duration_s)))
    if session.revenue_net:
        came.append(html.Strong(formats.exact_money(session.revenue_net, currency)))
    elif session.conversions:
        came.append(html.Strong("converted"))
    return view_link(
        [
            html.Span([html.Span(f"{at:%H:%M:%S}"), html.Small(formats.day(at))], className="when"),
            html.Span(
                [html.Span(people, className="who"), html.Small(" · ".join(filter(None, about)))]
            ),
            html.Span(way or formats.NOTHING, className="way", title=way),
            html.Span(came, className="came"),
        ],
        href,
        "session",
        "session-line is-open" if is_open else "session-line",
        **aria(expanded=str(is_open).lower()),
    )


def _events(number: int) -> str:
    return "1 event" if number == 1 else f"{formats.count(number)} events"


def timeline(events: list[EventRecord], zone: ZoneInfo, left_out: int) -> html.Ol:
    """The events of a session, oldest first; `left_out` says how many older ones are not shown."""
    start = events[0].at if events else None
    items = [_event(event, zone, (event.at - start).total_seconds()) for event in events if start]
    if left_out:
        items.insert(0, html.Li(f"{formats.count(left_out)} earlier events are not shown"))
    return html.Ol(items, className="timeline")


def _event(event: EventRecord, zone: ZoneInfo, passed_s: float) -> html.Li:
    at = event.at.astimezone(zone)
    about: list[str] = []
    if event.value is not None and event.currency:
        about.append(formats.exact_money(event.value, event.currency))
    if event.duration_ms:
        about.append(f"{formats.duration(event.duration_ms / 1000)} engaged")
    about += [f"{key}: {_text(value)}" for key, value in (event.properties or {}).items()]
    names = ["timeline-event"] + (["is-conversion"] if event.is_conversion else [])
    return html.Li(
        [
            html.Span(f"+{formats.duration(passed_s)}", className="passed", title=f"{at:%H:%M:%S}"),
            html.Span(NAMES.get(event.name, event.name), className="stream-name"),
            html.Span(event.page or "", className="stream-page"),
            html.Small(" · ".join(about)) if about else None,
        ],
        className=" ".join(names),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
