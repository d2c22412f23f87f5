"""Funnels: how many people get how far through steps in order, and how long it takes them.

Any event of the first step in the range may open an attempt, the deepest attempt counts, other
events may lie between, simultaneous ones are in the order that helps, and one event never satisfies
two steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import class_row

from sql.filters import SESSION_DIMENSIONS
from sql.funnel_steps import Step, matched
from sql.funnel_sweep import Sweep, runs_by_bits
from sql.metrics import ratio
from sql.scope import Scope, ScopeError, check_raw, local_today
from sql.splits import split_scope, splits_by_filter
from sql.text import query

_PLANNING = "SET LOCAL enable_nestloop = off; SET LOCAL jit = off; SET LOCAL work_mem = '64MB'"
"""The planner knows nothing of how many rows a sweep leaves; its loops would be quadratic."""

MOST_STEPS = 10
MOST_WINDOW_S = 366 * 86_400
DEFAULT_WINDOW_S = 7 * 86_400
PER = ("visitor", "session")


@dataclass(frozen=True)
class Funnel:
    """2 to 10 steps, the last at most `window_s` seconds of elapsed time after the first."""

    steps: Sequence[Step]
    window_s: float
    per: str = "visitor"
    dimension: str | None = None
    """Splits by the sessions' value of it, as if each value were filtered for; None: no split."""


@dataclass(frozen=True)
class FunnelRow:
    """A funnel's figures; with a split, those of one value of the dimension."""

    value: str | None
    """None: unknown, or not split."""
    counts: list[int]
    """Visitors (sessions) that reach each step."""
    converted: int
    """Those that reach the last."""
    median_s: float | None
    """Seconds from the earliest completing entry, by the earliest next steps; None without."""
    mean_s: float | None

    @property
    def from_first(self) -> list[float | None]:
        """Of those that enter, 0-1; None when nobody does."""
        return [ratio(count, self.counts[0]) for count in self.counts]

    @property
    def from_previous(self) -> list[float | None]:
        """Of those that reach the step before, 0-1; None at the first, and when nobody does."""
        pairs = zip(self.counts, self.counts[1:], strict=False)
        return [None, *(ratio(count, before) for before, count in pairs)]


def check_funnel(funnel: Funnel) -> None:
    """Raises ScopeError for what cannot be, naming the field."""
    steps = funnel.steps
    if not 2 <= len(steps) <= MOST_STEPS:
        raise ScopeError("steps", f"a funnel has 2 to {MOST_STEPS} steps, not {len(steps)}")
    for number, step in enumerate(steps, 1):
        if (step.event is None) == (step.page is None):
            raise ScopeError("steps", f'step {number} needs either "event" or "page"')
        if not (step.event or step.page) or "\x00" in step.text:
            raise ScopeError("steps", f"step {number}: {step.text!r} is not an event or a page")
    if not 0 < funnel.window_s <= MOST_WINDOW_S:
        raise ScopeError(
            "window_s",
            f"{funnel.window_s} is not a window: seconds above 0, at most {MOST_WINDOW_S}",
        )
    if funnel.per not in PER:
        raise ScopeError("per", f"{funnel.per!r} is not one of {', '.join(PER)}")
    _check_dimension(funnel.dimension)


def _check_dimension(dimension: str | None) -> None:
    if dimension is None or dimension in SESSION_DIMENSIONS or splits_by_filter(dimension):
        return
    known = ", ".join((*SESSION_DIMENSIONS, "experiment:KEY", "segment"))
    raise ScopeError("dimension", f"{dimension!r} does not split a funnel; one of {known} does")


def matures_at(scope: Scope, funnel: Funnel) -> datetime:
    """The instant from which every entry of the scope has had its whole window."""
    return scope.end + timedelta(seconds=funnel.window_s)


async def run_funnel(
    conn: psycopg.AsyncConnection[Any], scope: Scope, funnel: Funnel, *, limit: int = 100
) -> list[FunnelRow]:
    """One row; with a dimension, its `limit` values with the most entrants. Raises ScopeError.

    Entries lie in the scope, later steps may fall after it. Under filters only events of the
    selected sessions count.
    """
    check_funnel(funnel)
    check_raw(scope, "funnels")
    if funnel.dimension is not None and splits_by_filter(funnel.dimension):
        return await _run_by_filter(conn, scope, funnel, funnel.dimension, limit)
    until = matures_at(scope, funnel)
    matching = await matched(
        conn,
        scope,
        until,
        funnel.steps,
        by_session=funnel.per == "session",
        dimension=funnel.dimension,
    )
    steps = len(funnel.steps)
    sweep = Sweep(steps, matching.is_exclusive)
    groups = "" if sweep.is_exclusive else query("funnels/groups")
    text = (
        f"{matching.text}\n{groups}{sweep.forward()},\n{sweep.backward()},\n"
        f"{query('funnels/answer')}"
    )
    alone, together = runs_by_bits(steps)
    given = {
        **scope.parameters,
        "last": local_today(scope.site, until),
        "steps": steps,
        "alone": alone,
        "together": together,
        "window_s": funnel.window_s,
        "most": limit,
    }
    async with conn.transaction(), conn.cursor(row_factory=class_row(FunnelRow)) as cursor:
        await cursor.execute(_PLANNING)
        await cursor.execute(text, {**given, **matching.parameters})
        rows = await cursor.fetchall()
    return rows or ([] if funnel.dimension else [FunnelRow(None, [0] * steps, 0, None, None)])


async def _run_by_filter(
    conn: psycopg.AsyncConnection[Any], scope: Scope, funnel: Funnel, dimension: str, limit: int
) -> list[FunnelRow]:
    whole = replace(funnel, dimension=None)
    rows = [
        replace((await run_funnel(conn, narrowed, whole))[0], value=value)
        for value, narrowed in await split_scope(conn, scope, dimension)
    ]
    entered = sorted((row for row in rows if row.counts[0]), key=lambda row: -row.counts[0])
    return entered[:limit]
