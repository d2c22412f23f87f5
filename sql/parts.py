"""SQL of parts: figures of selected sessions that add up, by day, value, hour, page and event name.

Read by filtered answers, and stored for closed days (`sql.filtered_days`).
"""

from dataclasses import dataclass

from sql.filters import LOW_DIMENSIONS, PAGE
from sql.text import filled, query

HOURS, PAGES, NAMES = 7, PAGE, 9
"""Kinds of parts beside 0, the day, and the dimensions' numbers."""

COLUMNS = (
    "dimension, value_id, kind, local_day, by_id, sessions, bounces, duration_us,"
    " session_pageviews, events, pageviews, conversions, purchases, revenue_gross, revenue_net,"
    " visitors, converting_visitors"
)
"""Of parts, in the order of filtered_days."""


@dataclass(frozen=True)
class Wanted:
    """What is wanted of the selected sessions besides the figures of their days."""

    dimensions: tuple[str, ...] = ()
    """Names in LOW_DIMENSIONS."""
    hours: bool = False
    pages: bool = False
    names: bool = False

    @property
    def kinds(self) -> list[int]:
        """Of parts, ascending."""
        others = {HOURS: self.hours, PAGES: self.pages, NAMES: self.names}
        numbers = sorted(LOW_DIMENSIONS[name] for name in self.dimensions)
        return [0, *numbers, *(kind for kind, is_wanted in others.items() if is_wanted)]

    def covers(self, other: "Wanted") -> bool:
        """Whether it has all that the other wants."""
        return set(other.kinds) <= set(self.kinds)


EVERYTHING = Wanted(tuple(LOW_DIMENSIONS), hours=True, pages=True, names=True)


def parts_of(shares: str, wanted: Wanted, *more: str, is_table: bool = False) -> str:
    """A SELECT of parts.

    `shares`: a SELECT of shares with the dimension and value_id that they are selected by, which
    costs nothing to read again if `is_table`; `more`: further SELECTs of parts.
    """
    selects = [_of_days(wanted.dimensions)]
    for kind, name in ((HOURS, "hours"), (PAGES, "pages"), (NAMES, "names")):
        if kind in wanted.kinds:
            selects.append(query(f"selection/parts_of_{name}"))
    union = "\nUNION ALL\n".join([*selects, *more])
    how = "NOT MATERIALIZED" if is_table else "MATERIALIZED"
    return f"WITH shares AS {how} ({shares})\nSELECT {COLUMNS} FROM (\n{union}\n) AS parts"


def _of_days(dimensions: tuple[str, ...]) -> str:
    columns = {f"{name}_id": LOW_DIMENSIONS[name] for name in dimensions}
    cases = " ".join(f"WHEN GROUPING({column}) = 0 THEN {n}" for column, n in columns.items())
    texts = {
        "columns": "".join(f"{column}, " for column in columns),
        "sets": ", ".join(["()", *(f"({column})" for column in columns)]),
        "kind": f"(CASE {cases} ELSE 0 END)" if columns else "0",
        "by_id": f"coalesce({', '.join(columns)}, 0)" if columns else "0",
    }
    return filled("selection/parts_of_days", texts)
