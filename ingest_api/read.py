"""Read routes: the dashboard's figures as JSON."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from ingest_api.access import runtime_of, visible_site
from ingest_api.answers import ApiError
from ingest_api.read_models import (
    Breakdown,
    Event,
    EventBreakdown,
    OverviewFigures,
    Page,
    Point,
    UsersFigures,
    dump,
)
from sql import breakdowns, pages, realtime, traffic, users
from sql.database import AsyncConnection, AsyncPool
from sql.filters import Filter, FilterError, parse_filters
from sql.freshness import as_of, first_day
from sql.raw_filters import check_filters
from sql.scope import Scope, ScopeError, comparison_scope, local_today, resolve_scope
from sql.segments import expand_segments, names_segment
from sql.sites import Site, site_by_slug
from sql.traffic import TrafficPoint
from sql.trends import METRICS, trends_of

router = APIRouter(prefix="/api/v1/dashboard", tags=["read"])

Json = dict[str, Any]


class RangeQuery(BaseModel):
    """What most read routes take."""

    model_config = ConfigDict(populate_by_name=True)

    site_id: str = Field(description="Slug of the site")
    period: str | None = Field(
        None, description="today, 7d, 30d (default), 90d, month, 12mo or all; today included"
    )
    first: str | None = Field(None, alias="from", description="First local day, YYYY-MM-DD")
    last: str | None = Field(None, alias="to", description="Last local day, included")
    compare: str | None = Field(
        None, description="previous_period, previous_year, or FROM..TO in local days"
    )
    filters: str | None = Field(
        None, description='JSON, such as ["is", "country", ["DE", "FR"]]', max_length=20_000
    )


class PagedQuery(RangeQuery):
    """A list, a piece at a time."""

    limit: int = Field(100, ge=1, le=1000)
    offset: int = Field(0, ge=0, le=10_000_000)


class BreakdownQuery(PagedQuery):
    """A list by the values of a dimension."""

    dimension: str = Field(description=", ".join(breakdowns.DIMENSIONS))


class TrafficQuery(RangeQuery):
    """A series."""

    interval: str | None = Field(
        None, description="minute, hour, day, week or month; default by the length of the range"
    )


@asynccontextmanager
async def helpful_errors() -> AsyncIterator[None]:
    """Turns what cannot be asked into a 400 that names the parameter."""
    try:
        yield
    except (ScopeError, FilterError) as error:
        raise ApiError(400, "invalid_parameter", str(error), field=error.field) from error


def parse_filter_text(text: str | None) -> Filter | None:
    """The filter of the `filters` parameter. Raises FilterError."""
    if not text:
        return None
    try:
        return parse_filters(json.loads(text))
    except (json.JSONDecodeError, RecursionError) as error:
        raise FilterError(f"filters is not JSON: {error}") from error


class Reading:
    """One request's site, scope and connections."""

    def __init__(self, pool: AsyncPool, site: Site, scope: Scope, now: datetime) -> None:
        self.pool = pool
        self.site = site
        self.scope = scope
        self.now = now

    def compared(self, compare: str | None) -> Scope | None:
        """The scope to compare with. Raises ScopeError."""
        return None if compare is None else comparison_scope(self.scope, compare, now=self.now)

    async def common(self) -> Json:
        """The fields every answer carries."""
        async with self.pool.connection() as conn:
            included = await as_of(conn, self.site)
        return {
            "as_of": included.astimezone(UTC).isoformat(),
            "range": {
                "from": self.scope.first.isoformat(),
                "to": self.scope.last.isoformat(),
                "timezone": self.site.timezone,
            },
            "uniques": "exact",
        }


async def stored_site(request: Request, slug: str) -> Site:
    """The site that the caller may read. Raises ApiError 404 or 403."""
    await visible_site(request, slug)
    async with runtime_of(request).pool.connection() as conn:
        site = await site_by_slug(conn, slug)
    if site is None:
        raise ApiError(404, "unknown_site", f"There is no site {slug!r}.", field="site_id")
    return site


