"""When visitors come: weekday by hour."""

from typing import Any

from dash import Output, html, no_update

from dashboard_app.components.chart import chart
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.components.states import card, empty_rows
from dashboard_app.data import Data
from dashboard_app.figures.heatmap import heatmap_figure
from dashboard_app.filters import Clause, ViewState
from dashboard_app.panels import ids
from dashboard_app.panels.group import Panel

PANEL = "hours"
TITLE = "Time of day"
GRAPH = {"pick": "hours"}


def layout() -> html.Section:
    """The card's head and the chart's place."""
    head = Markup(card(TITLE, None), id=PANEL, className="contents")
    return html.Section([head, chart(GRAPH, "hours-chart")], className="card chart-card")


def panel(data: Data) -> Panel:
    """What draws the panel."""

    async def heatmap(search: str, _tick: int) -> tuple[str, Any]:
        looked = await data.look(search)
        view = looked.view
        cells = await data.heatmap(looked.scope)
        if not any(cell.visitors for cell in cells):
            empty = empty_rows(bool(view.filters), view.cleared().search())
            return to_html(card(TITLE, empty)), no_update
        figure = heatmap_figure(cells, lambda day, hour: hour_toggled(view, day, hour).search())
        zone = html.Span(looked.site.timezone, className="card-note")
        return to_html(card(TITLE, None, header=zone)), figure

    return Panel(
        TITLE,
        [Output(PANEL, "html"), Output(GRAPH, "figure")],
        [ids.view_input(), ids.tick_input()],
        heatmap,
    )


def hour_toggled(view: ViewState, day: int, hour: int) -> ViewState:
    """A click on a cell: sessions that start in this hour of this weekday, or all again."""
    clauses = Clause("is", "weekday", (str(day),)), Clause("is", "hour", (str(hour),))
    if all(clause in view.filters for clause in clauses):
        return view.without(clauses[0]).without(clauses[1])
    return view.filtered(clauses[0]).filtered(clauses[1])
