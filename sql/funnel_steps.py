"""Which events satisfy the steps of a funnel, as SQL."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from sql.filters import Condition, Filter, Group
from sql.scope import Scope
from sql.segments import expand_segments
from sql.selection import clause, selection, sessions

_PAGE_VIEW = 1
_PAGE_VIEW_NAME = "page_view"
_BY_NAME = (
    "site_id", "visitor_id", "session_key", "ts", "kind", "name_id", "path_id", "properties",
)  # fmt: skip
events = sa.table("events", *map(sa.column, _BY_NAME))
_labels = sa.table("labels", *map(sa.column, ("site_id", "label_id", "value")))
_selected = sa.table(
    "selected",
    *map(sa.column, ("visitor_id", "session_key", "session_id", "started_at", "ended_at")),
)


@dataclass(frozen=True)
class Step:
    """An event by name, or a page view by path, in which `*` stands for any characters.

    A step's filters are about the event itself where they name a property, a page or an event, and
    about its session where they name anything else.
    """

    event: str | None = None
    page: str | None = None
    filters: Filter | None = None
    label: str | None = None

    @property
    def text(self) -> str:
        """What to call it."""
        return self.label or self.event or self.page or ""


def like_pattern(page: str) -> str:
    """The LIKE pattern of a page with wildcards; paths are stored without their trailing slash."""
    path = page.rstrip("/") or "/"
    for special in ("\\", "%", "_"):
        path = path.replace(special, f"\\{special}")
    return path.replace("*", "%")


async def _label_ids(
    conn: psycopg.AsyncConnection[Any], site_id: int, steps: Sequence[Step]
) -> list[list[int]]:
    """Per step, the ids of the names or paths that it means."""
    cursor = await conn.execute(
        "SELECT s.step, array_agg(l.label_id)"
        " FROM unnest(%(names)s::text[], %(patterns)s::text[]) WITH ORDINALITY"
        " AS s(name, pattern, step)"
        " JOIN labels l ON l.site_id = %(site_id)s AND"
        " CASE WHEN s.pattern IS NULL THEN l.value = s.name ELSE l.value LIKE s.pattern END"
        " GROUP BY s.step",
        {
            "site_id": site_id,
            "names": [step.event for step in steps],
            "patterns": [None if s.page is None else like_pattern(s.page) for s in steps],
        },
    )
    found = {row[0]: row[1] for row in await cursor.fetchall()}
    return [found.get(number, []) for number in range(1, len(steps) + 1)]


def _texts(condition: Condition, column: Any) -> sa.ColumnElement[bool]:
    texts = [value for value in condition.values if value is not None]
    if "contains" in condition.operator:
        return sa.or_(*(sa.func.strpos(column, text) > 0 for text in texts))
    match: sa.ColumnElement[bool] = column == sa.any_(sa.cast(texts, postgresql.ARRAY(sa.Text)))
    return match


def _own(site_id: int, condition: Condition, key: str) -> sa.ColumnElement[bool]:
    """A condition on the event itself, without its negation."""
    if key:
        value = events.c.properties.op("->>")(key)
        is_one: sa.ColumnElement[bool] = sa.func.coalesce(_texts(condition, value), sa.false())
        return sa.or_(is_one, value.is_(None)) if None in condition.values else is_one
    column = events.c.path_id if condition.dimension == "page" else events.c.name_id
    ids = sa.select(_labels.c.label_id).where(
        _labels.c.site_id == site_id, _texts(condition, _labels.c.value)
    )
    match = column.in_(ids)
    return sa.or_(match, column == 0) if None in condition.values else match


def _of_session(site_id: int, filters: Filter) -> sa.ColumnElement[bool]:
    return sa.exists(
        sa.select(sa.literal(1)).where(
            sessions.c.site_id == site_id,
            sessions.c.visitor_id == events.c.visitor_id,
            sessions.c.session_key == events.c.session_key,
            events.c.ts.between(sessions.c.started_at, sessions.c.ended_at),
            clause(site_id, filters),
        )
    )


def event_clause(site_id: int, filters: Filter | None) -> sa.ColumnElement[bool]:
    """The condition on `events` that a step's filters mean on a site."""
    if filters is None:
        return sa.true()
    if isinstance(filters, Condition):
        dimension, _, key = filters.dimension.partition(":")
        if dimension not in ("property", "page", "event"):
            return _of_session(site_id, filters)
        match = _own(site_id, filters, key)
        return sa.not_(match) if "not" in filters.operator else match
    if filters.operator == "session":
        return _of_session(site_id, filters.parts[0])
    parts = [event_clause(site_id, part) for part in filters.parts]
    return sa.and_(*parts) if filters.operator == "and" else sa.or_(*parts)


