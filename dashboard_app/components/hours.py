"""Visitors by weekday and hour: a square each, whose colour says how many.

Plain HTML, because a filter draws it anew and Plotly takes many times as long.
"""

from collections.abc import Callable, Sequence

from dash import html

from dashboard_app import formats
from dashboard_app.components.links import FILTERS, tip, view_link
from dashboard_app.dimensions import WEEKDAYS
from sql.traffic import HourCell

HOURS = range(24)
MARKED = 3
"""Every third hour is written below the squares."""


def hours_table(
    cells: Sequence[HourCell],
    href: Callable[[int, int], str],
    is_chosen: Callable[[int, int], bool],
) -> html.Div:
    """Monday on top; a click on a square follows `href(weekday, hour)`."""
    counts = {(cell.weekday, cell.hour): cell.visitors for cell in cells}
    most = max(counts.values(), default=0) or 1

    def square(day: int, hour: int) -> html.A:
        visitors = counts.get((day, hour), 0)
        return view_link(
            None,
            href(day, hour),
            FILTERS,
            "hour is-on" if is_chosen(day, hour) else "hour",
            style={"--s": f"{visitors / most * 100:.0f}%"},
            tabIndex="-1",
            **tip(_text(day, hour, visitors)),
        )

    rows = [
        html.Div([html.Span(name[:3]), *(square(day, hour) for hour in HOURS)], className="day")
        for day, name in enumerate(WEEKDAYS, 1)
    ]
    marks = [html.Span(f"{hour:02d}h") for hour in HOURS[::MARKED]]
    return html.Div(
        [*rows, html.Div([html.Span(), *marks], className="day marks")], className="hours"
    )


def _text(day: int, hour: int, visitors: int) -> str:
    span = f"{hour:02d}:00–{(hour + 1) % 24:02d}:00"
    people = "visitor" if visitors == 1 else "visitors"
    return f"{WEEKDAYS[day - 1]}, {span}\n{formats.count(visitors)} {people}"
