"""What visitors did: events by name, goals first."""

from dash import Output, html

from dashboard_app import formats
from dashboard_app.components.markup import Html, Markup, to_html
from dashboard_app.components.rows import Row, row_list
from dashboard_app.components.states import card, details_button, empty_rows, skeleton
from dashboard_app.data import Data, Looked, beside
from dashboard_app.panels import ids
from dashboard_app.panels.breakdown_card import (
    COMPARED,
    SHOWN,
    BreakdownCard,
    Tab,
    toggle_href,
)
from dashboard_app.panels.group import Panel
from sql.breakdowns import EventCount

PANEL = "goals"
TITLE = "Goals & events"
CARD = BreakdownCard(PANEL, TITLE, (Tab("event", "Event", "event"),))


def layout() -> Markup:
    """The card with skeletons."""
    body = html.Div(skeleton(8), className="card-rows")
    return Markup(card(TITLE, body), id=PANEL, className="card")


def panel(data: Data) -> Panel:
    """What draws the card."""

    async def goals(search: str, _tick: int) -> str:
        looked = await data.look(search)
        now, before = await beside(
            lambda scope: data.events(scope, SHOWN if scope is looked.scope else COMPARED), looked
        )
        if not now:
            return to_html(
                card(TITLE, empty_rows(bool(looked.view.filters), looked.view.cleared().search()))
            )
        rows = html.Div(_rows(looked, now, before), className="card-rows")
        return to_html([*card(TITLE, rows), details_button(PANEL, "event")])

    return Panel(TITLE, [Output(PANEL, "html")], [ids.view_input(), ids.tick_input()], goals)


def _rows(looked: Looked, now: list[EventCount], before: list[EventCount] | None) -> Html:
    most = max(row.events for row in now) or 1
    earlier = {row.value: row.events for row in before or ()}
    rows = [
        Row(
            label=row.value,
            text=formats.short(row.events),
            href=toggle_href(looked, "event", row.value),
            share=row.events / most,
            change=formats.relative_change(row.events, earlier.get(row.value)),
            is_new=bool(before) and len(earlier) < COMPARED and row.value not in earlier,
            is_on=looked.view.has("event", row.value),
            title=f"{row.value} · {formats.count(row.events)} events",
        )
        for row in now
    ]
    return row_list("Event", "Events", rows, looked.comparison is not None)
