"""Running a query file and reading its rows into their class."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row

from sql.filters import SESSION_DIMENSIONS, conditions
from sql.labels import label_hash
from sql.raw_filters import check_filters
from sql.scope import Scope
from sql.selection import Known, Reach, selection
from sql.text import query

Row = TypeVar("Row")

_SHARED = "selected_shares"

_JOINED_BY = {"local_day", "session_id", "started_at", "visitor_id"}
"""What the planner is told of the selected sessions; all columns cost as much as a question."""

_first_select = re.search(
    r"^SELECT\s(.*?)\sFROM", query("selection/shares"), re.DOTALL | re.MULTILINE
)
assert _first_select is not None
SHARE_COLUMNS = tuple(column.split()[-1] for column in _first_select[1].split(","))
"""In their order."""

_BY_SET = {
    "work_mem": "128MB",
    "default_statistics_target": "10",
    "enable_sort": "off",
    "parallel_setup_cost": "5000",
    "cpu_index_tuple_cost": "0.02",
}
"""How a pass is planned: with room for many rows, rough statistics, no sorting but for an order.

To read most of a table by an index takes longer than the planner thinks, most of all when it is not
in memory; to read all of it does not push out what is.
Workers only where they win much: a pass has another one beside it, and to start them takes as long
as to count some thousand visitors.
"""


def share_columns(text: str) -> list[str]:
    """The columns of shares that a text names."""
    return [column for column in SHARE_COLUMNS if re.search(rf"\b{column}\b", text)]


async def fetch(
    conn: psycopg.AsyncConnection[Any], name: str, row: type[Row], parameters: Mapping[str, object]
) -> list[Row]:
    """All rows of the query file `name`."""
    return await fetch_text(conn, query(name), row, parameters)


async def fetch_text(
    conn: psycopg.AsyncConnection[Any], text: str, row: type[Row], parameters: Mapping[str, object]
) -> list[Row]:
    """All rows of a statement."""
    async with conn.cursor(row_factory=class_row(row)) as cursor:
        await cursor.execute(text, parameters)
        return await cursor.fetchall()


@asynccontextmanager
async def one_snapshot(conn: psycopg.AsyncConnection[Any]) -> AsyncIterator[None]:
    """Statements that see the same: in the caller's transaction, or one of their own."""
    if conn.info.transaction_status is not TransactionStatus.IDLE:
        yield
        return
    async with conn.transaction(force_rollback=True):
        await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


async def fetch_scope(
    conn: psycopg.AsyncConnection[Any],
    name: str,
    row: type[Row],
    scope: Scope,
    parameters: Mapping[str, object] | None = None,
) -> list[Row]:
    """All rows of the query file `name`, which reads rollups, for a scope without a filter."""
    return await fetch(conn, name, row, {**scope.parameters, **(parameters or {})})


async def fetch_rollups(
    conn: psycopg.AsyncConnection[Any],
    text: str,
    row: type[Row],
    scope: Scope,
    page: Mapping[str, object],
) -> list[Row]:
    """A page of the rows of a query that goes on a WITH of what a cut leaves of the last day."""
    is_late = False
    if scope.cut is not None:
        looked = await conn.execute(query("selection/cut_side"), scope.parameters)
        is_late = await looked.fetchone() == (True,)
    begin, selecting = begin_cut(scope, is_late=is_late)
    return await fetch_text(conn, begin + text, row, {**scope.parameters, **selecting, **page})


async def fetch_selected(
    conn: psycopg.AsyncConnection[Any],
    text: str,
    row: type[Row],
    scope: Scope,
    parameters: Mapping[str, object] | None = None,
) -> list[Row]:
    """All rows of a query that goes on a WITH of a scope's `selected` sessions.

    Raises ScopeError.
    """
    await check_filters(conn, scope)
    begin, selecting = begin_selected(scope, await known_values(conn, scope))
    return await fetch_text(
        conn, begin + text, row, {**scope.parameters, **selecting, **(parameters or {})}
    )


async def share_selected(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    table: str = _SHARED,
    columns: Sequence[str] = SHARE_COLUMNS,
    which: str = "true",
) -> int:
    """Finds the shares of a scope's selected sessions once, for all the questions about it.

    They lie in a temporary table until the transaction, which the caller holds, ends. `which`: a
    condition on their visitors. Returns how many there are. Raises ScopeError.
    """
    await check_filters(conn, scope)
    text, selecting = selected_shares(scope, known=await known_values(conn, scope))
    # How many sessions a filter selects is not known; taken for few, each would be looked up.
    await plan_by_set(conn, has_lookups=False)
    shared = await conn.execute(
        f"CREATE TEMPORARY TABLE {table} ON COMMIT DROP AS WITH {text}"
        f" SELECT {', '.join(columns)} FROM shares WHERE {which}",
        {**scope.parameters, **selecting},
    )
    joined_by = [column for column in columns if column in _JOINED_BY]
    await conn.execute(f"ANALYZE {table} ({', '.join(joined_by)})")
    return shared.rowcount


async def plan_by_set(
    conn: psycopg.AsyncConnection[Any], *, has_lookups: bool = True, is_sorted: bool = False
) -> None:
    """Plans the transaction's statements for many rows.

    With or without looking up each, and with or without reading them in an order.
    """
    await conn.execute(*by_set(has_lookups=has_lookups, is_sorted=is_sorted))


