"""Cuts a stream of events into request bodies that the API takes."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tideline.importer.reader import Line

MAX_EVENTS = 2_500
MAX_BYTES = 1 << 20
FRAME = len(b'{"events":[]}')


@dataclass(frozen=True)
class Batch:
    """A request body, and the line of the file each of its events is on."""

    body: bytes
    lines: tuple[int, ...]


def batches(lines: Iterable[Line]) -> Iterator[Batch | Line]:
    """Bodies of at most 2,500 events and 1 MiB, in order; and the lines that gave no event."""
    events: list[bytes] = []
    numbers: list[int] = []
    size = FRAME
    for line in lines:
        if line.event is None:
            yield line
            continue
        event = json.dumps(line.event, separators=(",", ":"), ensure_ascii=False).encode()
        if len(event) + FRAME > MAX_BYTES:
            yield Line(line.number, problem=f"has {len(event)} bytes, more than an event may have")
            continue
        if len(events) == MAX_EVENTS or size + len(event) + 1 > MAX_BYTES:
            yield batch_of(events, numbers)
            events, numbers, size = [], [], FRAME
        events.append(event)
        numbers.append(line.number)
        size += len(event) + 1
    if events:
        yield batch_of(events, numbers)


def batch_of(events: list[bytes], numbers: list[int]) -> Batch:
    """One body of these events."""
    return Batch(b'{"events":[' + b",".join(events) + b"]}", tuple(numbers))
