"""When visitors come: weekday by hour."""

from typing import Any

from dash import Dash, Output, dcc, html
from sql.filters import is_dimension

from dashboard_app.components.states import card, empty_rows, skeleton
from dashboard_app.data import Data
from dashboard_app.figures.heatmap import HEIGHT, heatmap_figure
from dashboard_app.figures.style import CONFIG
from dashboard_app.filters import Clause, ViewState
from dashboard_app.panels import ids

PANEL = "hours"
TITLE = "Time of day"
GRAPH = {"pick": "hours"}


def layout() -> html.Section:
    """The card with a grey block of the figure's height."""
    return html.Section(card(TITLE, skeleton(height=f"{HEIGHT}px")), id=PANEL, className="card")


def register(app: Dash, data: Data) -> None:
    """Adds the panel's callback."""
    ids.TITLES[PANEL] = TITLE

    @app.callback(Output(PANEL, "children"), ids.view_input(), ids.tick_input())
    async def heatmap(search: str, _tick: int) -> list[Any]:
        looked = await data.look(search)
        view = looked.view
        cells = await data.heatmap(looked.scope)
        if not any(cell.visitors for cell in cells):
            return card(TITLE, empty_rows(bool(view.filters), view.cleared().search()))
        figure = heatmap_figure(cells, lambda day, hour: _href(view, day, hour))
        graph = dcc.Graph(id=GRAPH, figure=figure, config=CONFIG, style={"height": f"{HEIGHT}px"})
        zone = html.Span(looked.site.timezone, className="card-note")
        return card(TITLE, graph, header=zone)


def _href(view: ViewState, day: int, hour: int) -> str | None:
    known = is_dimension("weekday") and is_dimension("hour")
    return hour_toggled(view, day, hour).search() if known else None


def hour_toggled(view: ViewState, day: int, hour: int) -> ViewState:
    """A click on a cell: sessions that start in this hour of this weekday, or all again."""
    clauses = Clause("is", "weekday", (str(day),)), Clause("is", "hour", (str(hour),))
    if all(clause in view.filters for clause in clauses):
        return view.without(clauses[0]).without(clauses[1])
    return view.filtered(clauses[0]).filtered(clauses[1])
