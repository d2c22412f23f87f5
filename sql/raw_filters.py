"""Filters that follow from raw events, which a site may not keep any more."""

from typing import Any

import psycopg

from sql.filters import conditions
from sql.scope import Scope, check_raw


async def check_filters(conn: psycopg.AsyncConnection[Any], scope: Scope) -> None:
    """Raises ScopeError for a filter that raw events decide where they may be gone.

    Those are properties, and experiments that nobody defined; of others it is kept who saw what.
    """
    raw_from = scope.site.raw_from
    if scope.filters is None or raw_from is None or scope.start >= raw_from:
        return
    names = [condition.dimension for condition in conditions(scope.filters)]
    if any(name.startswith("property:") for name in names):
        check_raw(scope, "filters by a property")
    keys = [name.partition(":")[2] for name in names if name.startswith("experiment:")]
    if keys and await _lacks_definition(conn, scope, keys):
        check_raw(scope, "filters by an experiment that is not defined")


async def _lacks_definition(
    conn: psycopg.AsyncConnection[Any], scope: Scope, keys: list[str]
) -> bool:
    cursor = await conn.execute(
        "SELECT count(*) < cardinality(%(keys)s::text[]) FROM experiments"
        " WHERE site_id = %(site_id)s AND key = ANY(%(keys)s)",
        {"site_id": scope.site.site_id, "keys": list(set(keys))},
    )
    row = await cursor.fetchone()
    return row is not None and bool(row[0])
