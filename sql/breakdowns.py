"""A scope by the values of a dimension."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg

from sql.filtered import fetch_filtered
from sql.filters import LOW_DIMENSIONS, SESSION_DIMENSIONS
from sql.halves import HALVES
from sql.metrics import SessionRates, ratio
from sql.parts import Wanted
from sql.running import column_of, fetch_rollups, fetch_selected, portions
from sql.scope import Scope, ScopeError, check_cut, check_raw
from sql.splits import split_scope, splits_by_filter
from sql.summed import fetch_summed
from sql.text import filled, query
from sql.traffic import overview

DIMENSIONS = (*SESSION_DIMENSIONS, "page", "event", "segment", "property:KEY", "experiment:KEY")

_PROPERTY = "property:"


@dataclass(frozen=True)
class ValueVisitors:
    """How many visitors a value of a dimension has."""

    value: str | None
    """None: unknown."""
    visitors: int


@dataclass(frozen=True)
class BreakdownRow(ValueVisitors, SessionRates):
    """A value of a first-touch dimension. Money in the site's currency."""

    sessions: int
    all_sessions: int
    """Sessions of the whole scope."""
    bounces: int
    duration_us: int
    events: int
    pageviews: int
    conversions: int
    revenue_net: Decimal

    @property
    def share(self) -> float | None:
        """Of the scope's sessions, 0-1."""
        return ratio(self.sessions, self.all_sessions)


@dataclass(frozen=True)
class EventCount:
    """How often an event happened."""

    value: str
    events: int
    all_events: int
    """Events of the whole scope."""

    @property
    def share(self) -> float | None:
        """Of the scope's events, 0-1."""
        return ratio(self.events, self.all_events)


@dataclass(frozen=True)
class EventRow(EventCount):
    """An event name; visitors and sessions are those with at least one such event."""

    visitors: int
    sessions: int
    conversions: int
    revenue_net: Decimal


@dataclass(frozen=True)
class PropertyRow:
    """A value of a property; visitors and sessions are those with at least one such event."""

    value: str
    visitors: int
    sessions: int
    events: int
    all_events: int
    """Events of the scope that have the property."""
    conversions: int
    revenue_net: Decimal

    @property
    def share(self) -> float | None:
        """Of the scope's events that have the property, 0-1."""
        return ratio(self.events, self.all_events)


@dataclass(frozen=True)
class PropertyKey:
    """A property and the events that have it, not null."""

    key: str
    events: int


def property_of(dimension: str) -> str | None:
    """The KEY of `property:KEY`; None for another dimension."""
    key = dimension.removeprefix(_PROPERTY)
    return key if dimension.startswith(_PROPERTY) and key and "\x00" not in key else None


def check_dimension(dimension: str) -> None:
    """Raises ScopeError for a dimension that cannot be broken down by."""
    is_known = dimension in DIMENSIONS[:-2] or splits_by_filter(dimension)
    if not is_known and property_of(dimension) is None:
        known = ", ".join(DIMENSIONS)
        raise ScopeError("dimension", f"{dimension!r} is not a dimension; one of {known} is")


async def breakdown(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    dimension: str,
    *,
    limit: int = 100,
    offset: int = 0,
    from_sessions: bool | None = None,
) -> list[BreakdownRow]:
    """The values of a first-touch dimension, most sessions first. Raises ScopeError.

    Of `page`: the sessions with a view of it, with all that they did.
    """
    check_dimension(dimension)
    if splits_by_filter(dimension):
        return (await _by_filter(conn, scope, dimension))[offset : offset + limit]
    page: dict[str, object] = {"most": limit, "skip": offset}
    if dimension in LOW_DIMENSIONS:
        page["dimension"] = LOW_DIMENSIONS[dimension]
        if scope.filters is None and not from_sessions:
            text = query("breakdowns/value_people") + query("breakdowns/low")
            text = column_of(text, dimension)
            return await fetch_rollups(conn, text, BreakdownRow, scope, page)
        wanted = Wanted((dimension,))
        return await fetch_filtered(
            conn, "breakdowns/low_filtered", BreakdownRow, scope, wanted, page
        )
    if dimension == "page":
        finding = query("breakdowns/page_found")
    else:
        finding = column_of(query("breakdowns/value_found"), dimension)
    summing = query("breakdowns/value_summed")
    return await fetch_summed(conn, finding, summing, BreakdownRow, scope, page)


