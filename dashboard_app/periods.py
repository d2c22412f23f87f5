"""Stepping through time in local days."""

from datetime import date, timedelta

from dashboard_app.filters import ViewState


def shifted(view: ViewState, first: date, last: date, today: date, steps: int) -> ViewState | None:
    """The view one period earlier (steps = −1) or later (+1) than the shown days.

    Whole months, and months to date, step by month; everything else by its length. None where
    there is nothing to step to: all time, or a period that has not begun.
    """
    if view.first is None and view.period == "all":
        return None
    if _is_month(view, first, last):
        start = _month(first, steps)
        moved = start, _month(start, 1) - timedelta(days=1)
    else:
        length = timedelta(days=(last - first).days + 1)
        moved = first + length * steps, last + length * steps
    if moved[0] > today:
        return None
    return _named(view, *moved, today)


def _is_month(view: ViewState, first: date, last: date) -> bool:
    named = view.first is None and view.period == "month"
    return named or (first.day == 1 and _month(first, 1) - timedelta(days=1) == last)


def _month(day: date, steps: int) -> date:
    months = day.year * 12 + day.month - 1 + steps
    return date(months // 12, months % 12 + 1, 1)


def _named(view: ViewState, first: date, last: date, today: date) -> ViewState:
    """A preset where the days are just its days, so that the link stays true tomorrow."""
    if first == _month(today, 0) and last >= today:
        return view.in_period("month")
    lengths = {1: "today", 7: "7d", 30: "30d", 90: "90d"}
    preset = lengths.get((last - first).days + 1)
    if last == today and preset:
        return view.in_period(preset)
    return view.between(first, last)