async def with_segments(
    conn: psycopg.AsyncConnection[Any], site_id: int, filters: Filter | None
) -> Filter | None:
    """A step's filter with its segments expanded, each kept together: it selects the session."""
    if isinstance(filters, Group):
        parts = [await with_segments(conn, site_id, part) for part in filters.parts]
        return Group(filters.operator, tuple(part for part in parts if part is not None))
    expanded = await expand_segments(conn, site_id, filters)
    if expanded is None or expanded == filters:
        return filters
    return Group("session", (expanded,))


def _satisfied(site_id: int, step: Step, ids: list[int]) -> sa.ColumnElement[bool]:
    column = events.c.name_id if step.page is None else events.c.path_id
    named: sa.ColumnElement[bool] = column == sa.any_(sa.cast(ids, postgresql.ARRAY(sa.Integer)))
    kind = sa.true() if step.page is None else events.c.kind == _PAGE_VIEW
    return sa.and_(kind, named, event_clause(site_id, step.filters))


@dataclass(frozen=True)
class Matching:
    """The CTEs up to `matched` (actor, value, ts, mask: bits of the steps) and their parameters."""

    text: str
    parameters: dict[str, Any]
    is_exclusive: bool
    """Whether no event can satisfy two steps."""


def _are_exclusive(steps: Sequence[Step], ids: Sequence[list[int]]) -> bool:
    """Whether the names and paths alone keep the steps apart."""
    for (one, meant), (other, also) in combinations(zip(steps, ids, strict=True), 2):
        if (one.page is None) != (other.page is None):
            if _PAGE_VIEW_NAME in (one.event, other.event):
                return False
        elif not set(meant).isdisjoint(also):
            return False
    return True


async def matched(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    until: datetime,
    steps: Sequence[Step],
    *,
    by_session: bool,
    dimension: str | None,
) -> Matching:
    """Events from the scope's start to `until` that satisfy a step, of the first only those within
    the scope; under filters, those of the selected sessions.
    """
    site_id = scope.site.site_id
    ids = await _label_ids(conn, site_id, steps)
    steps = [replace(s, filters=await with_segments(conn, site_id, s.filters)) for s in steps]
    is_exclusive = _are_exclusive(steps, ids)
    hits = [_satisfied(site_id, step, found) for step, found in zip(steps, ids, strict=True)]
    hits[0] = sa.and_(events.c.ts < scope.end, hits[0])
    mask = sum(
        (sa.case((hit, 1 << bit), else_=0) for bit, hit in enumerate(hits)), start=sa.literal(0)
    )
    in_sessions = by_session or dimension is not None or scope.filters is not None
    actor = _selected.c.session_id if by_session else events.c.visitor_id
    value = sa.literal(0) if dimension is None else sa.literal_column(f"selected.{dimension}_id")
    query = sa.select(actor.label("actor"), value.label("value"), events.c.ts, mask.label("mask"))
    query = query.where(
        events.c.site_id == site_id,
        events.c.visitor_id.is_not(None),
        events.c.ts.between(scope.start, until),
    )
    if in_sessions:
        query = query.select_from(events.join(_selected, _is_in_session()))
    text, parameters = _render(query)
    matching = f"matched AS MATERIALIZED (SELECT * FROM ({text}) AS hits WHERE mask <> 0),"
    if not in_sessions:
        return Matching(f"WITH {matching}", parameters, is_exclusive)
    selecting, more = selection(site_id, scope.filters)
    text = f"WITH selected AS ({selecting}), {matching}"
    return Matching(text, {**parameters, **more}, is_exclusive)


def _is_in_session() -> sa.ColumnElement[bool]:
    return sa.and_(
        _selected.c.visitor_id == events.c.visitor_id,
        _selected.c.session_key == events.c.session_key,
        events.c.ts.between(_selected.c.started_at, _selected.c.ended_at),
    )


def _render(query: sa.Select[Any]) -> tuple[str, dict[str, Any]]:
    dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
    compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    text = compiled.string
    for name in compiled.params:
        text = text.replace(f"%({name})s", f"%(s_{name})s")
    return text, {f"s_{name}": value for name, value in compiled.params.items()}