async def open_reading(request: Request, query: RangeQuery) -> Reading:
    """Site and scope of a request. Raises ApiError."""
    site = await stored_site(request, query.site_id)
    pool = runtime_of(request).pool
    now = datetime.now(UTC)
    begins: date | None = None
    if query.period == "all":
        async with pool.connection() as conn:
            begins = await first_day(conn, site)
    async with helpful_errors():
        filters = parse_filter_text(query.filters)
        if names_segment(filters):
            async with pool.connection() as conn:
                filters = await expand_segments(conn, site.site_id, filters)
        scope = resolve_scope(
            site,
            now=now,
            period=query.period,
            first=query.first,
            last=query.last,
            filters=filters,
            first_day=begins,
        )
        async with pool.connection() as conn:
            await check_filters(conn, scope)
    return Reading(pool, site, scope, now)


def change_of(now: float | None, before: float | None) -> float | None:
    """(now - before) / |before|; None where that is undefined."""
    if now is None or before is None or before == 0:
        return None
    return (now - before) / abs(before)


def _changes(current: Json, before: Json) -> dict[str, float | None]:
    def number(value: Any) -> float | None:
        return None if value is None else float(value)

    return {name: change_of(number(current[name]), number(before[name])) for name in current}


async def read_trend(reading: Reading) -> dict[str, str | None]:
    """By metric, where the last 28 complete days of the site went; null under a filter."""
    if reading.scope.filters is not None:
        return dict.fromkeys(METRICS)
    async with reading.pool.connection() as conn:
        return {**await trends_of(conn, reading.site, local_today(reading.site, reading.now))}


async def read_overview(reading: Reading, compare: str | None = None) -> Json:
    """The overview part, with its comparison."""
    other = reading.compared(compare)

    async def figures(scope: Scope) -> Json:
        async with reading.pool.connection() as conn:
            return dump(OverviewFigures, await traffic.overview(conn, scope))

    if other is None:
        current, trend = await asyncio.gather(figures(reading.scope), read_trend(reading))
        return {"overview": current | {"currency": reading.site.currency, "trend": trend}}
    current, before, trend = await asyncio.gather(
        figures(reading.scope), figures(other), read_trend(reading)
    )
    return {
        "overview": current | {"currency": reading.site.currency, "trend": trend},
        "comparison": before
        | {"from": other.first.isoformat(), "to": other.last.isoformat()}
        | {"cut": None if other.cut is None else other.cut.isoformat()},
        "change": _changes(current, before),
    }


def _point(site: Site, point: TrafficPoint) -> Json:
    bucket = point.bucket
    if isinstance(bucket, datetime):
        bucket = bucket.astimezone(site.zone)
    return dump(Point, _Named(point, bucket.isoformat()))


class _Named:
    """A point under its bucket's name."""

    def __init__(self, point: TrafficPoint, bucket: str) -> None:
        self._point = point
        self.bucket = bucket

    def __getattr__(self, name: str) -> Any:
        return getattr(self._point, name)


def default_interval(scope: Scope) -> str:
    """hour for up to 2 days, day up to 92, week up to a year, month beyond."""
    for most, interval in ((2, "hour"), (92, "day"), (370, "week")):
        if scope.days <= most:
            return interval
    return "month"


async def read_traffic(reading: Reading, interval: str | None, compare: str | None = None) -> Json:
    """The series, with that of the comparison."""
    chosen = interval or default_interval(reading.scope)
    other = reading.compared(compare)

    async def points(scope: Scope) -> list[Json]:
        async with reading.pool.connection() as conn:
            return [_point(reading.site, p) for p in await traffic.points(conn, scope, chosen)]

    answer: Json = {"interval": chosen, "points": await points(reading.scope)}
    if other is not None:
        answer["comparison"] = {"points": await points(other)}
    return answer


async def read_pages(reading: Reading, limit: int, offset: int = 0) -> Json:
    """The pages, most viewed first."""
    async with reading.pool.connection() as conn:
        rows = await pages.pages(conn, reading.scope, limit=limit, offset=offset)
    return {"rows": [dump(Page, row) for row in rows]}


