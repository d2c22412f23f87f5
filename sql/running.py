"""Running a query file and reading its rows into their class."""

from collections.abc import Mapping
from typing import Any, TypeVar

import psycopg
from psycopg.rows import class_row

from sql.filters import selection
from sql.scope import Scope
from sql.text import query

Row = TypeVar("Row")


async def fetch(
    conn: psycopg.AsyncConnection[Any], name: str, row: type[Row], parameters: Mapping[str, object]
) -> list[Row]:
    """All rows of the query file `name`."""
    async with conn.cursor(row_factory=class_row(row)) as cursor:
        await cursor.execute(query(name), parameters)
        return await cursor.fetchall()


async def fetch_scope(
    conn: psycopg.AsyncConnection[Any],
    name: str,
    row: type[Row],
    scope: Scope,
    parameters: Mapping[str, object] | None = None,
    *,
    from_sessions: bool | None = None,
) -> list[Row]:
    """All rows of `name` for a scope: from the rollups, or of `name_selected` under a filter.

    `from_sessions` forces the choice (for the queries that only have one form, and for checks).
    """
    if from_sessions is None:
        from_sessions = scope.filters is not None
    given = {**scope.parameters, **(parameters or {})}
    if not from_sessions:
        return await fetch(conn, name, row, given)
    selected, selecting = selection(scope.site.site_id, scope.filters)
    text = f"WITH selected AS MATERIALIZED ({selected})\n{query(name + '_selected')}"
    async with conn.cursor(row_factory=class_row(row)) as cursor:
        await cursor.execute(text, {**given, **selecting})
        return await cursor.fetchall()
