"""The rows of a card: a label over a bar, a number, a change.

The rows are plain HTML written without components, because a filter draws all of them anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from dash import html

from dashboard_app import formats
from dashboard_app.components.links import FILTERS, aria, tip, view_link
from dashboard_app.components.markup import Html


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


def row_list(heading: str, value_heading: str, rows: Sequence[Row], compares: bool) -> Html:
    """Rows under their headings."""
    headings = [heading, value_heading, *(["Change"] if compares else [])]
    head = "".join([f"<span>{escape(each)}</span>" for each in headings])
    inside = "".join([_row(row, compares) for row in rows])
    shown = "rows with-change" if compares else "rows"
    return Html(f'<div class="{shown}"><div class="rows-head">{head}</div>{inside}</div>')


def _row(row: Row, compares: bool) -> str:
    code = f'<span class="code">{escape(row.code)}</span>' if row.code else ""
    label = escape(row.label)
    title = escape(row.title or row.label)
    cells = (
        f'<span class="row-label" title="{title}">{code}{label}</span>'
        f'<span class="row-value">{escape(row.text)}</span>{_change(row) if compares else ""}'
    )
    style = f"--w:{max(row.share, 0) * 100:.1f}%"
    if row.href is None:
        return f'<div class="row" style="{style}">{cells}</div>'
    shown = "row is-on" if row.is_on else "row"
    href = escape(row.href)
    return f'<a class="{shown}" data-sets="{FILTERS}" href="{href}" style="{style}">{cells}</a>'


def _change(row: Row) -> str:
    if row.is_new:
        tone, text = "new", "new"
    elif row.change is None:
        tone, text = "same", formats.NOTHING
    else:
        tone = "same" if abs(row.change) < 0.0005 else "better" if row.change > 0 else "worse"
        text = formats.change(row.change)
    return f'<span class="change {tone}">{escape(text)}</span>'


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
