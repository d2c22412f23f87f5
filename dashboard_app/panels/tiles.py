"""The eight figures at the top of the Overview."""

import asyncio
from dataclasses import dataclass

from dash import Output, html

from dashboard_app import formats
from dashboard_app.components.markup import Html, Markup, to_html
from dashboard_app.components.states import skeleton
from dashboard_app.components.tile import Tile, tile
from dashboard_app.data import Data, Looked, beside
from dashboard_app.figures.sparkline import sparkline
from dashboard_app.intervals import default_interval, has_begun
from dashboard_app.metrics import METRICS, Metric
from dashboard_app.panels import ids
from dashboard_app.panels.group import Panel
from sql.traffic import Overview, TrafficPoint

PANEL = "tiles"


@dataclass(frozen=True)
class Figures:
    """What the tiles are drawn from; `before` is None without a comparison."""

    now: Overview
    before: Overview | None
    points: list[TrafficPoint]
    trends: dict[str, str]
    clock: str


def layout() -> Markup:
    """Eight skeletons until the figures are there."""
    bones = [html.Div(skeleton(2), className="tile") for _ in METRICS]
    return Markup(bones, id=PANEL, className="tiles")


def panel(data: Data) -> Panel:
    """What draws the tiles."""

    async def tiles(search: str, _tick: int) -> str:
        looked = await data.look(search)
        interval = default_interval(looked.scope.first, looked.scope.last)
        (now, before), points, trends, as_of = await asyncio.gather(
            beside(data.overview, looked),
            data.points(looked.scope, interval),
            data.trends(looked),
            data.as_of(looked.site),
        )
        begun = [point for point in points if has_begun(point.bucket, looked.local_now)]
        figures = Figures(now, before, begun, trends, formats.clock(as_of))
        return to_html([_tile(metric, looked, figures) for metric in METRICS])

    return Panel(
        "The figures", [Output(PANEL, "html")], [ids.view_input(), ids.tick_input()], tiles
    )


def _tile(metric: Metric, looked: Looked, figures: Figures) -> Html:
    before = figures.before
    return tile(
        Tile(
            metric=metric,
            value=getattr(figures.now, metric.attribute),
            before=getattr(before, metric.attribute) if before else None,
            currency=looked.site.currency,
            trend=figures.trends.get(metric.attribute),
            sparkline=sparkline([metric.of_point(point) for point in figures.points]),
            as_of=figures.clock,
            href=looked.view.showing(metric.key).search(),
        )
    )
