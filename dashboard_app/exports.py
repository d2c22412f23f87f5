"""Tables as CSV, raw rows as CSV or lines of JSON: plain numbers, every row."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from dashboard_app.data import Data, Looked
from dashboard_app.tables import Table, table_of
from sql import analytics, records
from sql.database import AsyncConnection, AsyncPool
from sql.raw_filters import check_filters
from sql.scope import Scope

MOST_ROWS = 100_000
Stream = Callable[[AsyncConnection, Scope], AsyncIterator[Sequence[object]]]
RAW: dict[str, tuple[Stream, Sequence[str]]] = {
    "events": (analytics.stream_events, records.EVENT_FIELDS),
    "sessions": (analytics.stream_sessions, records.SESSION_FIELDS),
}
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}
_streaming = asyncio.Semaphore(2)
"""Streams that a process serves at once; each holds a connection to the database."""


def add_exports(server: FastAPI, data: Data, pool: AsyncPool) -> None:
    """Adds `/export.csv` (with `card` and `tab`) and `/export/events.csv` and the like, each after
    the query string of a view."""

    @server.get("/export/{name}.{ending}")
    async def raw(request: Request, name: str, ending: str) -> Response:
        if name not in RAW or ending not in MEDIA_TYPES:
            return PlainTextResponse("there are events and sessions, as csv or ndjson", 404)
        try:
            looked = await data.look(request.url.query)
            await data.fresh(check_filters, looked.scope)
        except (LookupError, ValueError) as error:
            return PlainTextResponse(str(error), 400)
        if _streaming.locked():
            return PlainTextResponse("Other exports are under way; try again soon.", 503)
        file = f"{looked.site.slug}-{name}-{looked.scope.first}-{looked.scope.last}.{ending}"
        return StreamingResponse(
            _raw_rows(pool, looked, name, ending == "csv"),
            media_type=MEDIA_TYPES[ending],
            headers={"content-disposition": f'attachment; filename="{file}"'},
        )

    @server.get("/export.csv")
    async def export(request: Request, card: str = "", tab: str = "") -> Response:
        try:
            looked = await data.look(request.url.query)
            table = await table_of(data, looked, card, tab, MOST_ROWS)
        except (LookupError, ValueError) as error:
            return PlainTextResponse(str(error), 400)
        name = f"{looked.site.slug}-{card}-{looked.scope.first}-{looked.scope.last}.csv"
        return StreamingResponse(
            csv_lines(table),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )


async def _raw_rows(
    pool: AsyncPool, looked: Looked, name: str, is_csv: bool
) -> AsyncIterator[bytes]:
    stream, attributes = RAW[name]
    zone = looked.site.zone
    async with _streaming, pool.connection() as conn:
        if is_csv:
            yield records.csv_header(attributes)
        async for rows in stream(conn, looked.scope):
            if is_csv:
                yield records.csv_lines(rows, attributes, zone, is_for_people=True)
            else:
                yield records.json_lines(rows, attributes, zone)


def csv_lines(table: Table) -> Iterator[str]:
    """The table as CSV: rates 0-1, durations in seconds, empty where there is nothing.

    A text that a spreadsheet would run as a formula gets a leading apostrophe.
    """
    names = [column.attribute for column in table.columns]
    names += ["before", "change"] if table.has_comparison else []
    yield _line([table.dimension, *names])
    for row in table.rows:
        key = row["key"] or ""
        yield _line(
            [records.harmless(key), *("" if row[name] is None else row[name] for name in names)]
        )


def _line(cells: list[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
