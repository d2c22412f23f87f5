"""Tables as CSV: plain numbers, every row."""

import csv
import io
from collections.abc import Iterator

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from dashboard_app.data import Data
from dashboard_app.tables import Table, table_of

MOST_ROWS = 100_000


def add_exports(server: FastAPI, data: Data) -> None:
    """Adds `/export.csv`: the query string of a view, with `card` and `tab`."""

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


def csv_lines(table: Table) -> Iterator[str]:
    """The table as CSV: rates 0-1, durations in seconds, empty where there is nothing.

    A text that a spreadsheet would run as a formula gets a leading apostrophe.
    """
    names = [column.attribute for column in table.columns]
    names += ["before", "change"] if table.has_comparison else []
    yield _line([table.dimension, *names])
    for row in table.rows:
        key = row["key"] or ""
        safe = f"'{key}" if key[:1] in ("=", "+", "-", "@", "\t", "\r") else key
        yield _line([safe, *("" if row[name] is None else row[name] for name in names)])


def _line(cells: list[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
