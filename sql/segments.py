"""Segments: filters of a site with a name, to be used inside other filters."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sql.filters import MAX_DEPTH, Filter, FilterError, Group, parse_filters
from sql.zone_changes import hold_number

_COLUMNS = "name, filters, created_at"


@dataclass(frozen=True)
class Segment:
    """A filter with a name."""

    name: str
    filters: list[Any]
    """As the API takes them."""
    created_at: datetime


async def list_segments(conn: psycopg.AsyncConnection[Any], site_id: int) -> list[Segment]:
    """A site's segments by name."""
    async with conn.cursor(row_factory=class_row(Segment)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM segments WHERE site_id = %s ORDER BY name", (site_id,)
        )
        return await cursor.fetchall()


async def add_segment(
    conn: psycopg.AsyncConnection[Any], site_id: int, name: str, filters: list[Any]
) -> Segment | None:
    """Stores a segment; None when the name is taken.

    Raises FilterError for filters that select everything, cannot be, or name a segment that does
    not exist.
    """
    parsed = parse_filters(filters)
    if parsed is None:
        raise FilterError("a segment needs at least one condition")
    async with conn.transaction(), conn.cursor(row_factory=class_row(Segment)) as cursor:
        site_id = await hold_number(conn, site_id)
        await expand_segments(conn, site_id, parsed)
        await cursor.execute(
            "INSERT INTO segments (site_id, name, filters) VALUES (%s, %s, %s)"
            f" ON CONFLICT (site_id, name) DO NOTHING RETURNING {_COLUMNS}",
            (site_id, name, Jsonb(filters)),
        )
        return await cursor.fetchone()


async def delete_segment(conn: psycopg.AsyncConnection[Any], site_id: int, name: str) -> bool:
    """Forgets a segment; False when there is none of that name."""
    async with conn.transaction():
        site_id = await hold_number(conn, site_id)
        changed = await conn.execute(
            "DELETE FROM segments WHERE site_id = %s AND name = %s", (site_id, name)
        )
        return changed.rowcount == 1


def names_segment(filters: Filter | None) -> bool:
    """Whether a filter refers to a segment, so that it must be expanded before it can select."""
    if isinstance(filters, Group):
        return any(map(names_segment, filters.parts))
    return filters is not None and filters.dimension == "segment"


async def expand_segments(
    conn: psycopg.AsyncConnection[Any], site_id: int, filters: Filter | None
) -> Filter | None:
    """The filter with the filters that its segments stand for in their places.

    Raises FilterError for a segment that does not exist or contains itself.
    """
    if filters is None or not names_segment(filters):
        return filters
    rows = await conn.execute("SELECT name, filters FROM segments WHERE site_id = %s", (site_id,))
    known = {name: parse_filters(saved) for name, saved in await rows.fetchall()}
    return expand(filters, known)


def expand(
    filters: Filter, known: dict[str, Filter | None], inside: tuple[str, ...] = ()
) -> Filter:
    """`expand_segments` with the site's segments given; `inside` names those being expanded."""
    if isinstance(filters, Group):
        return Group(filters.operator, tuple(expand(part, known, inside) for part in filters.parts))
    if filters.dimension != "segment":
        return filters
    if filters.operator not in ("is", "is_not"):
        raise FilterError(f"segment: {filters.operator} means nothing here; is and is_not do")
    found = Group("or", tuple(_saved(name, known, inside) for name in filters.values))
    return found if filters.operator == "is" else Group("not", (found,))


def _saved(name: str | None, known: dict[str, Filter | None], inside: tuple[str, ...]) -> Filter:
    saved = known.get(name) if name is not None else None
    if name is None or saved is None:
        raise FilterError(f"there is no segment {name!r}")
    if name in inside:
        raise FilterError(f"the segment {name!r} contains itself")
    if len(inside) >= MAX_DEPTH:
        raise FilterError(f"segments are nested more than {MAX_DEPTH} deep")
    return expand(saved, known, (*inside, name))
