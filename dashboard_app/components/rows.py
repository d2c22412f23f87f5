"""The rows of a card: a label over a bar, a number, a change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import html

from dashboard_app import formats
from dashboard_app.components.links import FILTERS, aria, tip, view_link


@dataclass(frozen=True)
class Row:
    """A row; `href` toggles its filter, `share` (0-1) is the bar's length.

    `before` is None when the comparison is off or does not know the value.
    """

    label: str
    text: str
    href: str | None
    share: float
    change: float | None = None
    is_new: bool = False
    is_on: bool = False
    code: str | None = None
    title: str | None = None


def row_list(heading: str, value_heading: str, rows: Sequence[Row], compares: bool) -> html.Div:
    """Rows under their headings."""
    head = [html.Span(heading), html.Span(value_heading)]
    if compares:
        head.append(html.Span("Change"))
    return html.Div(
        [html.Div(head, className="rows-head"), *(_row(row, compares) for row in rows)],
        className="rows with-change" if compares else "rows",
    )


def _row(row: Row, compares: bool) -> html.A | html.Div:
    code = [html.Span(row.code, className="code")] if row.code else []
    cells = [
        html.Span([*code, row.label], className="row-label", title=row.title or row.label),
        html.Span(row.text, className="row-value"),
    ]
    if compares:
        cells.append(_change(row))
    style = {"--w": f"{max(row.share, 0) * 100:.1f}%"}
    if row.href is None:
        return html.Div(cells, className="row", style=style)
    class_name = "row is-on" if row.is_on else "row"
    return view_link(cells, row.href, FILTERS, class_name, style=style)


def _change(row: Row) -> html.Span:
    if row.is_new:
        return html.Span("new", className="change new")
    if row.change is None:
        return html.Span(formats.NOTHING, className="change same")
    tone = "same" if abs(row.change) < 0.0005 else "better" if row.change > 0 else "worse"
    return html.Span(formats.change(row.change), className=f"change {tone}")


def tab_links(
    tabs: Sequence[tuple[str, str, str]],
    chosen: str,
    sets: str,
    tips: Mapping[str, str] | None = None,
) -> html.Nav:
    """Tabs of a card: (key, label, href) each; `tips` explains keys on hover."""
    links = [
        view_link(
            label,
            href,
            sets,
            "tab is-on" if key == chosen else "tab",
            **aria(current="true") if key == chosen else {},
            **tip(tips[key]) if tips else {},
        )
        for key, label, href in tabs
    ]
    return html.Nav(links, className="tabs")
