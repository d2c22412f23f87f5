"""Who came back, and what visitors bring in: by cohort of the first visit."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from dash import Dash, Input, Output, html, no_update

from dashboard_app import formats
from dashboard_app.components.chart import chart
from dashboard_app.components.cohort_table import Cell, CohortRow, cohort_table
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.components.rows import tab_links
from dashboard_app.components.states import empty_rows, skeleton
from dashboard_app.data import Data, Looked
from dashboard_app.figures.retention import retention_figure
from dashboard_app.formats import Number
from dashboard_app.panels import ids
from sql.retention import Cohort, Retention

PANEL = "retention"
TABLE = "retention-table"
GRAPH = "retention-chart"
MOST = 92
"""Cohorts and periods that are drawn; averages are over all."""
SHOWS = {"retention": "Retention", "ltv": "Lifetime value"}
SHOW_TIPS = {
    "retention": "Retention\nThe share of a cohort that came back.",
    "ltv": "Lifetime value\nNet revenue of a cohort from its first day to the end of a period,"
    " divided by all its visitors, buyers or not.",
}
GRAINS = {"day": "Day", "week": "Week", "month": "Month"}
GRAIN_TIPS = {
    key: f"{label}\nA cohort is the {key} of a visitor's first event ever, in the site's time zone."
    for key, label in GRAINS.items()
}
MODES = {"bounded": "Bounded", "unbounded": "Unbounded", "rolling": "Rolling"}
MODE_TIPS = {
    "bounded": "Bounded\nActive in period N, counted by the calendar.",
    "unbounded": "Unbounded\nActive in period N or in any later one.",
    "rolling": "Rolling\nActive between N and N + 1 times 24 hours (168 for weeks, 720 for months)"
    " after the visitor's own first event.",
}
SIZE_TIP = "Visitors\nEverybody whose first event ever falls in the cohort, once."
AVERAGE_TIP = (
    "pooled over the cohorts whose period is complete; hatched periods have not ended and are"
    " left out"
)


@dataclass(frozen=True)
class Shown:
    """What is chosen: retention or lifetime value, the cohorts' grain, the mode."""

    shows: str
    grain: str
    mode: str


def layout() -> html.Section:
    """The heading with its choices, the curve's and the table's place."""
    return html.Section(
        [
            Markup(None, id=PANEL, className="contents"),
            chart(GRAPH, "retention-chart"),
            Markup(skeleton(8), id=TABLE, className="retention-table"),
        ],
        className="card chart-card",
    )


def register(app: Dash, data: Data) -> None:
    """Adds the panel's callback."""
    ids.TITLES[PANEL] = "Retention"

    @app.callback(
        Output(PANEL, "html"),
        Output(TABLE, "html"),
        Output(GRAPH, "figure"),
        ids.view_input(),
        Input(ids.tab_store("shows"), "data"),
        Input(ids.tab_store("grain"), "data"),
        Input(ids.tab_store("mode"), "data"),
        ids.tick_input(),
    )
    async def retention(
        search: str, shows: str, grain: str, mode: str, _tick: str
    ) -> tuple[str, str, Any]:
        looked = await data.look(search)
        shown = chosen(looked, shows, grain, mode)
        answer, as_of = await asyncio.gather(
            data.retention(looked, shown.grain, shown.mode), data.as_of(looked.site)
        )
        found = from_first_visit(answer)
        head = _head(looked, shown)
        if not found.cohorts:
            view = looked.view
            empty = empty_rows(bool(view.filters), view.cleared().search())
            return to_html([head, empty]), "", no_update
        lead = html.P(lead_sentence(shown, found, looked.site.currency), className="retention-lead")
        averages = _averages(shown, found)[:MOST]
        figure = retention_figure(
            GRAINS[shown.grain],
            averages,
            [_values(shown, cohort)[:MOST] for cohort in found.cohorts if cohort.size],
            lambda value: _written(shown, value, looked.site.currency),
            start=int(shown.shows == "retention" and any(averages[1:])),
        )
        return to_html([head, lead]), to_html(_body(looked, shown, found, as_of)), figure


def chosen(looked: Looked, shows: str, grain: str, mode: str) -> Shown:
    """The choices of an address; what it does not say fits the range."""
    days = looked.scope.days
    fitting = "day" if days <= 14 else "week" if days <= 120 else "month"
    what = shows if shows in SHOWS else "retention"
    by = mode if mode in MODES and what == "retention" else "bounded"
    return Shown(what, grain if grain in GRAINS else fitting, by)


def from_first_visit(found: Retention) -> Retention:
    """Without the cohorts before the first that has members; they change no figure."""
    sizes = [cohort.size for cohort in found.cohorts]
    begun = next((number for number, size in enumerate(sizes) if size), len(sizes))
    return replace(found, cohorts=found.cohorts[begun:])


def _head(looked: Looked, shown: Shown) -> html.Header:
    view = looked.view

    def tabs(name: str, labels: dict[str, str], on: str, tips: dict[str, str]) -> html.Nav:
        links = [(key, label, view.with_tab(name, key).search()) for key, label in labels.items()]
        return tab_links(links, on, name, tips)

    choices = [
        tabs("shows", SHOWS, shown.shows, SHOW_TIPS),
        tabs("grain", GRAINS, shown.grain, GRAIN_TIPS),
    ]
    if shown.shows == "retention":
        choices.append(tabs("mode", MODES, shown.mode, MODE_TIPS))
    return html.Header(choices, className="card-header choices")


