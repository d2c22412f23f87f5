"""What a panel shows when it has nothing to draw."""

from typing import Any

from dash import html

from dashboard_app.components.links import FILTERS, data_attributes, icon, view_link
from sql.database import Disconnected


def skeleton(lines: int = 6, height: str | None = None) -> html.Div:
    """Grey bars for the first load; with `height`, one block of that CSS height."""
    if height:
        return html.Div(html.Div(className="bone bone-block"), style={"height": height})
    bars = [
        html.Div(className="bone", style={"width": f"{92 - 11 * line % 47}%"})
        for line in range(lines)
    ]
    return html.Div(bars, className="skeleton")


def empty_rows(is_filtered: bool, clear_href: str) -> html.Div:
    """A card without rows: says whether the filters are the reason, and offers to clear them."""
    if not is_filtered:
        return html.Div("Nothing in this period yet", className="empty")
    return html.Div(
        html.Span(
            [
                "Nothing matches the filters. ",
                view_link("Clear them", clear_href, FILTERS, "text-link"),
            ]
        ),
        className="empty",
    )


def failure(title: str, error: Exception, way_out: Any = None) -> html.Div:
    """What stands in a panel that could not be drawn."""
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    if isinstance(error, Disconnected):
        reason = f"The database does not answer: {reason}"
    return failed_panel(title, reason, way_out)


def failed_panel(title: str, reason: str, way_out: Any = None) -> html.Div:
    """A panel whose figures could not be read: which one, why, and a button that tries again."""
    return html.Div(
        [
            icon("alert"),
            html.Div(
                [html.Strong(f"{title} could not be loaded"), html.P(reason)],
                className="failed-text",
            ),
            way_out,
            html.Button(
                "Try again", className="button", type="button", **data_attributes(action="refresh")
            ),
        ],
        className="failed",
        role="alert",
    )


def card(title: str, body: Any, *, header: Any = None) -> list[Any]:
    """The inside of a card; `header` stands right of the title, tabs for instance."""
    return [
        html.Header([html.H2(title), header], className="card-header"),
        html.Div(body, className="card-body") if body is not None else None,
    ]


def details_button(panel: str, tab: str) -> html.Div:
    """The way from a card to the whole table."""
    button = html.Button(
        [icon("expand"), "Details"],
        type="button",
        **data_attributes(action="details", card=panel, tab=tab),
    )
    return html.Div(button, className="card-foot")
