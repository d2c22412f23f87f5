"""What happens on the site now: visitors, page views by minute, where from, and each event."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html

from dashboard_app import formats
from dashboard_app.clientside import in_browser
from dashboard_app.components.markup import Html, Markup, to_html
from dashboard_app.components.rows import Row, row_list
from dashboard_app.components.states import card, skeleton
from dashboard_app.components.world import world_map
from dashboard_app.data import Data, Looked
from dashboard_app.dimensions import value_label
from dashboard_app.panels import ids
from dashboard_app.panels.locations import on_map
from dashboard_app.pushing import Pushes, Shared, Shown, Wish
from sql.realtime import LatestEvent, Realtime

NOW = "realtime-now"
PAGES = "realtime-pages"
SOURCES = "realtime-sources"
STREAM = "realtime-stream"
COUNTRIES = "realtime-countries"
PAUSE = "realtime-pause"
CLOCK = "realtime-clock"
WATCH, WISH, BEAT = "realtime-watch", "realtime-wish", "realtime-beat"
EVERY_S = 1
SHOWN = 30
PARTS = (NOW, PAGES, SOURCES, COUNTRIES, STREAM)
"""What is drawn, in the order of `look`."""


def layout() -> html.Div:
    """Skeletons, the pause button and the clocks."""
    pause = html.Button("Pause", id=PAUSE, className="button", type="button")
    return html.Div(
        [
            *(dcc.Interval(id=clock, interval=EVERY_S * 1000) for clock in (CLOCK, WATCH)),
            *(dcc.Store(id=store) for store in (WISH, BEAT)),
            html.Header([html.H1("Realtime"), pause], className="page-head"),
            Markup(skeleton(5), id=NOW, className="card realtime-now"),
            html.Div(
                [
                    Markup(card("Pages", skeleton(5)), id=PAGES, className="card"),
                    Markup(card("Sources", skeleton(5)), id=SOURCES, className="card"),
                    Markup(card("Countries", world_map([])), id=COUNTRIES, className="card"),
                    Markup(card("Events", skeleton(5)), id=STREAM, className="card"),
                ],
                className="cards",
            ),
        ],
        className="stack no-period",
    )


def register(app: Dash, data: Data) -> None:
    """Adds the callbacks: a push every second, a look every second where none comes, the pause."""
    ids.TITLES[NOW] = "Realtime"
    shared = Shared(partial(look, data))
    pushes = Pushes(shared, PARTS, WISH, BEAT)
    in_browser(
        app,
        "realtime",
        Output(PAUSE, "children"),
        Output(CLOCK, "disabled"),
        Output(WISH, "data"),
        ids.site_input(),
        Input(PAUSE, "n_clicks"),
        Input(WATCH, "n_intervals"),
        Input(BEAT, "data"),
        State(WISH, "data"),
        initially=True,
    )

    @app.callback(
        *(Output(part, "html") for part in PARTS), ids.site_input(), Input(CLOCK, "n_intervals")
    )
    async def now(search: str, _beats: int) -> Shown:
        return await shared.look(search)

    @app.callback(
        Input(WISH, "data"),
        websocket=True,
        persistent=True,
        prevent_initial_call=True,
        on_error=lambda _error: None,
    )
    async def push(wish: Wish | None) -> None:
        if ctx.websocket is not None and wish:
            await pushes.serve(ctx.websocket, wish)


async def look(data: Data, search: str | None) -> Shown:
    """What the page shows of a view's site at this second."""
    looked = await data.look(search)
    found, events = await asyncio.gather(
        data.realtime(looked.site), data.latest_events(looked.site)
    )
    places = on_map(looked, [(row["country"], row["visitors"]) for row in found.countries])
    return (
        to_html(_now(found)),
        to_html(card("Pages", _rows(looked, "page", found.top_pages))),
        to_html(card("Sources", _rows(looked, "source", found.top_sources))),
        to_html(card("Countries", world_map(places))),
        to_html(card("Events", _stream(looked, events[:SHOWN]))),
    )


def _now(found: Realtime) -> list[Any]:
    most = max(found.per_minute) or 1
    bars = [
        html.Span(
            style={"height": f"{100 * views / most:.1f}%"},
            title=f"{formats.count(views)} page views, {_minutes_ago(len(found.per_minute) - at)}",
        )
        for at, views in enumerate(found.per_minute, 1)
    ]
    people = "visitor" if found.current_visitors == 1 else "visitors"
    figures = [
        html.Strong(formats.count(found.current_visitors), className="realtime-figure"),
        html.Span(f"current {people}"),
        html.Small(f"{formats.count(found.pageviews_5m)} page views in five minutes"),
    ]
    axis = html.Div([html.Span("30 minutes ago"), html.Span("now")], className="minute-axis")
    return [
        html.Div(figures, className="realtime-figures"),
        html.Div([html.Div(bars, className="minute-bars"), axis], className="minutes"),
    ]


def _minutes_ago(minutes: int) -> str:
    return "this minute" if minutes == 0 else f"{minutes} min ago"


def _rows(looked: Looked, dimension: str, found: Sequence[dict[str, Any]]) -> html.Div | Html:
    if not found:
        return html.Div("Nobody in the last 30 minutes", className="empty small")
    most = max(row["visitors"] for row in found) or 1
    rows = [
        Row(
            label=value_label(dimension, row[dimension]),
            text=formats.count(row["visitors"]),
            href=None,
            share=row["visitors"] / most,
        )
        for row in found
    ]
    return row_list(dimension.capitalize(), "Visitors", rows, False)


def _stream(looked: Looked, events: Sequence[LatestEvent]) -> html.Div:
    if not events:
        return html.Div("No event in the last 30 minutes", className="empty small")
    return html.Div([_event(looked, event) for event in events], className="stream")


def _event(looked: Looked, event: LatestEvent) -> html.Div:
    about = [
        value_label("country", event.country) if event.country else None,
        value_label("device", event.device) if event.device else None,
        event.browser,
        event.source,
    ]
    if event.value is not None:
        about.append(formats.exact_money(event.value, event.currency or looked.site.currency))
    return html.Div(
        [
            html.Span(formats.clock(event.at.astimezone(looked.site.zone)), className="stream-at"),
            html.Span(event.name, className="stream-name"),
            html.Span(event.page or "", className="stream-page"),
            html.Small(" · ".join(text for text in about if text)),
        ],
        className="stream-event",
    )
