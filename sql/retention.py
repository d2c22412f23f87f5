"""Retention and lifetime value by cohort, as of any instant.

A cohort is the local day, ISO week or month of a visitor's first event ever. Revenue is by calendar
period in every mode.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

import psycopg

from sql.running import fetch
from sql.scope import Scope, ScopeError, local_today, midnight
from sql.summed import fetch_summed
from sql.text import query

GRAINS = ("day", "week", "month")
MODES = ("bounded", "unbounded", "rolling")
UNIT_S = {"day": 86_400, "week": 7 * 86_400, "month": 30 * 86_400}
"""Seconds of a rolling period: 24 h, 168 h, and for months 720 h."""
MOST_CELLS = 200_000
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class RetentionCell:
    """What a query knows of a cohort's period; several rows of the same one add up."""

    cohort: date
    """First local day of the cohort."""
    period: int
    """0 is the cohort's own."""
    retained: int
    """Members active in it; unbounded: active in it and not later."""
    newest_at: datetime | None
    """The last first event of these members; None where the query does not tell."""
    revenue_net: Decimal


@dataclass(frozen=True)
class Cohort:
    """A cohort's figures, one number per period from its own to the last begun before as_of."""

    cohort: date
    """First local day."""
    size: int
    retained: list[int]
    """Members active in the period (unbounded: or later)."""
    complete: list[bool]
    """Whether the period has ended; rolling: whether every member has lived through it."""
    revenue: list[Decimal]
    """Net revenue of the members up to the end of the (calendar) period."""

    @property
    def ltv(self) -> list[Decimal | None]:
        """Lifetime value: revenue / all members; None without members."""
        return [total / self.size if self.size else None for total in self.revenue]


@dataclass(frozen=True)
class Retention:
    """The cohorts of a range. Activity at or after `as_of` is invisible."""

    grain: str
    mode: str
    as_of: datetime
    cohorts: list[Cohort]
    """In order of time, those without members included."""

    @property
    def average(self) -> list[float | None]:
        """Retained / size by period, pooled over the cohorts complete at it; None without."""
        return [
            sum(c.retained[n] for c in mature) / size if size else None
            for n, mature, size in self._pooled()
        ]

    @property
    def average_ltv(self) -> list[Decimal | None]:
        """Revenue / size by period, pooled over the cohorts complete at it; None without."""
        return [
            sum((c.revenue[n] for c in mature), Decimal()) / size if size else None
            for n, mature, size in self._pooled()
        ]

    def _pooled(self) -> Iterator[tuple[int, list[Cohort], int]]:
        """Each period, the cohorts complete at it and how many members these have."""
        for n in range(max((len(c.retained) for c in self.cohorts), default=0)):
            mature = [c for c in self.cohorts if n < len(c.complete) and c.complete[n]]
            yield n, mature, sum(c.size for c in mature)


