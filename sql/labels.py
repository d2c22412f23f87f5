"""Texts that are stored once a site and referred to by id."""

import hashlib
import struct
from typing import Any
from uuid import UUID

import psycopg

MAX_CACHED = 400_000
"""Labels of a site that a process remembers before it starts over."""

_FIELD = struct.Struct("!ii").pack
LABEL_BYTES = struct.calcsize("!ii")
"""Size of the field of a label."""


class SiteLabels(dict[str | None, bytes]):
    """Ids of a site's texts as fields of a binary COPY row; of None it is 0.

    A text that is not known yet gives b"" and is noted, to be stored with all others that are.
    """

    def __init__(self, site_id: int) -> None:
        super().__init__({None: _FIELD(4, 0)})
        self._site_id = site_id
        self.misses = 0
        """How often a text was not known."""
        self._missing: set[str] = set()

    def __missing__(self, text: str | None) -> bytes:
        assert text is not None
        self.misses += 1
        self._missing.add(text)
        return b""

    def store_missing(self, conn: psycopg.Connection[Any]) -> None:
        """Makes the texts known that were missed. Needs autocommit mode outside a transaction.

        Labels are committed by themselves, so that an id stays valid when the batch that needed it
        is rolled back.
        """
        missing, self._missing = sorted(self._missing), set()
        if len(self) + len(missing) > MAX_CACHED:
            self.clear()
            self[None] = _FIELD(4, 0)
        stored = store_labels(conn, self._site_id, missing)
        self.update({text: _FIELD(4, number) for text, number in stored.items()})


def label_hash(value: str) -> UUID:
    """What `labels.hash` holds for a text; `label_hash` in SQL."""
    return UUID(bytes=hashlib.sha256(value.encode()).digest()[:16])


def store_labels(conn: psycopg.Connection[Any], site_id: int, values: list[str]) -> dict[str, int]:
    """Ids of `values` on the site, storing those that are new."""
    hashes = [label_hash(value) for value in values]
    conn.execute(
        "INSERT INTO labels (site_id, hash, value)"
        " SELECT %s, hash, value FROM unnest(%s::uuid[], %s::text[]) AS v(hash, value)"
        " WHERE NOT EXISTS (SELECT FROM labels l WHERE l.site_id = %s AND l.hash = v.hash)"
        " ORDER BY hash ON CONFLICT DO NOTHING",
        (site_id, hashes, values, site_id),
    )
    rows = conn.execute(
        "SELECT hash, label_id FROM labels WHERE site_id = %s AND hash = ANY(%s)",
        (site_id, hashes),
    )
    ids = dict(rows.fetchall())
    return {value: ids[hash_] for value, hash_ in zip(values, hashes, strict=True)}
