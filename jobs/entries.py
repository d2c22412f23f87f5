"""Stream entries: as Redis delivers them, and the events in them."""

import re
from collections.abc import Sequence
from typing import Any

from jobs.batches import Arrival, arrivals_of
from sql.events import decode_batch
from sql.writing import DeadLetter

Entry = tuple[bytes, dict[bytes, bytes]]
"""Id and fields."""

_BATCH_ID = re.compile(rb"[0-9a-f]{24}")


def entries_by_key(answer: Any) -> list[tuple[bytes, list[Entry]]]:
    """XREADGROUP's reply as pairs, whichever protocol version the client speaks."""
    if not answer:
        return []
    if isinstance(answer, dict):
        return [(key, batches[0] if batches else []) for key, batches in answer.items()]
    return [(key, entries) for key, entries in answer]


def decode_entries(entries: Sequence[Entry]) -> tuple[list[Arrival], list[DeadLetter]]:
    """Events of the entries in order, and the entries that are none.

    Of entries with the same batch id only the first counts: the API adds a batch again when it does
    not know whether Redis took it.
    """
    arrivals: list[Arrival] = []
    undecodable: list[DeadLetter] = []
    batch_ids: set[str] = set()
    for entry_id, fields in entries:
        sent_id, payload = fields.get(b"batch_id", b""), fields.get(b"events", b"")
        if not _BATCH_ID.fullmatch(sent_id):
            reason = f"batch_id {sent_id!r:.80} is not 24 lower-case hexadecimal characters"
            undecodable.append(DeadLetter(None, entry_id.decode(), reason, payload))
            continue
        batch_id = sent_id.decode()
        if batch_id in batch_ids:
            continue
        batch_ids.add(batch_id)
        try:
            events = decode_batch(payload)
        except ValueError as error:
            undecodable.append(DeadLetter(None, batch_id, str(error), payload))
            continue
        arrivals.extend(arrivals_of(batch_id, events))
    return arrivals, undecodable
