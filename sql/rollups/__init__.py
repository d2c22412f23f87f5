"""Rollups of raw events: each SELECT is written once and wrapped by either engine."""

from dataclasses import dataclass

from sql.text import load_sql

NAMES = (
    "event_quarters", "event_page_hours", "event_page_days", "event_page_weeks",
    "event_name_hours", "event_name_days",
)  # fmt: skip
"""In the order of their upkeep: a rollup of another one comes after it."""


@dataclass(frozen=True)
class EventRollup:
    """A rollup: its name, the SELECT that defines it, and the columns that identify a row."""

    name: str
    select: str
    key: tuple[str, ...]
    lower: "EventRollup | None" = None
    """The rollup that it sums; None: the events."""

    @property
    def day(self) -> str:
        """The column of its local day, or of the local day that its week begins with."""
        return "local_week" if "local_week" in self.key else "local_day"

    @property
    def live(self) -> str:
        """TimescaleDB: the continuous aggregate, of the raw events that are there."""
        return f"{self.name}_live"

    @property
    def kept(self) -> str:
        """TimescaleDB: the table of what was counted of raw events that are there no more."""
        return f"{self.name}_kept"

    def of(self, events: str) -> str:
        """Its rows for some events, given as a SELECT of columns of `events`."""
        below = f", {self.lower.name} AS ({self.lower.select})" if self.lower else ""
        return f"WITH events AS ({events}){below} {self.select}"


def event_rollup(name: str) -> EventRollup:
    """The rollup of that name, read from its file."""
    select = load_sql(f"rollups/{name}.sql")
    key = tuple(part.strip() for part in _noted(select, "key").split(","))
    lower = _noted(select, "from")
    return EventRollup(name, select, key, event_rollup(lower) if lower else None)


def _noted(select: str, what: str) -> str:
    """What the file's comment says behind `what`; empty when it says nothing."""
    mark = f"-- {what}:"
    return next(
        (r.removeprefix(mark).strip() for r in select.splitlines() if r.startswith(mark)), ""
    )


def event_rollups() -> list[EventRollup]:
    """All rollups of raw events."""
    return [event_rollup(name) for name in NAMES]
