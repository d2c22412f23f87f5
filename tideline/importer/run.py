"""Imports one file: reads, cuts, posts, counts."""

from collections.abc import Callable

from tideline.importer.batches import batches
from tideline.importer.client import Client
from tideline.importer.reader import Line, Source
from tideline.importer.summary import Summary


def run_import(source: Source, client: Client, progress: Callable[[int, Summary], None]) -> Summary:
    """Post every event of the file, one batch after the other so that their order is kept.

    `progress` is called after each batch with the bytes read and the summary so far.
    """
    summary = Summary()
    for item in batches(source.lines()):
        if isinstance(item, Line):
            summary.reject(item.number, None, f"the line {item.problem}")
            continue
        answer = client.post(item.body)
        summary.accepted += answer.accepted
        for rejection in answer.rejected:
            number = item.lines[int(rejection["index"])]
            summary.reject(number, rejection.get("field"), str(rejection.get("message")))
        progress(source.bytes_read, summary)
    return summary
