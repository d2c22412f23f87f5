"""How many get how far through the steps, how long it takes, and by what it differs."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

from dash import Output, html

from dashboard_app import formats
from dashboard_app.components.experiment_parts import table
from dashboard_app.components.funnel_chart import Bar, funnel_chart
from dashboard_app.components.links import FILTERS, view_link
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.components.states import card, skeleton
from dashboard_app.data import Data, Looked
from dashboard_app.dimensions import label_of, value_label
from dashboard_app.funnel_state import FunnelState
from dashboard_app.panels import ids
from dashboard_app.panels.funnel_steps import current, inputs, window_text
from dashboard_app.panels.group import Panel
from sql.funnels import FunnelRow, check_funnel, matures_at

PANEL = "funnel"
SPLIT = "funnel-split"
SHOWN = 12
FEW = ("Add the steps of a way through the site", "A funnel has at least two steps: add another")


def layout() -> html.Div:
    """Skeletons of the chart and the split."""
    return html.Div(
        [
            Markup(skeleton(8, "300px"), id=PANEL, className="card padded"),
            Markup(None, id=SPLIT),
        ],
        className="stack",
    )


def panel(data: Data) -> Panel:
    """What draws the funnel and its split."""

    async def funnel(search: str, *said: str) -> tuple[str, str]:
        looked = await data.look(search)
        state = await current(data, looked, said[:-1])
        if len(state.steps) < 2:
            return to_html(html.Div(FEW[len(state.steps)], className="empty")), ""
        check_funnel(state.funnel)
        rows, split, as_of = await asyncio.gather(
            data.funnel(looked.scope, state.funnel, 1),
            _split(data, looked, state),
            data.as_of(looked.site),
        )
        return to_html(_chart(looked, state, rows[0], as_of)), to_html(
            _table(looked, state, rows[0], split)
        )

    outputs = [Output(PANEL, "html"), Output(SPLIT, "html")]
    return Panel("The funnel", outputs, [ids.view_input(), *inputs(), ids.tick_input()], funnel)


async def _split(data: Data, looked: Looked, state: FunnelState) -> list[FunnelRow]:
    """The funnel by the values of a dimension with the most entrants."""
    if state.by is None:
        return []
    return await data.funnel(looked.scope, replace(state.funnel, dimension=state.by), SHOWN)


def people(state: FunnelState) -> str:
    """Whom the funnel counts."""
    return f"{state.per}s"


def _chart(looked: Looked, state: FunnelState, row: FunnelRow, as_of: datetime) -> Any:
    if not row.counts[0]:
        return html.Div(_nobody(looked, state), className="empty")
    figures = zip(state.steps, row.counts, row.from_first, row.from_previous, strict=True)
    bars = [Bar(step.text, count, first, before) for step, count, first, before in figures]
    foot = [html.Span(f"exact · as of {formats.day(as_of)}, {formats.clock(as_of)}")]
    if matures_at(looked.scope, state.funnel) > looked.now:
        within = window_text(state.window_s).lower()
        foot.append(html.Span(f"the last to enter still have time: {within} of their first step"))
    return [
        html.P(lead_sentence(state, row), className="funnel-lead"),
        funnel_chart(bars, people(state)),
        html.P(foot, className="card-note retention-note"),
    ]


def _nobody(looked: Looked, state: FunnelState) -> list[Any]:
    told: list[Any] = [f"No {state.per} of this period reaches {state.steps[0].text!r}. "]
    if looked.view.filters:
        href = looked.view.cleared().search()
        told.append(view_link("Clear the filters", href, FILTERS, "text-link"))
    return [html.P(told)]


def lead_sentence(state: FunnelState, row: FunnelRow) -> str:
    """How many go all the way, and how long it takes them."""
    whole = formats.rate(row.from_first[-1])
    told = f"{whole} of {formats.count(row.counts[0])} {people(state)} go all the way"
    if row.median_s is None:
        return f"{told}."
    return f"{told}, half of them within {formats.duration(row.median_s)}."


def _table(looked: Looked, state: FunnelState, whole: FunnelRow, split: list[FunnelRow]) -> Any:
    if not state.by or not whole.counts[0]:
        return None
    label = label_of(state.by)
    head = [label, *(step.text for step in state.steps), "All the way", "Median time"]
    rows = [_cells("Everybody", whole)]
    rows += [_cells(_value(looked, state.by, row.value), row) for row in split]
    note = html.Span(f"{people(state)} by step", className="card-note")
    body = table(head, rows, "funnel-table")
    return html.Section(card(f"By {label.lower()}", body, header=note), className="card")


def _cells(name: Any, row: FunnelRow) -> list[Any]:
    steps = [
        [formats.count(count), html.Small(formats.rate(rate) if index else "\u00a0")]
        for index, (count, rate) in enumerate(zip(row.counts, row.from_first, strict=True))
    ]
    return [name, *steps, formats.rate(row.from_first[-1]), formats.duration(row.median_s)]


def _value(looked: Looked, dimension: str, value: str | None) -> Any:
    text = value_label(dimension, value)
    if not value:
        return text
    return view_link(text, looked.view.toggled(dimension, value).search(), FILTERS, "text-link")
