"""What one event carries: its properties, and their values with what came of them."""

from typing import Any

from dash import Input, Output, html

from dashboard_app import formats
from dashboard_app.components.experiment_parts import table
from dashboard_app.components.links import FILTERS, view_link
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.components.rows import tab_links
from dashboard_app.components.states import card, skeleton
from dashboard_app.data import Data, Looked
from dashboard_app.funnel_state import AUTOMATIC
from dashboard_app.panels import ids
from dashboard_app.panels.group import Panel
from sql.breakdowns import PropertyKey, PropertyRow

PANEL = "event-properties"
EVENT = ids.tab_store("event")
PROPERTY = ids.tab_store("property")
SHOWN = 50
SETS = "event,property"


def layout() -> Markup:
    """The card with skeletons."""
    return Markup(card("Properties", skeleton(6)), id=PANEL, className="card")


def panel(data: Data) -> Panel:
    """What draws the card."""

    async def properties(search: str, event: str, wanted: str, _tick: str) -> str:
        looked = await data.look(search)
        name = event or await _most_common(data, looked)
        if name is None:
            return to_html(card("Properties", html.Div("No event yet", className="empty small")))
        keys = await data.property_keys(looked.scope, name)
        known = [found.key for found in keys]
        key = wanted if wanted in known else next(iter(known), None)
        rows = await data.property_rows(looked.scope, key, name, SHOWN) if key else []
        return to_html(_card(looked, name, keys, key, rows))

    chosen = [Input(EVENT, "data"), Input(PROPERTY, "data")]
    inputs = [ids.view_input(), *chosen, ids.tick_input()]
    return Panel("The properties", [Output(PANEL, "html")], inputs, properties)


async def _most_common(data: Data, looked: Looked) -> str | None:
    """The event that is shown when none is chosen: the most frequent that people caused."""
    names = [row.value for row in await data.events(looked.scope, SHOWN)]
    return next((name for name in names if name not in AUTOMATIC), next(iter(names), None))


def _card(
    looked: Looked, event: str, keys: list[PropertyKey], key: str | None, rows: list[PropertyRow]
) -> list[Any]:
    view = looked.view
    is_on = view.has("event", event)
    filtering = view_link(
        "Undo the filter" if is_on else "Filter by this event",
        view.toggled("event", event).search(),
        FILTERS,
        "text-link",
    )
    title = f"Properties of {event}"
    if key is None:
        empty = html.Div("These events carry no properties in this period", className="empty small")
        return card(title, empty, header=filtering)
    on_event = view.with_tab("event", event)
    tabs = [
        (found.key, found.key, on_event.with_tab("property", found.key).search()) for found in keys
    ]
    body = [
        tab_links(tabs, key, SETS),
        table(
            [key, "Events", "Share", "Visitors", "Sessions", "Conversions",
             f"Revenue ({looked.site.currency})"],
            [_row(looked, key, row) for row in rows],
            "property-table",
        ),
    ]  # fmt: skip
    return card(title, body, header=filtering)


def _row(looked: Looked, key: str, row: PropertyRow) -> list[Any]:
    href = looked.view.toggled(f"property:{key}", row.value).search()
    return [
        view_link(row.value or "(empty)", href, FILTERS, "text-link") if row.value else "(empty)",
        formats.count(row.events),
        formats.rate(row.share),
        formats.count(row.visitors),
        formats.count(row.sessions),
        formats.count(row.conversions),
        formats.decimal(row.revenue_net),
    ]
