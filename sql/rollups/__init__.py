"""Rollups of raw events: each SELECT is written once and wrapped by either engine."""

from dataclasses import dataclass

from sql.text import load_sql

NAMES = ("event_quarters", "event_page_days", "event_name_days")

_KEY = "-- key:"


@dataclass(frozen=True)
class EventRollup:
    """A rollup: its name, the SELECT that defines it, and the columns that identify a row."""

    name: str
    select: str
    key: tuple[str, ...]


def event_rollup(name: str) -> EventRollup:
    """The rollup of that name, read from its file."""
    select = load_sql(f"rollups/{name}.sql")
    line = next(row for row in select.splitlines() if row.startswith(_KEY))
    key = tuple(part.strip() for part in line.removeprefix(_KEY).split(","))
    return EventRollup(name, select, key)


def event_rollups() -> list[EventRollup]:
    """All rollups of raw events."""
    return [event_rollup(name) for name in NAMES]
