"""Filtered answers: from parts, which add up, and people, who do not.

Parts of days that have ended are stored for filters on one frequent value (`sql.filtered_days`);
those of other days and filters come from the selected sessions' shares.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from sql.filters import LOW_NAMES, PAGE, single_value
from sql.halves import (
    HALVES,
    WORTHWHILE_SESSIONS,
    are_many,
    beside,
    both,
    bring,
    can_be_halved,
    exported_snapshot,
)
from sql.labels import label_hash
from sql.parts import Wanted, parts_of
from sql.people import MOST_BITS, People, people_of
from sql.running import fetch_text, plan_by_set, share_columns, share_selected, shares_of
from sql.scope import Scope
from sql.selection import Reach
from sql.text import filled, query

Row = TypeVar("Row")

OVERVIEW = Wanted(("channel", "country", "device"), hours=True, pages=True, names=True)
"""What `share_selection` finds at once: the Overview as it opens."""

_SESSIONS = "SELECT sessions.* FROM sessions WHERE sessions.site_id = %(site_id)s"
_ALL_SHARES = "SELECT 0::smallint AS dimension, 0 AS value_id, * FROM shares"

_IN_ORDER = "ORDER BY visitor_id"

_SHARED, _OWN, _HALF = "selected", "own", "half"
"""What names of temporary tables begin with: those of a transaction, of a question, of a half."""


@dataclass(frozen=True)
class _Source:
    """Where parts and people come from: texts of a WITH, and their parameters."""

    shares: str
    """Adds shares."""
    open_shares: str
    """A SELECT of the shares whose parts are not stored."""
    stored: tuple[str, ...]
    """SELECTs of parts that are."""
    people: tuple[People, ...]
    given: dict[str, Any]

    def parts(self, wanted: Wanted) -> str:
        """A SELECT of parts."""
        return parts_of(self.open_shares, wanted, *self.stored, is_table=not self.stored)


@dataclass(frozen=True)
class _Value:
    """A filter on one value, whose parts are stored of some days."""

    is_value: str
    """Whether a session has it."""
    within: str
    """A SELECT of those within the days that have it, of the visitors of {which}.

    Of the visitors who are parted, others too.
    """
    given: dict[str, Any]
    """What `selection/value` was asked and found."""


@dataclass(frozen=True)
class _Found:
    """Names of the temporary tables of parts and people."""

    parts: str
    people: str


async def fetch_filtered(
    conn: psycopg.AsyncConnection[Any],
    name: str,
    row: type[Row],
    scope: Scope,
    wanted: Wanted,
    parameters: Mapping[str, object] | None = None,
    *,
    halved_from: int = WORTHWHILE_SESSIONS,
) -> list[Row]:
    """All rows of the query `name`, which goes on a WITH of `parts` and `people` of a scope.

    Hours cannot be wanted of a scope that is cut. With so many sessions of the range as
    `halved_from`, another connection may help. Raises ScopeError.
    """
    assert scope.cut is None or not wanted.hours
    given = {**scope.parameters, **(parameters or {})}
    async with _tables(conn, scope) as snapshot:
        if scope.is_shared and (shared := _shared(scope)).covers(wanted):
            made = _names(_SHARED, shared)
        else:
            made = await _find(conn, scope, wanted, snapshot, halved_from)
        begin = filled("selection/begin_filtered", {"parts": made.parts, "people": made.people})
        return await fetch_text(conn, begin + query(name), row, given)


async def share_selection(
    conn: psycopg.AsyncConnection[Any], scope: Scope, *, halved_from: int = WORTHWHILE_SESSIONS
) -> Scope:
    """Finds once what the questions of the Overview about a filtered scope have in common.

    It lies in temporary tables until the transaction, which the caller holds and has set no
    savepoint in, ends. With so many sessions of the range as `halved_from`, another connection
    helps. Returns the scope to ask with. Raises ScopeError.
    """
    wanted = _shared(scope)
    made = _names(_SHARED, wanted)
    value = await _value(conn, scope)
    snapshot = await exported_snapshot(conn)
    shared = replace(scope, is_shared=True, snapshot=snapshot)
    if value is not None:
        await _make(conn, shared, wanted, made, _of_value(shared, value))
    elif await can_be_halved(conn, scope, halved_from):
        await _make_halves(conn, shared, wanted, made, snapshot, halved_from)
    else:
        await share_selected(conn, scope)
        shared = replace(shared, has_shares=True)
        await _make(conn, shared, wanted, made, _of_table(f"{_SHARED}_shares"))
    return shared


def _shared(scope: Scope) -> Wanted:
    return OVERVIEW if scope.cut is None else replace(OVERVIEW, hours=False)


@asynccontextmanager
async def _tables(conn: psycopg.AsyncConnection[Any], scope: Scope) -> AsyncIterator[str | None]:
    """The transaction that temporary tables live in; those of one question go at its end.

    Gives its snapshot, where it has one to give.
    """
    if scope.is_shared:
        yield scope.snapshot
        return
    is_outer = conn.info.transaction_status is TransactionStatus.IDLE
    async with conn.transaction(force_rollback=True):
        if is_outer:
            await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield await exported_snapshot(conn)
        else:
            yield scope.snapshot


def _names(prefix: str, wanted: Wanted) -> _Found:
    suffix = "_".join(map(str, wanted.kinds))
    return _Found(f"{prefix}_parts_{suffix}", f"{prefix}_people_{suffix}")


async def _find(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    wanted: Wanted,
    snapshot: str | None,
    halved_from: int,
) -> _Found:
    """Makes the temporary tables of parts and people, unless the transaction has them."""
    made = _names(_SHARED if scope.is_shared else _OWN, wanted)
    if await _has_table(conn, made.people):
        return made
    if scope.has_shares:
        source = _of_table(f"{_SHARED}_shares")
    elif (value := await _value(conn, scope)) is not None:
        source = _of_value(scope, value)
    elif snapshot is not None and await can_be_halved(conn, scope, halved_from):
        await _make_halves(conn, scope, wanted, made, snapshot, halved_from)
        return made
    else:
        if not await _has_table(conn, f"{_OWN}_shares"):
            await share_selected(conn, scope, f"{_OWN}_shares")
        source = _of_table(f"{_OWN}_shares")
    await _make(conn, scope, wanted, made, source)
    return made


async def _has_table(conn: psycopg.AsyncConnection[Any], name: str) -> bool:
    looked = await conn.execute("SELECT to_regclass(%s)", (f"pg_temp.{name}",))
    return await looked.fetchone() != (None,)


async def _make_halves(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    wanted: Wanted,
    made: _Found,
    snapshot: str,
    halved_from: int,
) -> None:
    """Each of two connections finds the parts and people of half of the visitors."""
    table, columns = f"{_HALF}_shares", share_columns(parts_of(_ALL_SHARES, wanted))

    async def find(each: psycopg.AsyncConnection[Any], which: str) -> None:
        shares = await share_selected(each, scope, table, columns, which)
        source = _of_half(table, which, are_many(shares, halved_from))
        await _make(each, scope, wanted, made, source)

    async with beside(conn, snapshot) as other:
        first, last = HALVES
        await both(find(conn, first), find(other, last))
        await bring(other, conn, made.parts)
        await bring(other, conn, made.people)
    await conn.execute(f"DROP TABLE {table}")


async def _make(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    wanted: Wanted,
    made: _Found,
    source: _Source,
) -> None:
    await _make_parts(conn, scope, wanted, made, source)
    await _make_people(conn, scope, wanted, made, source, await _ranks(conn, made, wanted))


async def _make_parts(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    wanted: Wanted,
    made: _Found,
    source: _Source,
) -> None:
    await plan_by_set(conn, is_sorted=bool(source.stored))
    await conn.execute(
        f"CREATE TEMPORARY TABLE {made.parts} ON COMMIT DROP AS WITH {source.shares}"
        f" SELECT * FROM ({source.parts(wanted)}) AS parts",
        {**scope.parameters, **source.given, "kinds": wanted.kinds},
    )


async def _make_people(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    wanted: Wanted,
    made: _Found,
    source: _Source,
    values: dict[str, list[int]],
) -> None:
    """Counts the people; `values`: of each dimension the most frequent."""
    await plan_by_set(conn, is_sorted=any(people.order for people in source.people))
    ids = {f"{name}_ids": values[name] for name in wanted.dimensions}
    await conn.execute(
        f"CREATE TEMPORARY TABLE {made.people} ON COMMIT DROP AS"
        f" WITH {source.shares}, {people_of(source.people, values)} TABLE people",
        {**scope.parameters, **source.given, **ids, "most": MOST_BITS},
    )


async def _value(conn: psycopg.AsyncConnection[Any], scope: Scope) -> _Value | None:
    """The value that the filter is; None for another filter, and for one that shares serve better.

    A page that no day has stored parts of is rare, and found by an index.
    """
    value = single_value(scope.filters)
    if value is None:
        return None
    number, text = value
    if number == PAGE:
        is_value, within = "{} = ANY(page_ids)", filled("selection/page_within", {})
    else:
        is_value = f"{LOW_NAMES[number]}_id = {{}}"
        within = f"{_SESSIONS} AND {is_value.format('%(by_id)s')} AND {Reach.WITHIN.value}"
    given = {"by_dimension": number, "by_hash": None if text is None else label_hash(text)}
    look = filled("selection/value", {"is_value": is_value.format("by_id")})
    row = await (await conn.execute(look, {**scope.parameters, **given})).fetchone()
    assert row is not None
    given |= zip(("by_id", "closed_days", "open_days", "parted"), row, strict=True)
    if number == PAGE and not given["closed_days"]:
        return None
    return _Value(is_value.format("%(by_id)s"), within, given)


def _of_table(table: str) -> _Source:
    """Of a temporary table of shares."""
    shares = f"shares AS NOT MATERIALIZED (TABLE {table})"
    return _Source(shares, _ALL_SHARES, (), (People("shares", ("visitor_id IS NOT NULL",)),), {})


def _of_half(table: str, which: str, is_large: bool) -> _Source:
    """The same, of shares of the visitors `which`; to look many up, both are put in their order."""
    people = People("shares", (which,))
    if is_large:
        people = People(f"(SELECT * FROM shares {_IN_ORDER})", (which,), order=_IN_ORDER)
    return replace(_of_table(table), people=(people,))


def _of_value(scope: Scope, value: _Value) -> _Source:
    one_day, more_days = (
        f"{_SESSIONS} AND {value.is_value} AND {reach.value}"
        for reach in (Reach.ONE_DAY, Reach.MORE_DAYS)
    )
    shares = (
        f"one_day AS NOT MATERIALIZED ({one_day}), more_days AS NOT MATERIALIZED ({more_days}),"
        f" shares AS NOT MATERIALIZED ({shares_of(scope)})"
    )
    open_shares = f"{_ALL_SHARES} WHERE local_day = ANY(%(open_days)s::date[])"
    stored = (query("selection/stored_parts"),)
    # Most sessions need not be parted into shares: the halves of their visitors, side by side.
    parted = "visitor_id = ANY(%(parted)s::bigint[])"
    people = (
        People(f"({value.within})", HALVES, f"AND NOT {parted}", _IN_ORDER),
        People("shares", (parted,)),
    )
    return _Source(shares, open_shares, stored, people, value.given)


async def _ranks(
    conn: psycopg.AsyncConnection[Any], made: _Found, wanted: Wanted
) -> dict[str, list[int]]:
    """The most frequent values of each dimension."""
    found: dict[str, list[int]] = {name: [] for name in wanted.dimensions}
    if wanted.dimensions:
        text = filled("selection/ranks", {"parts": made.parts})
        for kind, by_ids in await (await conn.execute(text, {"most": MOST_BITS})).fetchall():
            found[LOW_NAMES[kind]] = by_ids
    return found
