"""Where visitors were, on a map and in rows."""

from typing import Any

from dash import Dash, Input, Output, dcc, html

from dashboard_app.data import Data, Looked
from dashboard_app.figures.style import CONFIG
from dashboard_app.figures.world import CountryShape, world_figure
from dashboard_app.dimensions import countries
from dashboard_app.panels import ids
from dashboard_app.panels.breakdown_card import BreakdownCard, Tab, breakdown_rows, frame

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


def register(app: Dash, data: Data) -> None:
    """Adds the card's callback."""
    ids.TITLES[CARD.id] = CARD.title
    config = {**CONFIG, "topojsonURL": app.get_asset_url("maps/4.1.1/"), "scrollZoom": False}

    @app.callback(
        Output(CARD.id, "children"),
        ids.view_input(),
        Input(ids.tab_store(CARD.id), "data"),
        ids.tick_input(),
    )
    async def locations(search: str, key: str, _tick: int) -> list[Any]:
        looked = await data.look(search)
        tab = CARD.tab(key)
        if tab != MAP:
            return frame(looked, CARD, tab, await breakdown_rows(data, looked, tab))
        shapes = await _shapes(data, looked)
        graph = dcc.Graph(
            id=GRAPH,
            figure=world_figure(shapes),
            config=config,
            className="map-graph",
        )
        return frame(looked, CARD, tab, html.Div(graph, className="map") if shapes else None)


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
