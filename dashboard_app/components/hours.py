"""Visitors by weekday and hour: a square each, whose colour says how many.

Plain HTML written without components, because a filter draws all of it anew.
"""

from collections.abc import Callable, Sequence
from html import escape

from dashboard_app import formats
from dashboard_app.components.links import FILTERS
from dashboard_app.components.markup import Html
from dashboard_app.dimensions import WEEKDAYS
from sql.traffic import HourCell

HOURS = range(24)
MARKED = 3
"""Every third hour is written below the squares."""


def hours_table(
    cells: Sequence[HourCell],
    href: Callable[[int, int], str],
    is_chosen: Callable[[int, int], bool],
) -> Html:
    """Monday on top; a click on a square follows `href(weekday, hour)`.

    One square is a tab stop, the arrow keys lead to the others (`assets/navigation.js`).
    """
    counts = {(cell.weekday, cell.hour): cell.visitors for cell in cells}
    most = max(counts.values(), default=0) or 1
    places = [(day, hour) for day in range(1, 8) for hour in HOURS]
    stop = next((place for place in places if is_chosen(*place)), places[0])

    def square(day: int, hour: int) -> str:
        visitors = counts.get((day, hour), 0)
        shown = 'hour is-on" aria-current="true' if is_chosen(day, hour) else "hour"
        return (
            f'<a class="{shown}" aria-label="{_text(day, hour, visitors)}" data-tip=""'
            f' data-sets="{FILTERS}" href="{escape(href(day, hour))}"'
            f' style="--s:{visitors / most * 100:.0f}%" tabindex="{-((day, hour) != stop)}"></a>'
        )

    rows = [
        f'<div class="day"><span>{name[:3]}</span>{"".join(square(day, at) for at in HOURS)}</div>'
        for day, name in enumerate(WEEKDAYS, 1)
    ]
    marks = "".join(f"<span>{hour:02d}h</span>" for hour in HOURS[::MARKED])
    return Html(
        f'<div aria-label="Visitors by weekday and hour" class="hours" data-roving="{len(HOURS)}"'
        f' role="group">{"".join(rows)}<div class="day marks"><span></span>{marks}</div></div>'
    )


def _text(day: int, hour: int, visitors: int) -> str:
    span = f"{hour:02d}:00–{(hour + 1) % 24:02d}:00"
    people = "visitor" if visitors == 1 else "visitors"
    return f"{WEEKDAYS[day - 1]}, {span}\n{formats.count(visitors)} {people}"
