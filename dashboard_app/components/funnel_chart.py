"""A funnel as bars: how many reach each step, and how many are lost on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from dashboard_app import formats
from dashboard_app.components.links import tip


@dataclass(frozen=True)
class Bar:
    """A step: what it is called, how many reach it, and of those who enter (0-1)."""

    label: str
    count: int
    from_first: float | None
    from_previous: float | None


def funnel_chart(bars: Sequence[Bar], people: str) -> html.Ol:
    """The bars, beside each other on a desk and below each other on a phone."""
    befores = [None, *bars]
    steps = [
        _step(number, bar, before, people)
        for number, (bar, before) in enumerate(zip(bars, befores, strict=False), 1)
    ]
    return html.Ol(steps, className="funnel", style={"--steps": str(len(bars))})


def _step(number: int, bar: Bar, before: Bar | None, people: str) -> html.Li:
    share, entered = bar.from_first or 0.0, (before.from_first or 0.0) if before else 1.0
    style: dict[str, Any] = {"--share": f"{share:.2%}", "--before": f"{entered:.2%}"}
    name = [html.Span(str(number), className="funnel-number"), html.Span(bar.label)]
    told = [html.Strong(formats.rate(bar.from_first)), html.Span(formats.count(bar.count))]
    return html.Li(
        [
            html.Div(name, className="funnel-name", title=bar.label),
            html.Div(
                [html.Span(className="funnel-lost"), html.Span(className="funnel-kept")],
                className="funnel-bar",
            ),
            html.Div([html.Div(told, className="funnel-told"), _lost(bar, before)]),
        ],
        className="funnel-step",
        style=style,
        tabIndex="0",
        **tip(_hint(number, bar, before, people)),
    )


def _lost(bar: Bar, before: Bar | None) -> html.Small:
    if before is None:
        return html.Small("enter")
    if bar.from_previous is None:
        return html.Small("nobody came this far")
    lost = before.count - bar.count
    return html.Small(f"−{formats.count(lost)} ({formats.rate(1 - bar.from_previous)})")


def _hint(number: int, bar: Bar, before: Bar | None, people: str) -> str:
    lines = [f"Step {number}: {bar.label}", f"{formats.count(bar.count)} {people} reach it"]
    if before is not None:
        lines[1] += f", {formats.rate(bar.from_first)} of those who enter"
        lines.append(
            f"{formats.rate(bar.from_previous)} of those at step {number - 1};"
            f" {formats.count(before.count - bar.count)} are lost in between"
        )
    return "\n".join(lines)
