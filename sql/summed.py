"""Answers summed from what is found of some of the visitors each, of large ranges side by side."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

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
from sql.raw_filters import check_filters
from sql.running import (
    fetch_text,
    known_values,
    plan_by_set,
    selected_shares,
    share_columns,
    share_selected,
)
from sql.scope import Scope
from sql.selection import Known

Row = TypeVar("Row")

_SHARES, _FOUND = "half_shares", "half_found"


async def fetch_summed(
    conn: psycopg.AsyncConnection[Any],
    finding: str,
    summing: str,
    row: type[Row],
    scope: Scope,
    parameters: Mapping[str, object] | None = None,
    *,
    halved_from: int = WORTHWHILE_SESSIONS,
) -> list[Row]:
    """All rows of a query about the shares of a scope's selected sessions.

    `finding`: SELECT, after a WITH of `shares`, of rows that may each be of some of the visitors;
    `summing`: SELECT of the answer, after a WITH of those rows as `found`. With so many sessions of
    the range as `halved_from`, another connection finds half of them. Raises ScopeError.
    """
    given = {**scope.parameters, **(parameters or {})}
    is_idle = conn.info.transaction_status is TransactionStatus.IDLE
    if (is_idle or scope.snapshot) and await can_be_halved(conn, scope, halved_from):
        async with conn.transaction(force_rollback=True):
            if is_idle:
                await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            await _find_halves(conn, finding, scope, given)
            text = f"WITH found AS NOT MATERIALIZED (TABLE {_FOUND})\n{summing}"
            return await fetch_text(conn, text, row, given)
    await check_filters(conn, scope)
    begin, selecting = begin_summed(scope, finding, await known_values(conn, scope))
    return await fetch_text(conn, begin + summing, row, {**given, **selecting})


def begin_summed(
    scope: Scope, finding: str, known: Known | None = None
) -> tuple[str, dict[str, Any]]:
    """A WITH of `found`, and its parameters."""
    shares, selecting = selected_shares(scope, known=known, columns=share_columns(finding))
    return f"WITH {shares}, found AS ({finding})\n", selecting


async def _find_halves(
    conn: psycopg.AsyncConnection[Any], finding: str, scope: Scope, given: Mapping[str, object]
) -> None:
    apart = replace(scope, is_shared=False)

    async def find(each: psycopg.AsyncConnection[Any], which: str) -> None:
        shares = await share_selected(each, apart, _SHARES, share_columns(finding), which)
        await plan_by_set(each, has_lookups=not are_many(shares))
        await each.execute(
            f"CREATE TEMPORARY TABLE {_FOUND} ON COMMIT DROP AS"
            f" WITH shares AS NOT MATERIALIZED (TABLE {_SHARES})"
            f" SELECT * FROM ({finding}) AS found",
            given,
        )

    async with beside(conn, scope.snapshot or await exported_snapshot(conn)) as other:
        first, last = HALVES
        await both(find(conn, first), find(other, last))
        await bring(other, conn, _FOUND)
