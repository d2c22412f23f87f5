"""The sample log with its truth: three shops, six weeks over a clock change, by brute force."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).parent / "data" / "sample"


def truth() -> Any:
    """What any correct system must answer."""
    with gzip.open(SAMPLE / "truth.json.gz", "rt") as file:
        return json.load(file)


def time_zones() -> dict[str, str]:
    """The sites' time zones."""
    zones: dict[str, str] = json.loads((SAMPLE / "meta.json").read_text())["sites"]
    return zones


def events() -> Iterator[dict[str, Any]]:
    """The log in order of arrival, in the API's wire form."""
    with gzip.open(SAMPLE / "events.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            yield _event(row)


def _event(row: dict[str, str]) -> dict[str, Any]:
    fields = ("event_id", "site_id", "timestamp", "user_id", "anonymous_id", "url", "referrer")
    event: dict[str, Any] = {name: row[name] for name in fields if row[name]}
    event["name"] = row["event_type"]
    if row["value"]:
        event["value"] = row["value"]
    properties = {"experiment": row["experiment_id"], "variant": row["variant"]}
    if any(properties.values()):
        event["properties"] = {key: value for key, value in properties.items() if value}
    return event


def batches(size: int = 2_000) -> Iterator[list[dict[str, Any]]]:
    """The log in pieces that the API takes."""
    batch: list[dict[str, Any]] = []
    for event in events():
        batch.append(event)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch
