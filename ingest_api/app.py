"""The API application: doors in front of everything, the collect routes beside FastAPI."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from ingest_api import (
    analytics_routes,
    documents,
    errors,
    experiment_routes,
    funnel_routes,
    goal_routes,
    health,
    read,
    retention_routes,
    segment_routes,
    site_routes,
    tracker,
)
from ingest_api.answers import Asgi, Receive, Scope, Send
from ingest_api.clients import Clients
from ingest_api.collect import Collector
from ingest_api.doors import COLLECT_PATHS, Doors
from ingest_api.places import Places
from ingest_api.runtime import Runtime
from ingest_api.settings import ApiSettings
from ingest_api.sites import Loader

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    site_routes.router,
    read.router,
    analytics_routes.router,
    goal_routes.router,
    segment_routes.router,
    retention_routes.router,
    funnel_routes.router,
    experiment_routes.router,
    tracker.router,
)
"""Routers of FastAPI's half, in the order OpenAPI shows them; read and live routes go here."""


class Routes(FastAPI):
    """FastAPI whose OpenAPI document also has the collect routes."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = documents.with_collect(super().openapi())
        return self.openapi_schema


class Branches:
    """The collect paths go to the collector, everything else to FastAPI."""

    def __init__(self, collector: Asgi, routes: Asgi) -> None:
        self._collector = collector
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in COLLECT_PATHS:
            await self._collector(scope, receive, send)
        else:
            await self._routes(scope, receive, send)


class Api(Doors):
    """The application of one process."""

    def __init__(self, runtime: Runtime, app: Asgi) -> None:
        super().__init__(app, sites=runtime.sites, is_open=runtime.settings.is_open)
        self.figures = runtime.figures


def create_app(settings: ApiSettings, *, load: Loader | None = None) -> Api:
    """The ASGI application of one process; `load` replaces reading sites from the database."""
    runtime = Runtime(settings, load=load)
    routes = _routes(runtime)
    collector = Collector(
        sites=runtime.sites,
        buffer=runtime.buffer,
        browser_ids=runtime.browser_ids,
        clients=Clients(
            Places(settings.geoip_db),
            settings.trusted_proxies,
            settings.country_header.lower().encode(),
        ),
        metrics=runtime.metrics,
        watching=runtime.watching,
        is_open=settings.is_open,
    )
    return Api(runtime, Branches(collector, routes))


def _routes(runtime: Runtime) -> Routes:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with runtime.running():
            yield

    app = Routes(title="Tideline", version=health.installed_version(), lifespan=lifespan)
    app.state.runtime = runtime
    app.state.tracker = tracker.Tracker(runtime.settings.assets_dir)
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
