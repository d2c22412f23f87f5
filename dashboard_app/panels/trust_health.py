"""How far the reports are, what waits, and when each site was last heard of."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from dash import Dash, Input, Output, dcc, html

from dashboard_app import formats
from dashboard_app.components.experiment_parts import table
from dashboard_app.components.links import view_link
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.components.states import card, skeleton
from dashboard_app.data import Data, Looked
from dashboard_app.panels import ids
from dashboard_app.trust import Trust, Waiting
from sql.intake import Freshness, LastEvent, freshness, last_events

PANEL = "trust-health"
REPORTS = "trust-reports"
SITES = "trust-sites"
CLOCK = "trust-clock"
EVERY_S = 5
MINUTE = timedelta(minutes=1)
"""Receipts are counted by the minute: the last one came before its end."""
SLOW_S = 10.0
"""Events are in every report within this time; more is worth a look."""


def beat() -> Input:
    """The clock of the page's panels."""
    return Input(CLOCK, "n_intervals")


def layout() -> html.Div:
    """Skeletons, and the clock."""
    waiting = html.Div(skeleton(3), className="card padded")
    return html.Div(
        [dcc.Interval(id=CLOCK, interval=EVERY_S * 1000), Markup(waiting, id=PANEL)],
    )


def cards_layout() -> html.Div:
    """The cards of the reports and of the sites."""
    return html.Div(
        [
            Markup(card("Freshness of the reports", skeleton(6)), id=REPORTS, className="card"),
            Markup(card("Last event by site", skeleton(6)), id=SITES, className="card"),
        ],
        className="cards",
    )


def register(app: Dash, data: Data, trust: Trust) -> None:
    """Adds the callbacks of both cards."""
    ids.TITLES[PANEL] = "The state of the reports"
    ids.TITLES[SITES] = "The sites"

    @app.callback(
        Output(PANEL, "html"),
        Output(REPORTS, "html"),
        ids.view_input(),
        ids.tick_input(),
        beat(),
    )
    async def health(search: str, _tick: str, _beats: int) -> tuple[str, str]:
        looked = await data.look(search)
        state, waiting, as_of = await asyncio.gather(
            data.fresh(freshness, looked.site),
            trust.waiting(looked.site.site_id, looked.now),
            data.as_of(looked.site),
        )
        reports = card("Freshness of the reports", _reports(looked, state, waiting))
        return to_html(_tiles(state, waiting, as_of)), to_html(reports)

    @app.callback(Output(SITES, "html"), ids.view_input(), ids.tick_input(), beat())
    async def sites(search: str, _tick: str, _beats: int) -> str:
        looked = await data.look(search)
        found = await data.fresh(last_events)
        return to_html(card("Last event by site", _sites(looked, found)))


def _tiles(state: Freshness, waiting: Waiting, as_of: datetime) -> html.Div:
    lag_s = max(0.0, (state.asked_at - as_of).total_seconds())
    dead = [label for label, is_alive in waiting.alive.items() if not is_alive]
    tiles = [
        ("As of", formats.clock(as_of), "everything received before is in every report", False),
        ("Lag", seconds(lag_s), "from receipt to the reports", lag_s > SLOW_S),
        (
            "Backlog",
            formats.count(waiting.batches),
            f"batches wait, the oldest for {seconds(waiting.oldest_s)}"
            if waiting.batches
            else "nothing waits to be stored",
            waiting.oldest_s > SLOW_S,
        ),
        (
            "Processes",
            "all running" if not dead else f"{len(dead)} silent",
            ", ".join(dead or waiting.alive),
            bool(dead),
        ),
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.Span(label, className="tile-label"),
                    html.Span(value, className="tile-value is-bad" if is_bad else "tile-value"),
                    html.Small(hint),
                ],
                className="trust-tile",
            )
            for label, value, hint, is_bad in tiles
        ],
        className="card trust-tiles",
    )


def _reports(looked: Looked, state: Freshness, waiting: Waiting) -> Any:
    written = state.written_until
    clock = formats.clock(written.astimezone(looked.site.zone)) if written else formats.NOTHING
    behind = _of(waiting.batches, "batch", "batches") if waiting.batches else f"up to {clock}"
    days = formats.day(state.trends_day) if state.trends_day else "not enough days yet"
    rows = [
        ["Raw events", behind],
        ["Sessions and visitors", _since(state, state.waiting_sessions)],
        ["Rollups of events", _since(state, state.waiting_rollups)],
        ["One-minute KPIs", _of(state.waiting_minutes, "minute", "minutes")],
        ["Retention", _of(state.waiting_cohorts, "change", "changes")],
        ["Experiments", _of(state.waiting_units, "visitor", "visitors")],
        ["KPI trends", days],
    ]
    return table(["Report", "State"], rows)


def _since(state: Freshness, oldest: datetime | None) -> str:
    if oldest is None:
        return "up to date"
    return f"{seconds((state.asked_at - oldest).total_seconds())} behind"


def _of(number: int, one: str, many: str) -> str:
    return (
        f"{formats.count(number)} {one if number == 1 else many} waiting"
        if number
        else ("up to date")
    )


def seconds(value: float) -> str:
    """0.4s below ten seconds, then 42s, 3m 05s."""
    return f"{value:.1f}s" if value < 10 else formats.duration(value)


def _sites(looked: Looked, found: list[LastEvent]) -> Any:
    rows = [
        [
            view_link(
                site.name, looked.view.on_site(site.slug).search(), "site,filters", "text-link"
            ),
            _ago(looked.now, site.last_at),
            _ago(looked.now, site.received_minute and site.received_minute + MINUTE),
            formats.count(site.events_24h),
        ]
        for site in found
    ]
    return table(["Site", "Newest event", "Last received", "Stored in 24 h"], rows)


def _ago(now: datetime, at: datetime | None) -> str:
    if at is None:
        return "never"
    passed = (now - at).total_seconds()
    if passed < 60:
        return "now"
    if passed < 48 * 3600:
        return f"{formats.duration(passed // 60 * 60).removesuffix(' 00s')} ago"
    return f"{formats.count(passed // 86400)} days ago"
