"""Annotations: what people noted about a local day of a site."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import class_row

from sql.zone_changes import hold_number

MAX_CHARACTERS = 200


@dataclass(frozen=True)
class Annotation:
    """A note about a local day of the site."""

    annotation_id: int
    day: date
    text: str


class AnnotationError(ValueError):
    """A note that cannot be kept; the message says why."""


async def list_annotations(
    conn: psycopg.AsyncConnection[Any],
    site_id: int,
    first: date | None = None,
    last: date | None = None,
) -> list[Annotation]:
    """The notes about the days `first` to `last` (None: without end), oldest day first."""
    async with conn.cursor(row_factory=class_row(Annotation)) as cursor:
        await cursor.execute(
            "SELECT annotation_id, day, text FROM annotations WHERE site_id = %(site_id)s"
            " AND day BETWEEN coalesce(%(first)s::date, '-infinity')"
            " AND coalesce(%(last)s::date, 'infinity') ORDER BY day, annotation_id",
            {"site_id": site_id, "first": first, "last": last},
        )
        return await cursor.fetchall()


async def add_annotation(
    conn: psycopg.AsyncConnection[Any], site_id: int, day: date, text: str
) -> None:
    """Keeps a note; white space is collapsed. Raises AnnotationError."""
    text = " ".join(text.replace("\0", " ").split())
    if not 0 < len(text) <= MAX_CHARACTERS:
        raise AnnotationError(f"a note has 1 to {MAX_CHARACTERS} characters, not {len(text)}")
    async with conn.transaction():
        site_id = await hold_number(conn, site_id)
        await conn.execute(
            "INSERT INTO annotations (site_id, day, text) VALUES (%s, %s, %s)", (site_id, day, text)
        )


async def delete_annotation(
    conn: psycopg.AsyncConnection[Any], site_id: int, annotation_id: int
) -> bool:
    """Forgets a note; False when the site has none of that number."""
    async with conn.transaction():
        site_id = await hold_number(conn, site_id)
        changed = await conn.execute(
            "DELETE FROM annotations WHERE site_id = %s AND annotation_id = %s",
            (site_id, annotation_id),
        )
        return changed.rowcount == 1
