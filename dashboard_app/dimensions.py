"""What dimensions and their values are called."""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

LABELS = {
    "channel": "Channel",
    "source": "Source",
    "referrer": "Referrer",
    "utm_source": "UTM source",
    "utm_medium": "UTM medium",
    "utm_campaign": "Campaign",
    "utm_term": "UTM term",
    "utm_content": "UTM content",
    "country": "Country",
    "region": "Region",
    "city": "City",
    "device": "Device",
    "browser": "Browser",
    "os": "Operating system",
    "screen": "Screen",
    "language": "Language",
    "page": "Page",
    "entry_page": "Entry page",
    "exit_page": "Exit page",
    "event": "Event",
    "segment": "Segment",
    "weekday": "Weekday",
    "hour": "Hour",
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UNKNOWN = "(not known)"


class Country(NamedTuple):
    """ISO 3166-1 codes and the English short name."""

    code: str
    alpha3: str
    name: str


@cache
def countries() -> dict[str, Country]:
    """Countries by alpha-2 code."""
    with (Path(__file__).parent / "countries.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return {row[0]: Country(*row) for row in rows}


def label_of(dimension: str) -> str:
    """The dimension's name; of `property:KEY` the key."""
    kind, _, key = dimension.partition(":")
    return LABELS.get(dimension, key or kind)


def value_label(dimension: str, value: str | None) -> str:
    """The value as people read it."""
    if not value:
        return UNKNOWN
    if dimension == "country" and value in countries():
        return countries()[value].name
    if dimension == "device":
        return value[:1].upper() + value[1:]
    if dimension == "weekday" and value in "1234567":
        return WEEKDAYS[int(value) - 1]
    if dimension == "hour" and value.isdigit():
        return f"{int(value):02d}:00"
    return value
