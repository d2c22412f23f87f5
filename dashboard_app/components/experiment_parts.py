"""Parts of the experiment pages: badges, tables, intervals drawn without a chart library."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from dashboard_app.experiment_texts import TONES


@dataclass(frozen=True)
class IntervalRow:
    """A difference to control: the estimate, its one-look and its peek-safe interval."""

    label: str
    text: str
    note: str
    tone: str
    estimate: float | None
    one_look: tuple[float, float] | None
    peek_safe: tuple[float, float] | None


def badge(outcome: str) -> html.Span:
    """A verdict in one word."""
    return html.Span(outcome, className=f"verdict {TONES[outcome]}")


def table(head: Sequence[Any], rows: Sequence[Sequence[Any]], class_name: str = "") -> html.Div:
    """A plain table that scrolls sideways where it must; the first column is a heading."""
    body = [
        html.Tr([html.Th(row[0], scope="row"), *(html.Td(cell) for cell in row[1:])])
        for row in rows
    ]
    inside = [html.Thead(html.Tr([html.Th(cell, scope="col") for cell in head])), html.Tbody(body)]
    return html.Div(html.Table(inside, className=f"plain {class_name}"), className="scroll-x")


def interval_plot(rows: Sequence[IntervalRow], left: str, right: str) -> html.Div:
    """Intervals on one axis around 0; `left` and `right` name its ends."""
    reach = max((abs(end) for row in rows for end in _ends(row)), default=0.0) or 1.0
    scale = [html.Span(left), html.Span("0"), html.Span(right)]
    axis = html.Div(
        [html.Span(), html.Div(scale, className="interval-scale")], className="interval"
    )
    return html.Div([*(_interval(row, reach) for row in rows), axis], className="intervals")


def _ends(row: IntervalRow) -> list[float]:
    return [*(row.one_look or ()), *(row.peek_safe or ()), row.estimate or 0.0]


def _interval(row: IntervalRow, reach: float) -> html.Div:
    bars: list[Any] = [html.Span(className="interval-zero")]
    for name, interval in (("peek-safe", row.peek_safe), ("one-look", row.one_look)):
        if interval is not None:
            low, high = (50 + 50 * end / reach for end in interval)
            place = {"left": f"{low:.2f}%", "width": f"{high - low:.2f}%"}
            bars.append(html.Span(className=f"interval-bar {name}", style=place))
    if row.estimate is not None:
        left = f"{50 + 50 * row.estimate / reach:.2f}%"
        bars.append(html.Span(className="interval-point", style={"left": left}))
    told = [html.Strong(row.label), html.Span(row.text), html.Small(row.note)]
    return html.Div(
        [html.Div(told, className="interval-text"), html.Div(bars, className="interval-track")],
        className=f"interval {row.tone}",
    )


def reach_of(rows: Sequence[IntervalRow]) -> float:
    """How far the axis of `interval_plot` goes to either side."""
    return max((abs(end) for row in rows for end in _ends(row)), default=0.0)


def warning(tone: str, sentence: str) -> html.Div:
    """Something to know before reading on."""
    return html.Div(sentence, className=f"notice {tone}", role="note")
