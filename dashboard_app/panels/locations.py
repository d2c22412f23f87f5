"""Where visitors were, on a map and in rows."""

from typing import Any

from dash import Output, html, no_update

from dashboard_app.components.chart import chart
from dashboard_app.components.markup import Markup
from dashboard_app.components.states import card
from dashboard_app.data import Data, Looked
from dashboard_app.dimensions import countries
from dashboard_app.figures.world import CountryShape, world_figure
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
GRAPH = {"pick": "map"}
ALL_COUNTRIES = 300


def layout(maps_url: str) -> html.Section:
    """The card with skeletons and the map's place; `maps_url` is the folder of the map's shapes."""
    head = Markup(card(CARD.title, None), id=CARD.id, className="contents")
    world = chart(GRAPH, "world-chart", {"topojsonURL": maps_url, "scrollZoom": False})
    return html.Section([head, world], className="card chart-card")


def panel(data: Data) -> Panel:
    """What draws the card."""

    async def locations(search: str, key: str, _tick: int) -> tuple[str, Any]:
        looked = await data.look(search)
        tab = CARD.tab(key)
        if tab != MAP:
            return frame(looked, CARD, tab, await breakdown_rows(data, looked, tab)), no_update
        shapes = await _shapes(data, looked)
        if not shapes:
            return frame(looked, CARD, tab, None), no_update
        return frame(looked, CARD, tab, html.Div(className="drawn")), world_figure(shapes)

    return Panel(
        CARD.title,
        [Output(CARD.id, "html"), Output(GRAPH, "figure")],
        card_inputs(CARD),
        locations,
    )


async def _shapes(data: Data, looked: Looked) -> list[CountryShape]:
    rows = await data.breakdown(looked.scope, "country", ALL_COUNTRIES)
    known = countries()
    return [
        CountryShape(
            known[row.value].alpha3,
            known[row.value].name,
            row.visitors,
            looked.view.toggled("country", row.value).search(),
        )
        for row in rows
        if row.value in known
    ]
