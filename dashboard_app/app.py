"""The application's factory."""

import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import dash_ag_grid  # noqa: F401  (registers the component's files)
from dash import Dash, Input, Output, ctx, html, no_update
from fastapi import FastAPI
from redis.asyncio import Redis

from dashboard_app import shell
from dashboard_app.answers import Answers
from dashboard_app.components.frame import NavItem
from dashboard_app.components.markup import to_html
from dashboard_app.components.states import failure
from dashboard_app.components.world import SHAPES
from dashboard_app.data import ROW_CLASSES, Data
from dashboard_app.delivery import Delivery
from dashboard_app.doors import Doors, add_login
from dashboard_app.exports import add_exports
from dashboard_app.pages import (
    behaviour,
    experiments,
    funnels,
    overview,
    realtime,
    retention,
    trust,
    try_it,
)
from dashboard_app.panels import (
    annotations,
    details,
    filter_dialog,
    ids,
    refresh,
    search_dialog,
)
from dashboard_app.settings import Settings
from dashboard_app.trust import Trust
from sql.database import make_pool

log = logging.getLogger(__name__)

INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
{%css%}
</head>
<body>
<div class="shapes" aria-hidden="true">{shapes}</div>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""

PAGES: tuple[tuple[NavItem, Callable[[], html.Div]], ...] = (
    (NavItem("/", "Overview", "overview"), overview.layout),
    (NavItem("/realtime", "Realtime", "realtime"), realtime.layout),
    (NavItem("/pages", "Pages", "pages", "Behaviour"), behaviour.pages_layout),
    (NavItem("/events", "Events", "events", "Behaviour"), behaviour.events_layout),
    (NavItem("/sessions", "Sessions", "sessions", "Behaviour"), behaviour.sessions_layout),
    (NavItem("/retention", "Retention", "retention", "Analysis"), retention.layout),
    (NavItem("/funnels", "Funnels", "funnels", "Analysis"), funnels.layout),
    (NavItem("/experiments", "Experiments", "experiments", "Analysis"), experiments.layout),
    (NavItem("/trust", "Data trust", "trust", "Set up"), trust.layout),
    (NavItem("/try", "Try it", "try", "Set up"), try_it.layout),
)


class Application(Dash):
    """Dash without the table component in every page; `assets/navigation.js` loads it late."""

    def interpolate_index(self, **kwargs: Any) -> str:  # type: ignore[override]
        scripts = kwargs.pop("scripts", "")
        grid = re.search(r'<script src="([^"]*dash_ag_grid[^"]*)"></script>\n?', scripts)
        if grid:
            scripts = scripts.replace(grid[0], "")
            kwargs["metas"] += f'\n<meta name="tideline-grid" content="{grid[1]}">'
        index = super().interpolate_index(scripts=scripts, **kwargs)  # type: ignore[no-untyped-call]
        return str(index)


def create_app(settings: Settings) -> Dash:
    """The Dash application; its connections open with the server's lifespan."""
    pool = make_pool(settings.database_url)
    filtered = make_pool(settings.database_url, size=4)
    redis = Redis.from_url(settings.redis_url)

    @asynccontextmanager
    async def lifespan(_server: FastAPI) -> AsyncIterator[None]:
        # Dash finds its assets when a callback or "/" is first asked for; a link may come before.
        app._setup_server()  # type: ignore[no-untyped-call]
        async with pool, filtered:
            yield
        await redis.aclose()

    server = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    add_login(server, settings, redis)
    app = Application(
        __name__,
        server=server,  # type: ignore[arg-type]
        assets_folder=str(settings.assets_dir.resolve()),
        assets_ignore=r"tracker.*",
        index_string=INDEX.replace("{shapes}", SHAPES),
        title="Tideline",
        update_title="",
        on_error=show_failure,
        suppress_callback_exceptions=True,
        health_endpoint="health",
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.layout = shell.layout
    data = Data(pool, filtered, Answers(redis, ROW_CLASSES))
    register(app, data, Trust(settings, redis), settings)
    add_exports(server, data, pool)
    server.add_middleware(Delivery)
    server.add_middleware(Doors, settings=settings, redis=redis)
    return app


def register(app: Dash, data: Data, counts: Trust, settings: Settings) -> None:
    """Adds every panel's callback and the choice of the page."""
    shell.register(app)
    shell.frame_group(data, [item for item, _ in PAGES], settings.auth == "required").register(app)
    refresh.register(app, data)
    for dialog in (filter_dialog, search_dialog, details, annotations):
        dialog.register(app, data)
    overview.register(app, data, settings)
    realtime.register(app, data)
    for page_of_panels in (behaviour, retention, funnels, experiments):
        page_of_panels.register(app, data)
    trust.register(app, data, counts)
    try_it.register(app, data, settings)

    @app.callback(Output("page", "children"), Input(ids.PATH, "data"))
    async def page(path: str) -> Any:
        for item, layout in PAGES:
            if item.path == path:
                return layout()
        return html.Div(
            [html.H1("There is no such page"), html.A("Go to the Overview", href="/")],
            className="empty",
        )


def show_failure(error: Exception) -> Any:
    """What stands in a panel whose callback raised: which panel, and why.

    It goes to the panel's first output; a chart among the others stays as it was drawn.
    """
    outputs = ctx.outputs_list
    is_one = isinstance(outputs, dict)
    first = outputs if is_one else outputs[0]
    panel = first["id"]
    log.error("panel %s failed", panel, exc_info=error)
    failed: Any = failure(ids.TITLES.get(str(panel), "This panel"), error)
    if first["property"] == "html":
        failed = to_html(failed)
    return failed if is_one else (failed, *(no_update for _ in outputs[1:]))