def by_set(*, has_lookups: bool, is_sorted: bool) -> tuple[LiteralString, tuple[list[str], ...]]:
    """The statement of `plan_by_set`, and its parameters."""
    settings = _BY_SET | {
        "enable_nestloop": "on" if has_lookups else "off",
        "enable_mergejoin": "on" if is_sorted else "off",
        "enable_incremental_sort": "on" if is_sorted else "off",
    }
    text: LiteralString = (
        "SELECT set_config(name, value, true) FROM unnest(%s::text[], %s::text[])"
        " AS setting(name, value)"
    )
    return text, (list(settings), list(settings.values()))


def column_of(text: str, dimension: str) -> str:
    """The query with the column of a first-touch dimension where it says {column}."""
    if dimension not in SESSION_DIMENSIONS:
        raise ValueError(f"{dimension!r} is not a first-touch dimension")
    return text.replace("{column}", f"{dimension}_id")


def begin_selected(scope: Scope, known: Known | None = None) -> tuple[str, dict[str, Any]]:
    """A WITH of the `selected` sessions, and its parameters."""
    selected, selecting = selection(scope.site.site_id, scope.filters, known=known)
    return f"WITH selected AS MATERIALIZED ({selected})\n", selecting


def begin_cut(scope: Scope, *, is_late: bool) -> tuple[str, dict[str, Any]]:
    """What there is before the cut on the day that is cut; all of it empty without a cut.

    `shares` with `share_pages` and `share_names`, the events of `nobody`, and `cut_views` and
    `cut_events`. When the cut `is_late` visitors are to be counted from what comes after it.
    """
    whole = {"counted_last": scope.last, "side_start": None, "side_end": None, "sign": 1}
    if scope.cut is None:
        return f"WITH {query('selection/no_cut')}", whole
    side = {"side_start": scope.last_start, "side_end": scope.cut, "sign": 1}
    if is_late:
        side = {"side_start": scope.cut, "side_end": replace(scope, cut=None).end, "sign": -1}
    else:
        side["counted_last"] = scope.last - timedelta(days=1)
    day = replace(scope, first=scope.last, filters=None, is_shared=False)
    shares, selecting = selected_shares(day, "NOT MATERIALIZED")
    texts = [
        shares,
        portions(day, "pages"),
        portions(day, "names", "MATERIALIZED"),
        f"nobody AS NOT MATERIALIZED ({query('selection/cut_nobody')})",
        query("selection/cut_counts"),
    ]
    # The range's first day stays first to the query that goes on.
    text = ", ".join(texts).replace("%(first)s", "%(last)s").replace("%(start)s", "%(last_start)s")
    return f"WITH {text}\n", {**whole, **side, **selecting}


def portions(scope: Scope, what: str, how: str = "NOT MATERIALIZED") -> str:
    """The text that adds `share_pages` or `share_names` to a WITH that has shares."""
    texts = [query(f"selection/share_{what}")]
    if scope.cut is not None:
        texts.append(query(f"selection/cut_{what}"))
    return f"share_{what} AS {how} ({'UNION ALL '.join(texts)})"


def shares_of(scope: Scope) -> str:
    """A SELECT of shares, as far as the scope's cut. Needs one_day and more_days."""
    shares = query("selection/shares")
    if scope.cut is None:
        return shares
    return f"WITH shares AS NOT MATERIALIZED ({shares}) {query('selection/cut_shares')}"


async def known_values(conn: psycopg.AsyncConnection[Any], scope: Scope) -> Known:
    """What the labels tell of the values that the scope's filter names."""
    texts = {value for condition in conditions(scope.filters) for value in condition.values}
    given = {"hashes": [label_hash(text) for text in texts if text is not None]}
    if not given["hashes"]:
        return Known({}, frozenset())
    cursor = await conn.execute(query("selection/known"), {**scope.parameters, **given})
    found = await cursor.fetchall()
    frequent = frozenset(value for value, _, is_frequent in found if is_frequent)
    return Known({value: label_id for value, label_id, _ in found}, frequent)


def selected_shares(
    scope: Scope,
    how: str = "",
    *,
    known: Known | None = None,
    columns: Sequence[str] = SHARE_COLUMNS,
) -> tuple[str, dict[str, Any]]:
    """The text that adds `shares` to a WITH, and its parameters.

    `how`: NOT MATERIALIZED or not; `columns`: of shares.
    """
    if scope.is_shared and scope.has_shares:
        return f"shares AS NOT MATERIALIZED (TABLE {_SHARED})", {}
    site_id, filters = scope.site.site_id, scope.filters
    one_day, parameters = selection(site_id, filters, Reach.ONE_DAY, known)
    more_days, more = selection(site_id, filters, Reach.MORE_DAYS, known)
    text = (
        f"one_day AS NOT MATERIALIZED ({one_day}), more_days AS NOT MATERIALIZED ({more_days}),"
        f" shares AS {how} (SELECT {', '.join(columns)} FROM ({shares_of(scope)}) AS every_share)"
    )
    return text, {**parameters, **more}
