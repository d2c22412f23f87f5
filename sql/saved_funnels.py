"""Funnels with a name, kept for a site."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sql.zone_changes import hold_number

_COLUMNS = (
    "funnel_id, site_id, (SELECT slug FROM sites s WHERE s.site_id = f.site_id) AS slug, name,"
    " definition, created_at"
)


@dataclass(frozen=True)
class SavedFunnel:
    """A named funnel."""

    funnel_id: int
    site_id: int
    slug: str | None
    """Of the site; None when it is being deleted."""
    name: str
    definition: dict[str, Any]
    """Steps, window_s, per, filters and dimension, as the API takes them."""
    created_at: datetime


async def save_funnel(
    conn: psycopg.AsyncConnection[Any], site_id: int, name: str, definition: dict[str, Any]
) -> SavedFunnel:
    """Stores a funnel."""
    async with conn.transaction(), conn.cursor(row_factory=class_row(SavedFunnel)) as cursor:
        site_id = await hold_number(conn, site_id)
        await cursor.execute(
            "INSERT INTO funnels AS f (site_id, name, definition) VALUES (%s, %s, %s)"
            f" RETURNING {_COLUMNS}",
            (site_id, name, Jsonb(definition)),
        )
        saved = await cursor.fetchone()
    assert saved is not None
    return saved


async def list_funnels(conn: psycopg.AsyncConnection[Any], site_id: int) -> list[SavedFunnel]:
    """A site's funnels, the oldest first."""
    async with conn.cursor(row_factory=class_row(SavedFunnel)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM funnels f WHERE site_id = %s ORDER BY funnel_id", (site_id,)
        )
        return await cursor.fetchall()


async def funnel_by_id(conn: psycopg.AsyncConnection[Any], funnel_id: int) -> SavedFunnel | None:
    """The funnel of that number; None when there is none."""
    async with conn.cursor(row_factory=class_row(SavedFunnel)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS} FROM funnels f WHERE funnel_id = %s", (funnel_id,))
        return await cursor.fetchone()


async def delete_funnel(conn: psycopg.AsyncConnection[Any], funnel: SavedFunnel) -> None:
    """Forgets a funnel."""
    async with conn.transaction():
        site_id = await hold_number(conn, funnel.site_id)
        await conn.execute(
            "DELETE FROM funnels WHERE site_id = %s AND funnel_id = %s",
            (site_id, funnel.funnel_id),
        )