def _values(shown: Shown, cohort: Cohort) -> Sequence[Number | None]:
    """A cohort's figures by period; None where there is nobody."""
    if shown.shows == "ltv":
        return cohort.ltv
    return [count / cohort.size if cohort.size else None for count in cohort.retained]


def _averages(shown: Shown, found: Retention) -> Sequence[Number | None]:
    return found.average_ltv if shown.shows == "ltv" else found.average


def _written(shown: Shown, value: Number | None, currency: str) -> str:
    return formats.money(value, currency) if shown.shows == "ltv" else formats.rate(value)


def lead_sentence(shown: Shown, found: Retention, currency: str) -> str:
    """The averages in a sentence: of the first period after the cohort's own and of the last."""
    start = 1 if shown.shows == "retention" else 0
    averages = enumerate(_averages(shown, found))
    known = [(n, value) for n, value in averages if n >= start and value is not None]
    told = [f"{_written(shown, value, currency)} by {shown.grain} {n}" for n, value in known]
    if not told:
        return "No period after the first visit is complete yet."
    ends = " and ".join(dict.fromkeys((told[0], told[-1])))
    if shown.shows == "ltv":
        return f"A new visitor brings in {ends}."
    later = " or later" if shown.mode == "unbounded" else ""
    return f"Of new visitors, {ends.replace(' by ', ' in ')}{later} came back."


def _body(looked: Looked, shown: Shown, found: Retention, as_of: datetime) -> list[Any]:
    drawn = found.cohorts[-MOST:]
    currency = looked.site.currency
    top = _top(shown, drawn)
    total = sum(cohort.size for cohort in found.cohorts)
    average = [
        None if value is None else _average_cell(shown, n, value, top, currency)
        for n, value in enumerate(_averages(shown, found)[:MOST])
    ]
    rows = [_row(shown, cohort, top, currency) for cohort in reversed(drawn)]
    unit = GRAINS[shown.grain]
    mean = CohortRow("Average", formats.count(total), average)
    until = min(as_of, found.as_of.astimezone(looked.site.zone))
    told = f"exact · as of {_moment(until)} · hatched: not complete yet · thin: single cohorts"
    notes = [html.Span(told)]
    if len(found.cohorts) > MOST:
        notes.append(
            html.Span(f"the newest {MOST} of {len(found.cohorts)} cohorts; the average is of all")
        )
    foot = html.P(notes, className="card-note retention-note")
    return [cohort_table(unit, SIZE_TIP, mean, rows), foot]


def _moment(instant: datetime) -> str:
    return f"{formats.day(instant)}, {formats.clock(instant)}"


def _top(shown: Shown, cohorts: Sequence[Cohort]) -> float:
    """The value that has the full colour; of retention, the cohorts' own period aside."""
    start = 1 if shown.shows == "retention" else 0
    values = [value for cohort in cohorts for value in _values(shown, cohort)[start:MOST]]
    return max((float(value) for value in values if value is not None), default=0.0) or 1.0


def _strength(value: Number, top: float) -> float:
    return min(1.0, max(0.0, float(value) / top))


def _average_cell(shown: Shown, n: int, value: Number, top: float, currency: str) -> Cell:
    text = _written(shown, value, currency)
    unit = GRAINS[shown.grain]
    return Cell(text, _strength(value, top), f"Average, {unit.lower()} {n}: {text}\n{AVERAGE_TIP}")


def _row(shown: Shown, cohort: Cohort, top: float, currency: str) -> CohortRow:
    cells = [
        None
        if value is None
        else Cell(
            _written(shown, value, currency),
            _strength(value, top),
            _hint(shown, cohort, n, value, currency),
            cohort.complete[n],
        )
        for n, value in enumerate(_values(shown, cohort)[:MOST])
    ]
    return CohortRow(cohort_label(shown.grain, cohort.cohort), formats.count(cohort.size), cells)


def cohort_label(grain: str, first: date) -> str:
    """A cohort by its first local day: 4 Aug 2025; August 2025."""
    return f"{first:%b %Y}" if grain == "month" else f"{first.day} {first:%b %Y}"


def _hint(shown: Shown, cohort: Cohort, n: int, value: Number, currency: str) -> str:
    size = formats.count(cohort.size)
    label = cohort_label(shown.grain, cohort.cohort)
    whose = f"{'week of ' if shown.grain == 'week' else ''}{label}"
    if shown.shows == "ltv":
        revenue = formats.exact_money(cohort.revenue[n], currency)
        told = f"{revenue} of {size} visitors: {formats.money(value, currency)} each"
    else:
        told = f"{formats.count(cohort.retained[n])} of {size} visitors: {formats.rate(value)}"
    lines = [f"{GRAINS[shown.grain]} {n} of the cohort of {whose}", told]
    if not cohort.complete[n]:
        lines.append("Not complete yet; left out of the average")
    return "\n".join(lines)
