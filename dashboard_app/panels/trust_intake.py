"""What became of the events of the last 24 hours: by hour, and by reason."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from dash import Dash, Output, html

from dashboard_app import formats
from dashboard_app.components.chart import chart
from dashboard_app.components.experiment_parts import table
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.components.states import card
from dashboard_app.data import Data
from dashboard_app.figures.intake import COLOURS, LABELS, intake_figure
from dashboard_app.panels import ids, trust_health
from dashboard_app.trust import Counted, Trust
from sql.intake import IntakeHour, intake_hours

PANEL = "trust-intake"
TITLE = "What became of the events sent"
GRAPH = "trust-intake-graph"
HOURS = 24
MEANING = {
    "stored": "in every report",
    "late": "stored more than 10 minutes after it happened",
    "duplicate": "an event_id that was seen before; counted once",
    "bot": "a known crawler, or a browser under automation; not counted",
    "dnt": "the browser asks not to be tracked; not counted",
    "rejected": "refused with a message that says why",
    "refused": "turned away before it was read",
    "dead_letter": "could not be stored; see below",
}


def layout() -> html.Section:
    """The card's head, the chart's place, and the reasons."""
    head = Markup(card(TITLE, None), id=PANEL, className="contents")
    reasons = Markup(None, id=f"{PANEL}-reasons", className="trust-reasons")
    return html.Section([head, chart(GRAPH, "intake-chart"), reasons], className="card chart-card")


def register(app: Dash, data: Data, trust: Trust) -> None:
    """Adds the panel's callback."""
    ids.TITLES[PANEL] = TITLE

    @app.callback(
        Output(PANEL, "html"),
        Output(f"{PANEL}-reasons", "html"),
        Output(GRAPH, "figure"),
        ids.view_input(),
        ids.tick_input(),
        trust_health.beat(),
    )
    async def intake(search: str, _tick: str, _beats: int) -> tuple[str, str, dict[str, Any]]:
        looked = await data.look(search)
        hours = last_hours(looked.local_now)
        stored, counted = await asyncio.gather(
            data.fresh(intake_hours, looked.site, hours[0]),
            trust.counted(looked.site.slug, hours),
        )
        note = html.Span("last 24 hours, by hour of receipt", className="card-note")
        figure = intake_figure(hours, by_hour(stored, counted))
        return to_html(card(TITLE, None, header=note)), to_html(_reasons(stored, counted)), figure


def last_hours(local_now: datetime) -> list[datetime]:
    """The instants at which the last 24 hours of a zone's clock begin, in that zone."""
    begun = local_now.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    return [
        (begun - timedelta(hours=ago)).astimezone(local_now.tzinfo)
        for ago in range(HOURS - 1, -1, -1)
    ]


def by_hour(stored: list[IntakeHour], counted: list[Counted]) -> dict[tuple[datetime, str], int]:
    """Events by hour and outcome; what was accepted is told by what the writer made of it."""
    found: Counter[tuple[datetime, str]] = Counter()
    for row in stored:
        found[row.hour_at, row.outcome] += row.events
    for count in counted:
        if count.outcome != "accepted":
            found[count.hour_at, count.outcome] += count.events
    return found


def _reasons(stored: list[IntakeHour], counted: list[Counted]) -> html.Div:
    sums: Counter[tuple[str, str]] = Counter()
    for row in stored:
        sums[row.outcome, ""] += row.events
    for count in counted:
        if count.outcome != "accepted":
            sums[count.outcome, count.reason] += count.events
    if not sums:
        return html.Div("Nothing was sent in the last 24 hours", className="empty small")
    total = sum(sums.values())
    order = list(LABELS)
    rows = [
        [
            [
                html.Span(className="swatch", style={"background": COLOURS[outcome]}),
                LABELS[outcome],
                html.Small(reason or MEANING[outcome]),
            ],
            formats.count(events),
            formats.rate(events / total),
        ]
        for (outcome, reason), events in sorted(
            sums.items(), key=lambda item: (order.index(item[0][0]), -item[1], item[0][1])
        )
    ]
    return table(["Outcome", "Events", "Share"], rows, "reasons")
