"""The whole table behind a card: columns and rows, for the details dialog and for CSV."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboard_app.data import Data, Looked, beside_other
from dashboard_app.dimensions import label_of, value_label
from dashboard_app.formats import relative_change
from dashboard_app.panels import devices, goals, locations, pages, sources
from dashboard_app.panels.breakdown_card import BreakdownCard

CARDS: dict[str, BreakdownCard] = {
    props.id: props for props in (sources.CARD, pages.CARD, locations.CARD, devices.CARD)
}


@dataclass(frozen=True)
class Column:
    """A column: the row's attribute, its heading and how it is written (see `details`)."""

    attribute: str
    label: str
    kind: str = "count"


@dataclass(frozen=True)
class Table:
    """A titled table. The first column is the value; `compared` is one of the others.

    Rows map attributes to plain values (money as decimal text); `before` and `change` are there
    with a comparison.
    """

    title: str
    dimension: str
    value_label: str
    columns: Sequence[Column]
    compared: str
    has_comparison: bool
    rows: list[dict[str, Any]]

    @property
    def heading(self) -> str:
        """What the table is called: Sources by channel, but not Pages by page."""
        is_plain = self.title == f"{self.value_label}s"
        return self.title if is_plain else f"{self.title} by {self.value_label.lower()}"


PAGE_COLUMNS = (
    Column("pageviews", "Page views"),
    Column("visitors", "Visitors"),
    Column("entries", "Entries"),
    Column("exits", "Exits"),
    Column("bounce_rate", "Bounce rate", "rate"),
    Column("time_on_page_s", "Time on page", "duration"),
    Column("share", "Share of views", "rate"),
)
DIMENSION_COLUMNS = (
    Column("visitors", "Visitors"),
    Column("sessions", "Sessions"),
    Column("pageviews", "Page views"),
    Column("bounce_rate", "Bounce rate", "rate"),
    Column("session_duration_s", "Duration", "duration"),
    Column("conversions", "Conversions"),
    Column("revenue_net", "Revenue", "money"),
    Column("share", "Share of sessions", "rate"),
)
EVENT_COLUMNS = (
    Column("events", "Events"),
    Column("visitors", "Visitors"),
    Column("conversions", "Conversions"),
    Column("revenue_net", "Revenue", "money"),
    Column("share", "Share of events", "rate"),
)


async def table_of(data: Data, looked: Looked, card: str, key: str, limit: int) -> Table:
    """The table of a card's tab, at most `limit` rows. Raises LookupError for an unknown card."""
    if card == goals.PANEL:
        return await _table(
            looked, goals.TITLE, "event", "value", EVENT_COLUMNS,
            lambda scope: data.event_rows(scope, limit),
        )  # fmt: skip
    if card not in CARDS:
        raise LookupError(f"there is no card {card!r}; there are {', '.join(CARDS)}, goals")
    props = CARDS[card]
    tab = props.tab(key)
    if tab == pages.TOP:
        return await _table(
            looked, props.title, "page", "page", PAGE_COLUMNS,
            lambda scope: data.page_rows(scope, limit),
        )  # fmt: skip
    return await _table(
        looked, props.title, tab.dimension, "value", DIMENSION_COLUMNS,
        lambda scope: data.breakdown(scope, tab.dimension, limit),
        lambda scope: data.value_visitors(scope, tab.dimension, limit),
    )  # fmt: skip


async def _table(
    looked: Looked,
    title: str,
    dimension: str,
    attribute: str,
    columns: Sequence[Column],
    read: Callable[[Any], Any],
    read_before: Callable[[Any], Any] | None = None,
) -> Table:
    now, before = await beside_other(read, read_before or read, looked)
    compared = columns[0].attribute
    earlier = {getattr(row, attribute): getattr(row, compared) for row in before or ()}
    rows = []
    for row in now:
        value = getattr(row, attribute)
        cells = {column.attribute: _plain(getattr(row, column.attribute)) for column in columns}
        cells |= {"value": value_label(dimension, value), "key": value, "id": value or "?"}
        if before is not None:
            was = earlier.get(value, 0)
            cells |= {"before": was, "change": relative_change(getattr(row, compared), was)}
        rows.append(cells)
    return Table(title, dimension, label_of(dimension), columns, compared, before is not None, rows)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
