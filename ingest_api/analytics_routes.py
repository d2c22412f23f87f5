"""Raw events and sessions, and series of single metrics."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from ingest_api.answers import unavailable
from ingest_api.read import (
    Json,
    RangeQuery,
    Reading,
    default_interval,
    helpful_errors,
    open_reading,
)
from ingest_api.read_models import money_text
from sql import analytics, records, series, traffic
from sql.database import AsyncConnection
from sql.scope import Scope
from sql.series import SeriesPoint

router = APIRouter(prefix="/api/v1/analytics", tags=["read"])

MOST_EXPORTS = 3
"""Exports that a process serves at once; each holds a connection to the database."""

_exporting = asyncio.Semaphore(MOST_EXPORTS)

Stream = Callable[[AsyncConnection, Scope], AsyncIterator[Sequence[object]]]

_FORMATS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A page of rows; with `Accept: text/csv` or `application/x-ndjson` all.",
        "content": {"text/csv": {}, "application/x-ndjson": {}},
    }
}


class RecordsQuery(RangeQuery):
    """Raw rows, a page at a time."""

    limit: int = Field(100, ge=1, le=1000)
    cursor: str | None = Field(
        None, description="`next_cursor` of the page before", max_length=2_000
    )


class SeriesQuery(RangeQuery):
    """A series of one metric."""

    metric: str = Field(description=", ".join(series.METRICS))
    interval: str | None = Field(
        None, description="minute, hour, day, week or month; default by the length of the range"
    )
    dimension: str | None = Field(None, description="A first-touch dimension, such as country")
    limit: int = Field(100, ge=1, le=1000, description="Values of the dimension, most sessions")


def _wanted(request: Request) -> str | None:
    """The media type to stream; None for a page of JSON."""
    accepted = request.headers.get("accept", "").lower()
    for media_type in ("text/csv", "application/x-ndjson"):
        if media_type in accepted:
            return media_type
    return None


async def _export(
    reading: Reading, stream: Stream, attributes: Sequence[str], media_type: str
) -> AsyncIterator[bytes]:
    is_csv = media_type == "text/csv"
    encode = records.csv_lines if is_csv else records.json_lines
    zone = reading.site.zone
    async with _exporting, reading.pool.connection() as conn:
        if is_csv:
            yield records.csv_header(attributes)
        async for rows in stream(conn, reading.scope):
            yield encode(rows, attributes, zone)


def _streamed(
    reading: Reading, stream: Stream, attributes: Sequence[str], media_type: str, name: str
) -> StreamingResponse:
    if _exporting.locked():
        raise unavailable(f"{MOST_EXPORTS} exports are under way.", retry_after_s=10)
    ending = "csv" if media_type == "text/csv" else "ndjson"
    scope = reading.scope
    filename = f"{reading.site.slug}-{name}-{scope.first}-{scope.last}.{ending}"
    return StreamingResponse(
        _export(reading, stream, attributes, media_type),
        media_type=f"{media_type}; charset=utf-8" if ending == "csv" else media_type,
        headers={"content-disposition": f'attachment; filename="{filename}"'},
    )


@router.get("/events", responses=_FORMATS, response_model=Json)
async def get_events(request: Request, query: Annotated[RecordsQuery, Query()]) -> Response | Json:
    """Events, newest first; under filters those of the selected sessions."""
    reading = await open_reading(request, query)
    if media_type := _wanted(request):
        return _streamed(
            reading, analytics.stream_events, records.EVENT_FIELDS, media_type, "events"
        )
    async with helpful_errors():
        after = records.event_position(query.cursor) if query.cursor else None
    async with reading.pool.connection() as conn:
        rows = await analytics.events(conn, reading.scope, limit=query.limit + 1, after=after)
    page = rows[: query.limit]
    return await reading.common() | {
        "rows": [records.record_json(r, records.EVENT_FIELDS, reading.site.zone) for r in page],
        "next_cursor": records.event_cursor(page[-1]) if len(rows) > len(page) else None,
    }


@router.get("/sessions", responses=_FORMATS, response_model=Json)
async def get_sessions(
    request: Request, query: Annotated[RecordsQuery, Query()]
) -> Response | Json:
    """Sessions that start in the range, newest first, with their actions and pages."""
    reading = await open_reading(request, query)
    if media_type := _wanted(request):
        return _streamed(
            reading, analytics.stream_sessions, records.SESSION_FIELDS, media_type, "sessions"
        )
    async with helpful_errors():
        after = records.session_position(query.cursor) if query.cursor else None
    async with reading.pool.connection() as conn:
        rows = await analytics.sessions(conn, reading.scope, limit=query.limit + 1, after=after)
    page = rows[: query.limit]
    return await reading.common() | {
        "rows": [records.record_json(r, records.SESSION_FIELDS, reading.site.zone) for r in page],
        "next_cursor": records.session_cursor(page[-1]) if len(rows) > len(page) else None,
    }


@router.get("/metrics")
async def get_metrics(request: Request, query: Annotated[SeriesQuery, Query()]) -> Json:
    """One metric over time; with a dimension by its values, only where there is activity."""
    reading = await open_reading(request, query)
    interval = query.interval or default_interval(reading.scope)
    async with helpful_errors():
        series.check_metric(query.metric)
        points = await _series(reading, query, interval)
    zone = reading.site.zone
    return await reading.common() | {
        "metric": query.metric,
        "interval": interval,
        "dimension": query.dimension,
        "series": [
            {
                "bucket": records.plain(point.bucket, zone),
                "value": _number(point.value),
                "dimension_value": point.dimension_value,
            }
            for point in points
        ],
    }


async def _series(reading: Reading, query: SeriesQuery, interval: str) -> list[SeriesPoint]:
    async with reading.pool.connection() as conn:
        if query.dimension is not None:
            return await series.series_by_value(
                conn, reading.scope, query.metric, interval, query.dimension, limit=query.limit
            )
        points = await traffic.points(conn, reading.scope, interval)
        return [SeriesPoint(p.bucket, None, getattr(p, query.metric)) for p in points]


def _number(value: float | Decimal | None) -> float | str | None:
    return money_text(value) if isinstance(value, Decimal) else value