async def value_visitors(
    conn: psycopg.AsyncConnection[Any], scope: Scope, dimension: str, *, limit: int = 100
) -> list[ValueVisitors]:
    """The values of a first-touch dimension with their visitors alone, which may cost far less.

    Most visitors first. Raises ScopeError.
    """
    if dimension not in LOW_DIMENSIONS or scope.filters is not None:
        rows: list[ValueVisitors] = [*await breakdown(conn, scope, dimension, limit=limit)]
        return sorted(rows, key=lambda row: -row.visitors)
    text = query("breakdowns/value_people") + query("breakdowns/value_visitors")
    given = {"dimension": LOW_DIMENSIONS[dimension], "most": limit}
    return await fetch_rollups(conn, text, ValueVisitors, scope, given)


async def _by_filter(
    conn: psycopg.AsyncConnection[Any], scope: Scope, dimension: str
) -> list[BreakdownRow]:
    """The variants or segments with events in the scope, most sessions first."""
    whole = (await overview(conn, scope)).sessions
    rows = [
        BreakdownRow(
            value, found.visitors, found.sessions, whole, found.bounces, found.duration_us,
            found.events, found.pageviews, found.conversions, found.revenue_net,
        )
        for value, narrowed in await split_scope(conn, scope, dimension)
        if (found := await overview(conn, narrowed)).events
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -row.sessions)


async def events_by_name(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    *,
    limit: int = 100,
    offset: int = 0,
    from_sessions: bool | None = None,
) -> list[EventRow]:
    """The event names of a scope, most frequent first. Raises ScopeError."""
    check_cut(scope, "event names")
    page = {"most": limit, "skip": offset}
    if from_sessions or (scope.filters is not None and from_sessions is None):
        finding = (
            f"WITH {portions(scope, 'names', 'MATERIALIZED')}{query('breakdowns/event_found')}"
        )
        return await fetch_summed(
            conn, finding, query("breakdowns/event_summed"), EventRow, scope, page
        )
    text = event_people(scope) + query("breakdowns/event")
    return await fetch_rollups(conn, text, EventRow, scope, page)


def event_people(scope: Scope) -> str:
    """The text that adds the visitors of event names to a WITH of what a cut leaves."""
    # Without a cut not even its text: what comes from a WITH is not read side by side.
    cut = "" if scope.cut is None else "UNION ALL SELECT name_id, visitor_id FROM share_names"
    arms = [filled("breakdowns/event_arm", {"which": each, "cut": cut}) for each in HALVES]
    return filled("breakdowns/event_people", {"arms": "UNION ALL\n".join(arms)})


async def event_counts(
    conn: psycopg.AsyncConnection[Any], scope: Scope, *, limit: int = 100, offset: int = 0
) -> list[EventCount]:
    """The same names with their counts alone, which costs far less. Raises ScopeError."""
    check_cut(scope, "event names")
    page = {"most": limit, "skip": offset}
    if scope.filters is None:
        return await fetch_rollups(conn, query("breakdowns/event_counts"), EventCount, scope, page)
    return await fetch_filtered(
        conn, "breakdowns/event_counts_filtered", EventCount, scope, Wanted(names=True), page
    )


async def by_property(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    key: str,
    *,
    event: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[PropertyRow]:
    """The values of a property among the events of a scope (of one name), most frequent first.

    Without a filter events without identity count too. Values that are no texts are shown as JSON;
    events without the property, or with null, are left out. Raises ScopeError.
    """
    check_raw(scope, "properties")
    page: dict[str, object] = {"key": key, "event": event, "most": limit, "skip": offset}
    page["is_filtered"] = scope.filters is not None
    return await fetch_selected(conn, query("breakdowns/property"), PropertyRow, scope, page)


async def property_keys(
    conn: psycopg.AsyncConnection[Any], scope: Scope, event: str, *, limit: int = 50
) -> list[PropertyKey]:
    """The properties that events of a name carry, most frequent first; counted as `by_property`.

    Raises ScopeError.
    """
    check_raw(scope, "properties")
    given = {"event": event, "is_filtered": scope.filters is not None, "most": limit}
    return await fetch_selected(conn, query("breakdowns/property_keys"), PropertyKey, scope, given)