def period_start(grain: str, day: date) -> date:
    """First local day of the day, ISO week or month that `day` lies in."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def next_period(grain: str, start: date) -> date:
    """First local day of the period after the one that begins on `start`."""
    return period_start(grain, start + timedelta(days={"day": 1, "week": 7, "month": 31}[grain]))


@dataclass(frozen=True)
class _Frame:
    """The periods of a request: `starts` and, one longer, the instants `bounds` between them."""

    scope: Scope
    grain: str
    mode: str
    as_of: datetime
    starts: list[date]
    bounds: list[datetime]
    cohorts: int
    """How many of the periods are cohorts."""

    @property
    def last(self) -> date:
        """The local day that ends at as_of, or in which as_of lies."""
        return local_today(self.scope.site, self.as_of - _INSTANT)

    @property
    def parameters(self) -> dict[str, object]:
        """What the queries refer to."""
        return {
            "site_id": self.scope.site.site_id,
            "timezone": self.scope.site.timezone,
            "grain": self.grain,
            "mode": self.mode,
            "unit_s": UNIT_S[self.grain],
            "as_of": self.as_of,
            "first": self.starts[0],
            "last_cohort": next_period(self.grain, self.starts[self.cohorts - 1])
            - timedelta(days=1),
            "last": self.last,
            "live_last": self.last,
        }


def _frame(scope: Scope, grain: str, mode: str, as_of: datetime) -> _Frame:
    starts, bounds, cohorts = [], [], 0
    start = period_start(grain, scope.first)
    while (begins := midnight(scope.site, start)) < as_of:
        starts.append(start)
        bounds.append(begins)
        cohorts += start <= scope.last
        if cohorts * len(starts) > 2 * MOST_CELLS:
            raise ScopeError(
                "grain", f"{scope.days} days by {grain} are too many cohorts; take a coarser grain"
            )
        start = next_period(grain, start)
    return _Frame(scope, grain, mode, as_of, starts, [*bounds, begins], cohorts)


def check_retention(grain: str, mode: str) -> None:
    """Raises ScopeError for a grain or mode that does not exist."""
    if grain not in GRAINS:
        raise ScopeError("grain", f"{grain!r} is not a grain; one of {', '.join(GRAINS)} is")
    if mode not in MODES:
        raise ScopeError("mode", f"{mode!r} is not a mode; one of {', '.join(MODES)} is")


def default_as_of(scope: Scope, now: datetime) -> datetime:
    """The earlier of now and the end of the range (the first instant after its last day)."""
    return min(now, scope.end)


async def retention(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    *,
    grain: str = "week",
    mode: str = "bounded",
    as_of: datetime,
    from_sessions: bool | None = None,
) -> Retention:
    """Retention of the cohorts that the scope's days lie in, each cohort whole. Raises ScopeError.

    Under filters members are the visitors whose first session is selected, and activity is that of
    selected sessions. Needs a connection outside a transaction.
    """
    check_retention(grain, mode)
    frame = _frame(scope, grain, mode, as_of)
    if not frame.cohorts:
        return Retention(grain, mode, as_of, [])
    if from_sessions is None:
        from_sessions = scope.filters is not None
    found = await (_selected if from_sessions else _unfiltered)(conn, frame)
    return Retention(grain, mode, as_of, _assemble(frame, found))


async def _selected(conn: psycopg.AsyncConnection[Any], frame: _Frame) -> list[RetentionCell]:
    reach = Scope(frame.scope.site, frame.starts[0], frame.last, frame.scope.filters)
    return await fetch_summed(
        conn, query("retention/cells_found"), "TABLE found", RetentionCell, reach, frame.parameters
    )


async def _unfiltered(conn: psycopg.AsyncConnection[Any], frame: _Frame) -> list[RetentionCell]:
    async with conn.transaction():
        await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        parameters = {**frame.parameters, "live_first": await _live_first(conn, frame)}
        cells = await fetch(conn, "retention/cells_stored", RetentionCell, parameters)
        cells += await fetch(conn, "retention/cells", RetentionCell, parameters)
        if frame.mode == "bounded":
            return cells
        revenue = [RetentionCell(c.cohort, c.period, 0, None, c.revenue_net) for c in cells]
        return revenue + await fetch(conn, f"retention/{frame.mode}", RetentionCell, parameters)


async def _live_first(conn: psycopg.AsyncConnection[Any], frame: _Frame) -> date:
    """The first local day that figures computed ahead do not answer for, as of the instant."""
    known = {"site_id": frame.scope.site.site_id, "grain": frame.grain}
    stored = await fetch(conn, "retention/find_stored", _Stored, known)
    ended = frame.starts[-1] if frame.bounds[-1] > frame.as_of else frame.last + timedelta(days=1)
    return max(frame.starts[0], min(stored[0].live_first, ended)) if stored else frame.starts[0]


@dataclass(frozen=True)
class _Stored:
    live_first: date


def _assemble(frame: _Frame, found: list[RetentionCell]) -> list[Cohort]:
    retained: dict[tuple[date, int], int] = defaultdict(int)
    revenue: dict[tuple[date, int], Decimal] = defaultdict(Decimal)
    newest: dict[date, datetime] = {}
    for cell in found:
        retained[cell.cohort, cell.period] += cell.retained
        revenue[cell.cohort, cell.period] += cell.revenue_net
        if cell.newest_at is not None:
            newest[cell.cohort] = max(cell.newest_at, newest.get(cell.cohort, cell.newest_at))
    return [
        _cohort(frame, index, start, retained, revenue, newest.get(start))
        for index, start in enumerate(frame.starts[: frame.cohorts])
    ]


def _cohort(
    frame: _Frame,
    index: int,
    start: date,
    retained: dict[tuple[date, int], int],
    revenue: dict[tuple[date, int], Decimal],
    newest_at: datetime | None,
) -> Cohort:
    periods = range(len(frame.starts) - index)
    counts = [retained[start, n] for n in periods]
    if frame.mode == "unbounded":
        counts = list(accumulate(reversed(counts)))[::-1]
    return Cohort(
        cohort=start,
        size=counts[0],
        retained=counts,
        complete=[_is_complete(frame, index + n, n, newest_at) for n in periods],
        revenue=list(accumulate(revenue[start, n] for n in periods)),
    )


def _is_complete(frame: _Frame, position: int, period: int, newest_at: datetime | None) -> bool:
    if frame.mode != "rolling":
        return frame.bounds[position + 1] <= frame.as_of
    lived = timedelta(seconds=UNIT_S[frame.grain] * (period + 1))
    return newest_at is None or newest_at + lived <= frame.as_of
