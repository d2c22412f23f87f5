"""Dimensions that are no column of sessions: an experiment's variants and the site's segments.

Their values may overlap or leave sessions out, so a split is a question filtered for each value.
"""

from dataclasses import replace
from typing import Any

import psycopg

from sql.filters import Condition, Filter, Group
from sql.raw_filters import check_filters
from sql.scope import Scope
from sql.segments import expand_segments
from sql.text import query

_EXPERIMENT = "experiment:"
SEGMENT = "segment"


def splits_by_filter(dimension: str) -> bool:
    """Whether it is `experiment:KEY` or `segment`."""
    key = dimension.removeprefix(_EXPERIMENT)
    is_experiment = dimension.startswith(_EXPERIMENT) and bool(key) and "\x00" not in key
    return is_experiment or dimension == SEGMENT


async def split_scope(
    conn: psycopg.AsyncConnection[Any], scope: Scope, dimension: str
) -> list[tuple[str, Scope]]:
    """The variants or segments, and the scope as far as each of them selects sessions.

    Variants are those of the experiment's definition, or all that anybody saw of one without.
    Raises ScopeError.
    """
    await check_filters(conn, replace(scope, filters=Condition("is", dimension, ("",))))
    key = dimension.removeprefix(_EXPERIMENT)
    cursor = await conn.execute(
        query("selection/segment_names" if dimension == SEGMENT else "selection/variants"),
        {"site_id": scope.site.site_id, "key": key},
    )
    names = [row[0] for row in await cursor.fetchall()]
    return [(name, await _narrowed(conn, scope, dimension, name)) for name in names]


async def _narrowed(
    conn: psycopg.AsyncConnection[Any], scope: Scope, dimension: str, name: str
) -> Scope:
    only: Filter | None = Condition("is", dimension, (name,))
    if dimension == SEGMENT:
        only = await expand_segments(conn, scope.site.site_id, only)
    parts = tuple(part for part in (scope.filters, only) if part is not None)
    return replace(scope, filters=Group("and", parts), is_shared=False)
