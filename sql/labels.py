"""Texts that are stored once a site and referred to by id."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import psycopg

MAX_CACHED = 400_000
"""Labels a process remembers before it starts over."""


class LabelIds:
    """The ids of a site's texts, remembered; new texts are stored as they come.

    Needs a connection in autocommit mode outside a transaction: labels are committed by
    themselves, so that an id stays valid when the batch that needed it is rolled back.
    """

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self._conn = conn
        self._sites: dict[int, dict[str | None, int]] = {}

    def resolve(self, site_id: int, values: Iterable[str | None]) -> Mapping[str | None, int]:
        """A mapping that holds the id of each of `values`; the id of None is 0."""
        known = self._sites.setdefault(site_id, {None: 0})
        missing = sorted({v for v in values if v is not None} - known.keys())
        if missing:
            if len(known) > MAX_CACHED:
                known.clear()
                known[None] = 0
                missing = sorted({v for v in values if v is not None})
            known.update(store_labels(self._conn, site_id, missing))
        return known


def _hash(value: str) -> UUID:
    return UUID(bytes=hashlib.md5(value.encode(), usedforsecurity=False).digest())


def store_labels(conn: psycopg.Connection[Any], site_id: int, values: list[str]) -> dict[str, int]:
    """Ids of `values` on the site, storing those that are new."""
    hashes = [_hash(value) for value in values]
    conn.execute(
        "INSERT INTO labels (site_id, hash, value)"
        " SELECT %s, hash, value FROM unnest(%s::uuid[], %s::text[]) AS v(hash, value)"
        " WHERE NOT EXISTS (SELECT FROM labels l WHERE l.site_id = %s AND l.hash = v.hash)"
        " ORDER BY hash ON CONFLICT DO NOTHING",
        (site_id, hashes, values, site_id),
    )
    rows = conn.execute(
        "SELECT value, label_id FROM labels WHERE site_id = %s AND hash = ANY(%s)",
        (site_id, hashes),
    )
    return dict(rows.fetchall())
