"""Which pages visitors saw, came in by and left from."""

from dash import Output

from dashboard_app import formats
from dashboard_app.components.markup import Html
from dashboard_app.components.rows import Row, row_list
from dashboard_app.data import Data, Looked, beside
from dashboard_app.dimensions import value_label
from dashboard_app.panels.breakdown_card import (
    COMPARED,
    SHOWN,
    BreakdownCard,
    Tab,
    breakdown_rows,
    card_inputs,
    frame,
    toggle_href,
)
from dashboard_app.panels.group import Panel
from sql.pages import PageViews

TOP = Tab("top", "Top", "page")
CARD = BreakdownCard(
    "pages",
    "Pages",
    (TOP, Tab("entry", "Entry", "entry_page"), Tab("exit", "Exit", "exit_page")),
)


def panel(data: Data) -> Panel:
    """What draws the card."""

    async def pages(search: str, key: str, _tick: int) -> str:
        looked = await data.look(search)
        tab = CARD.tab(key)
        if tab != TOP:
            return frame(looked, CARD, tab, await breakdown_rows(data, looked, tab))
        now, before = await beside(
            lambda scope: data.pages(scope, SHOWN if scope is looked.scope else COMPARED), looked
        )
        body = _rows(looked, now, before) if now else None
        return frame(looked, CARD, tab, body)

    return Panel(CARD.title, [Output(CARD.id, "html")], card_inputs(CARD), pages)


def _rows(looked: Looked, now: list[PageViews], before: list[PageViews] | None) -> Html:
    most = max(row.pageviews for row in now) or 1
    earlier = {row.page: row.pageviews for row in before or ()}
    rows = [
        Row(
            label=value_label("page", row.page),
            text=formats.short(row.pageviews),
            href=toggle_href(looked, "page", row.page),
            share=row.pageviews / most,
            change=formats.relative_change(row.pageviews, earlier.get(row.page)),
            is_new=bool(before) and len(earlier) < COMPARED and row.page not in earlier,
            is_on=looked.view.has("page", row.page or ""),
            title=f"{value_label('page', row.page)} · {formats.count(row.pageviews)} page views"
            f" · {formats.rate(row.share)} of all",
        )
        for row in now
    ]
    return row_list("Page", "Views", rows, looked.comparison is not None)