async def read_breakdown(reading: Reading, dimension: str, limit: int, offset: int = 0) -> Json:
    """The values of a dimension, most sessions (events) first."""
    async with reading.pool.connection() as conn:
        if dimension == "event":
            names = await breakdowns.events_by_name(conn, reading.scope, limit=limit, offset=offset)
            return {"rows": [dump(EventBreakdown, row) for row in names]}
        key = breakdowns.property_of(dimension)
        if key is not None:
            values = await breakdowns.by_property(
                conn, reading.scope, key, limit=limit, offset=offset
            )
            return {"rows": [dump(EventBreakdown, row) for row in values]}
        rows = await breakdowns.breakdown(
            conn, reading.scope, dimension, limit=limit, offset=offset
        )
    return {"rows": [dump(Breakdown, row) for row in rows]}


async def read_users(reading: Reading) -> Json:
    """New and returning visitors and their engagement."""
    async with reading.pool.connection() as conn:
        found = await users.users(conn, reading.scope)
    quantiles: list[float | None] = [*(found.quantiles or [])] or [None] * len(users.QUANTILES)
    return dump(UsersFigures, found) | {
        "engagement_quantiles": dict(zip(users.QUANTILES, quantiles, strict=True))
    }


async def _latest(conn: AsyncConnection, site: Site) -> list[Json]:
    return [dump(Event, row) for row in await realtime.latest_events(conn, site)]


async def read_realtime(reading: Reading) -> Json:
    """The last minutes."""
    async with reading.pool.connection() as conn:
        found = await realtime.realtime(conn, reading.site)
        return {**vars(found), "latest_events": await _latest(conn, reading.site)}


@router.get("/overview")
async def get_overview(request: Request, query: Annotated[RangeQuery, Query()]) -> Json:
    """The main figures of a range; with `compare`, of another one and the relative change."""
    reading = await open_reading(request, query)
    async with helpful_errors():
        return await reading.common() | await read_overview(reading, query.compare)


@router.get("/traffic")
async def get_traffic(request: Request, query: Annotated[TrafficQuery, Query()]) -> Json:
    """The course of a range, empty buckets included."""
    reading = await open_reading(request, query)
    async with helpful_errors():
        return await reading.common() | await read_traffic(reading, query.interval, query.compare)


@router.get("/pages")
async def get_pages(request: Request, query: Annotated[PagedQuery, Query()]) -> Json:
    """Pages, most viewed first."""
    reading = await open_reading(request, query)
    return await reading.common() | await read_pages(reading, query.limit, query.offset)


@router.get("/breakdown")
async def get_breakdown(request: Request, query: Annotated[BreakdownQuery, Query()]) -> Json:
    """The values of a dimension, most sessions first (event names: most events)."""
    reading = await open_reading(request, query)
    async with helpful_errors():
        breakdowns.check_dimension(query.dimension)
        return await reading.common() | await read_breakdown(
            reading, query.dimension, query.limit, query.offset
        )


@router.get("/users")
async def get_users(request: Request, query: Annotated[RangeQuery, Query()]) -> Json:
    """New and returning visitors, sessions per visitor, engagement."""
    reading = await open_reading(request, query)
    return await reading.common() | {"users": await read_users(reading)}


@router.get("/realtime")
async def get_realtime(
    request: Request, site_id: Annotated[str, Query(description="Slug of the site")]
) -> Json:
    """Who is there now: visitors of 5 minutes, page views of 30, the latest events."""
    reading = await open_reading(
        request, RangeQuery(site_id=site_id, period="today", first=None, last=None)
    )
    return await reading.common() | await read_realtime(reading)


@router.get("")
async def get_dashboard(request: Request, query: Annotated[TrafficQuery, Query()]) -> Json:
    """Everything of a first page in one answer, fetched concurrently."""
    reading = await open_reading(request, query)
    async with helpful_errors():
        (
            common,
            overview,
            series,
            top,
            sources,
            countries,
            devices,
            people,
            now,
        ) = await asyncio.gather(
            reading.common(),
            read_overview(reading, query.compare),
            read_traffic(reading, query.interval),
            read_pages(reading, 10),
            read_breakdown(reading, "source", 10),
            read_breakdown(reading, "country", 50),
            read_breakdown(reading, "device", 10),
            read_users(reading),
            read_realtime(reading),
        )
    return {
        **common,
        **overview,
        "traffic": series["points"],
        "interval": series["interval"],
        "pages": top["rows"],
        "sources": sources["rows"],
        "countries": countries["rows"],
        "devices": devices["rows"],
        "users": people,
        "realtime": now,
    }
