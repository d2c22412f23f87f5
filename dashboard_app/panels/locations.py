"""Where visitors were, on a map and in rows."""

from collections.abc import Iterable

from dash import Output, html

from dashboard_app.components.markup import Markup
from dashboard_app.components.states import card, skeleton
from dashboard_app.components.world import CountryVisitors, world_map
from dashboard_app.data import Data, Looked
from dashboard_app.dimensions import countries
from dashboard_app.panels.breakdown_card import (
    BreakdownCard,
    Tab,
    breakdown_rows,
    card_inputs,
    frame,
)
from dashboard_app.panels.group import Panel

MAP = Tab("map", "Map", "country")
CARD = BreakdownCard(
    "locations",
    "Locations",
    (
        MAP,
        Tab("country", "Country", "country"),
        Tab("region", "Region", "region"),
        Tab("city", "City", "city"),
    ),
)
ALL_COUNTRIES = 300


def layout() -> Markup:
    """The card with a grey block."""
    body = html.Div(skeleton(height="318px"), className="card-rows")
    return Markup(card(CARD.title, body), id=CARD.id, className="card")


def panel(data: Data) -> Panel:
    """What draws the card."""

    async def locations(search: str, key: str, _tick: int) -> str:
        looked = await data.look(search)
        tab = CARD.tab(key)
        if tab != MAP:
            return frame(looked, CARD, tab, await breakdown_rows(data, looked, tab))
        rows = await data.breakdown(looked.scope, "country", ALL_COUNTRIES)
        found = on_map(looked, [(row.value, row.visitors) for row in rows])
        return frame(looked, CARD, tab, world_map(found) if found else None)

    return Panel(CARD.title, [Output(CARD.id, "html")], card_inputs(CARD), locations)


def on_map(looked: Looked, found: Iterable[tuple[str | None, int]]) -> list[CountryVisitors]:
    """Countries (alpha-2) and their visitors as the map takes them; unknown ones are left out."""
    known = countries()
    return [
        CountryVisitors(
            known[code].alpha3,
            known[code].name,
            visitors,
            looked.view.toggled("country", code).search(),
        )
        for code, visitors in found
        if code in known
    ]
