"""A card of rows by a dimension, with tabs; Sources, Devices and others are made of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from dash import Input, Output, html

from dashboard_app import formats
from dashboard_app.components.markup import Html, Markup, to_html
from dashboard_app.components.rows import Row, row_list, tab_links
from dashboard_app.components.states import card, details_button, empty_rows, skeleton
from dashboard_app.data import Data, Looked, beside_other
from dashboard_app.dimensions import value_label
from dashboard_app.panels import ids
from dashboard_app.panels.group import Panel
from sql.breakdowns import BreakdownRow, ValueVisitors

SHOWN = 9
COMPARED = 200


@dataclass(frozen=True)
class Tab:
    """A tab: its key in the URL, its label, and the dimension it breaks down."""

    key: str
    label: str
    dimension: str


@dataclass(frozen=True)
class BreakdownCard:
    """A card; `id` is its panel's id and its parameter in the URL."""

    id: str
    title: str
    tabs: Sequence[Tab]

    def tab(self, key: str | None) -> Tab:
        """The tab of a key; the first one when a link names none of ours."""
        return next((tab for tab in self.tabs if tab.key == key), self.tabs[0])


def layout(props: BreakdownCard) -> Markup:
    """The card with skeletons."""
    body = html.Div(skeleton(8), className="card-rows")
    return Markup(card(props.title, body), id=props.id, className="card")


def panel(data: Data, props: BreakdownCard) -> Panel:
    """What draws the card."""

    async def breakdown(search: str, key: str, _tick: int) -> str:
        looked = await data.look(search)
        tab = props.tab(key)
        return frame(looked, props, tab, await breakdown_rows(data, looked, tab))

    return Panel(props.title, [Output(props.id, "html")], card_inputs(props), breakdown)


def card_inputs(props: BreakdownCard) -> list[Input]:
    """What a card follows: the view, its tab, the clock."""
    return [ids.view_input(), Input(ids.tab_store(props.id), "data"), ids.tick_input()]


async def breakdown_rows(data: Data, looked: Looked, tab: Tab) -> Html | None:
    """The rows of a tab; None when there are none."""
    now, before = await beside_other(
        lambda scope: data.breakdown(scope, tab.dimension, COMPARED),
        lambda scope: data.value_visitors(scope, tab.dimension, COMPARED),
        looked,
    )
    most = sorted(now, key=lambda row: -row.visitors)[:SHOWN]
    return _rows(looked, tab, most, before) if now else None


def frame(looked: Looked, props: BreakdownCard, tab: Tab, body: Html | None) -> str:
    """HTML of a card's inside: title, tabs, body and the way to the whole table."""
    tabs = [
        (each.key, each.label, looked.view.with_tab(props.id, each.key).search())
        for each in props.tabs
    ]
    empty = empty_rows(bool(looked.view.filters), looked.view.cleared().search())
    inside = card(
        props.title,
        html.Div(empty if body is None else body, className="card-rows"),
        header=tab_links(tabs, tab.key, props.id),
    )
    return to_html(inside if body is None else [*inside, details_button(props.id, tab.key)])


def _rows(
    looked: Looked, tab: Tab, now: list[BreakdownRow], before: list[ValueVisitors] | None
) -> Html:
    most = max(row.visitors for row in now) or 1
    earlier = {row.value: row.visitors for row in before or ()}
    is_whole = len(earlier) < COMPARED
    rows = [
        Row(
            label=value_label(tab.dimension, row.value),
            text=formats.short(row.visitors),
            href=toggle_href(looked, tab.dimension, row.value),
            share=row.visitors / most,
            change=formats.relative_change(row.visitors, earlier.get(row.value)),
            is_new=bool(before) and is_whole and row.value not in earlier,
            is_on=bool(row.value) and looked.view.has(tab.dimension, row.value or ""),
            code=row.value if tab.dimension == "country" and row.value else None,
            title=row_title(tab.dimension, row),
        )
        for row in now
    ]
    return row_list(tab.label, "Visitors", rows, looked.comparison is not None)


def toggle_href(looked: Looked, dimension: str, value: str | None) -> str | None:
    """The link that filters by the value or undoes it; None for the unknown value."""
    return looked.view.toggled(dimension, value).search() if value else None


def row_title(dimension: str, row: BreakdownRow) -> str:
    """What a row's hover says."""
    share = f" · {formats.rate(row.share)} of sessions" if row.share is not None else ""
    return (
        f"{value_label(dimension, row.value)} · {formats.count(row.visitors)} visitors"
        f" · {formats.count(row.sessions)} sessions{share}"
    )
