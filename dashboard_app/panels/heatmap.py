"""When visitors come: weekday by hour."""

from collections.abc import Callable
from functools import cache
from urllib.parse import quote

from dash import Output, html

from dashboard_app.components.hours import hours_table
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.components.states import card, empty_rows, skeleton
from dashboard_app.data import Data
from dashboard_app.filters import Clause, ViewState
from dashboard_app.panels import ids
from dashboard_app.panels.group import Panel

PANEL = "hours"
TITLE = "Time of day"
DAY, HOUR = "\ue000", "\ue001"
"""Stand for the numbers in a query string; characters that no standard gives a meaning."""


def layout() -> Markup:
    """The card with a grey block."""
    return Markup(card(TITLE, skeleton(height="318px")), id=PANEL, className="card")


def panel(data: Data) -> Panel:
    """What draws the card."""

    async def heatmap(search: str, _tick: int) -> str:
        looked = await data.look(search)
        view = looked.view
        cells = await data.heatmap(looked.scope)
        if not any(cell.visitors for cell in cells):
            return to_html(card(TITLE, empty_rows(bool(view.filters), view.cleared().search())))
        table = hours_table(cells, hour_links(view), lambda *place: is_chosen(view, *place))
        zone = html.Span(looked.site.timezone, className="card-note")
        return to_html(card(TITLE, table, header=zone))

    return Panel(TITLE, [Output(PANEL, "html")], [ids.view_input(), ids.tick_input()], heatmap)


def hour_links(view: ViewState) -> Callable[[int, int], str]:
    """Where a click on a square leads: `hour_toggled` as a query string.

    Squares that are not chosen differ in two numbers only, so theirs are put into one string.
    """
    pattern = view.filtered(_clause("weekday", DAY)).filtered(_clause("hour", HOUR)).search()
    day_mark, hour_mark = quote(DAY), quote(HOUR)

    def href(day: int, hour: int) -> str:
        if is_chosen(view, day, hour):
            return hour_toggled(view, day, hour).search()
        return pattern.replace(day_mark, str(day)).replace(hour_mark, str(hour))

    return href


def hour_toggled(view: ViewState, day: int, hour: int) -> ViewState:
    """A click on a square: sessions that start in this hour of this weekday, or all again."""
    clauses = _clauses(day, hour)
    if is_chosen(view, day, hour):
        return view.without(clauses[0]).without(clauses[1])
    return view.filtered(clauses[0]).filtered(clauses[1])


def is_chosen(view: ViewState, day: int, hour: int) -> bool:
    """Whether this hour of this weekday is filtered by."""
    return bool(view.filters) and all(c in view.filters for c in _clauses(day, hour))


@cache
def _clauses(day: int, hour: int) -> tuple[Clause, Clause]:
    return _clause("weekday", str(day)), _clause("hour", str(hour))


def _clause(dimension: str, value: str) -> Clause:
    return Clause("is", dimension, (value,))
