"""API keys: stored hashed, shown once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

SCOPES = ("collect", "read", "admin")

_INSERT = "INSERT INTO api_keys (site_id, scope, name, prefix, hash) VALUES (%s, %s, %s, %s, %s)"
_COLUMNS = (
    "key_id, k.site_id, s.slug AS site, scope, k.name, prefix, hash, k.created_at, revoked_at"
)


@dataclass(frozen=True)
class ApiKey:
    """A key without the key itself."""

    key_id: int
    site_id: int | None
    """None: all sites."""
    site: str | None
    """Slug; None: all sites."""
    scope: str
    """collect, read or admin."""
    name: str
    prefix: str
    hash: bytes
    """SHA-256 of the key."""
    created_at: datetime
    revoked_at: datetime | None


def _make(site_id: int | None, scope: str, name: str) -> tuple[str, tuple[object, ...]]:
    key = f"tl_{secrets.token_urlsafe(32)}"
    return key, (site_id, scope, name, key[:8], hashlib.sha256(key.encode()).digest())


def create_key(
    conn: psycopg.Connection[Any], *, site: str | None, scope: str, name: str = ""
) -> str:
    """A new key for the site of that slug (None: all). Raises LookupError for no such site."""
    site_id = None
    if site is not None:
        row = conn.execute("SELECT site_id FROM sites WHERE slug = %s", (site,)).fetchone()
        if row is None:
            raise LookupError(f"there is no site {site!r}")
        site_id = row[0]
    key, row = _make(site_id, scope, name)
    conn.execute(_INSERT, row)
    return key


async def create_site_keys(conn: psycopg.AsyncConnection[Any], site_id: int) -> dict[str, str]:
    """A new key of each scope for a site, by scope."""
    made = {scope: _make(site_id, scope, "") for scope in SCOPES}
    for _, row in made.values():
        await conn.execute(_INSERT, row)
    return {scope: key for scope, (key, _) in made.items()}


def list_keys(conn: psycopg.Connection[Any]) -> list[ApiKey]:
    """All keys, revoked ones included, oldest first."""
    with conn.cursor(row_factory=class_row(ApiKey)) as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM api_keys k LEFT JOIN sites s USING (site_id) ORDER BY key_id"
        )
        return cursor.fetchall()


async def active_keys(conn: psycopg.AsyncConnection[Any]) -> list[ApiKey]:
    """The keys that are not revoked."""
    async with conn.cursor(row_factory=class_row(ApiKey)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM api_keys k LEFT JOIN sites s USING (site_id)"
            " WHERE revoked_at IS NULL"
        )
        return await cursor.fetchall()


def revoke_key(conn: psycopg.Connection[Any], key_id: int) -> bool:
    """Makes a key useless; False when there is no such key or it is revoked already."""
    changed = conn.execute(
        "UPDATE api_keys SET revoked_at = now() WHERE key_id = %s AND revoked_at IS NULL",
        (key_id,),
    )
    return changed.rowcount == 1
