"""From a filter to SQL of the sessions it selects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from sql.filters import SESSION_DIMENSIONS, Condition, Filter, FilterError
from sql.labels import label_hash

_metadata = sa.MetaData()
_columns = ["site_id", "started_at", "session_id", "visitor_id", "session_key", "ended_at",
            "local_day", "last_day", "local_hour",
            "page_ids", "name_ids", *(f"{name}_id" for name in SESSION_DIMENSIONS)]  # fmt: skip
sessions = sa.Table("sessions", _metadata, *(sa.Column(name) for name in _columns))
_labels = sa.table("labels", *map(sa.column, ("site_id", "label_id", "hash", "value")))
_pages = sa.table(
    "session_pages",
    *map(sa.column, ("site_id", "local_day", "started_at", "session_id", "page_id", "views")),
)
_names = sa.table(
    "session_names",
    *map(sa.column, ("site_id", "local_day", "started_at", "session_id", "name_id")),
)
_events = sa.table(
    "events",
    *map(sa.column, ("site_id", "visitor_id", "session_key", "ts", "kind", "properties")),
)
_experiments = sa.table("experiments", *map(sa.column, ("site_id", "experiment_id", "key")))
_units = sa.table(
    "experiment_units", *map(sa.column, ("site_id", "experiment_id", "visitor_id", "variant"))
)

_EXPOSURE = 3


_BEFORE_END = " AND sessions.started_at < %(end)s"
_AFTER_START = " AND sessions.started_at >= %(start)s"
"""Bounds of started_at: partitions (chunks) outside them are not looked at."""


class Reach(Enum):
    """Which sessions of a range of local days are meant."""

    ONE_DAY = (
        "sessions.local_day BETWEEN %(first)s AND %(last)s"
        " AND sessions.last_day <= sessions.local_day" + _AFTER_START + _BEFORE_END
    )
    """Those within one of the days."""
    WITHIN = (
        "sessions.local_day >= %(first)s AND sessions.last_day <= %(whole_last)s"
        + _AFTER_START
        + _BEFORE_END
    )
    """Those within the days that are not cut."""
    MORE_DAYS = (
        "sessions.last_day > sessions.local_day AND sessions.last_day >= %(first)s"
        " AND sessions.local_day <= %(last)s" + _BEFORE_END
    )
    """Those of several days that reach into the range."""
    ALL = (
        "(sessions.local_day BETWEEN %(first)s AND %(last)s"
        " OR (sessions.last_day > sessions.local_day AND sessions.local_day < %(first)s"
        " AND sessions.last_day >= %(first)s))"
    )


@dataclass(frozen=True)
class Known:
    """What was looked up of the values that a filter names; the planner then expects what comes."""

    ids: Mapping[str | None, int]
    """Label ids of those that the site has seen."""
    frequent: frozenset[str]
    """Pages that many sessions view."""


_FIRST = sa.bindparam("first", type_=sa.Date)
_LAST = sa.bindparam("last", type_=sa.Date)


def _matches(column: Any, condition: Condition) -> sa.ColumnElement[bool]:
    """Whether a text column is, or contains, one of the values; nulls are left to the caller."""
    texts = [value for value in condition.values if value is not None]
    if "contains" in condition.operator:
        return sa.or_(*(sa.func.strpos(column, text) > 0 for text in texts))
    match: sa.ColumnElement[bool] = column == sa.any_(sa.cast(texts, postgresql.ARRAY(sa.Text)))
    return match


def _is_label(
    column: Any, site_id: int, condition: Condition, known: Known | None
) -> sa.ColumnElement[bool]:
    """Whether a column of label ids has one that the values mean.

    The ids are looked up first, as an array: a join to them would be taken for a handful of rows.
    One alone is in an array too, which is taken for cheap and tried before the dates.
    """
    return cast(sa.ColumnElement[bool], column == sa.any_(_ids(site_id, condition, known)))


def _has_label(
    column: Any, site_id: int, condition: Condition, known: Known | None
) -> sa.ColumnElement[bool]:
    """Whether a column of arrays of label ids has one that the values mean.

    One alone is looked for in a way that the planner takes for dearer, so after other conditions.
    """
    if (ids := _known_ids(condition, known)) is not None and len(ids) == 1:
        return sa.literal(ids[0]) == sa.any_(column)
    overlaps = column.op("&&", is_comparison=True)
    return cast(sa.ColumnElement[bool], overlaps(_ids(site_id, condition, known)))


def _ids(site_id: int, condition: Condition, known: Known | None) -> Any:
    """An array of the labels that the condition means."""
    if (ids := _known_ids(condition, known)) is not None:
        return sa.cast(ids, postgresql.ARRAY(sa.Integer))
    wanted = sa.select(_labels.c.label_id).where(_labels.c.site_id == site_id, _is_value(condition))
    every: Any = sa.func.array(wanted.scalar_subquery(), type_=postgresql.ARRAY(sa.Integer))
    return sa.func.array_append(every, 0) if None in condition.values else every


def _known_ids(condition: Condition, known: Known | None) -> list[int] | None:
    """The labels that the condition means; None when they must be looked for."""
    if known is None or "contains" in condition.operator:
        return None
    found = [known.ids[text] for text in condition.values if text in known.ids]
    return [0, *found] if None in condition.values else found


def _is_value(condition: Condition) -> sa.ColumnElement[bool]:
    """Labels with one of the values, by their unique hash where the whole text is known."""
    if "contains" in condition.operator:
        return _matches(_labels.c.value, condition)
    texts = [value for value in condition.values if value is not None]
    hashes = sa.cast([label_hash(text) for text in texts], postgresql.ARRAY(sa.Uuid))
    return _labels.c.hash == sa.any_(hashes)


def _has_part(
    table: Any,
    name: str,
    site_id: int,
    condition: Condition,
    reach: Reach,
    known: Known | None,
) -> sa.ColumnElement[bool]:
    """Whether a session has a part (page, name) that the condition means.

    Sessions of several days, which are few, and those with parts that many have know it themselves;
    others are found by an index of the parts.
    """
    is_frequent = (
        name == "page"
        and known is not None
        and "contains" not in condition.operator
        and known.frequent.issuperset(condition.values)
    )
    if is_frequent or reach is Reach.MORE_DAYS:
        return _has_label(sessions.c[f"{name}_ids"], site_id, condition, known)
    found = sa.select(table.c.started_at, table.c.session_id).where(
        table.c.site_id == site_id, _is_label(table.c[f"{name}_id"], site_id, condition, known)
    )
    if table is _pages:
        found = found.where(table.c.views > 0)
    if reach is Reach.ONE_DAY:
        found = found.where(table.c.local_day.between(_FIRST, _LAST))
    return sa.tuple_(sessions.c.started_at, sessions.c.session_id).in_(found)


def _has_property(site_id: int, key: str, condition: Condition) -> sa.ColumnElement[bool]:
    value = _events.c.properties.op("->>")(key)
    match: sa.ColumnElement[bool] = _matches(value, condition)
    if None in condition.values:
        match = sa.or_(match, value.is_(None))
    return sa.exists(
        sa.select(sa.literal(1)).where(
            _events.c.site_id == site_id,
            _events.c.visitor_id == sessions.c.visitor_id,
            _events.c.session_key == sessions.c.session_key,
            _events.c.ts.between(sessions.c.started_at, sessions.c.ended_at),
            match,
        )
    )


def _has_variant(site_id: int, key: str, condition: Condition) -> sa.ColumnElement[bool]:
    """Visitors exposed to exactly one variant of the experiment, and that is one of the values.

    Of a defined experiment the variants and dates of its definition count, otherwise all exposures.
    """
    defined = sa.select(_experiments.c.experiment_id).where(
        _experiments.c.site_id == site_id, _experiments.c.key == key
    )
    units = sa.select(_units.c.visitor_id).where(
        _units.c.site_id == site_id,
        _units.c.experiment_id.in_(defined),
        _matches(_units.c.variant, condition),
    )
    return sa.or_(
        sessions.c.visitor_id.in_(units),
        sa.and_(
            sa.not_(sa.exists(defined)),
            sessions.c.visitor_id.in_(_exposed_to(site_id, key, condition)),
        ),
    )


def _exposed_to(site_id: int, key: str, condition: Condition) -> Any:
    """The same for an experiment that nobody defined, from the events themselves."""
    variant = _events.c.properties.op("->>")("variant")
    return (
        sa.select(_events.c.visitor_id)
        .where(
            _events.c.site_id == site_id,
            _events.c.kind == _EXPOSURE,
            _events.c.visitor_id.is_not(None),
            _events.c.properties.op("->>")("experiment") == key,
            sa.func.coalesce(variant, "") != "",
        )
        .group_by(_events.c.visitor_id)
        .having(sa.func.count(sa.distinct(variant)) == 1, _matches(sa.func.min(variant), condition))
    )


def _starts_at(column: Any, condition: Condition) -> sa.ColumnElement[bool]:
    numbers = [int(value) for value in condition.values if value is not None]
    match: sa.ColumnElement[bool] = column == sa.any_(
        sa.cast(numbers, postgresql.ARRAY(sa.Integer))
    )
    return match


def _not_expanded() -> sa.ColumnElement[bool]:
    raise FilterError("segments must be expanded before a filter can select")


def _selects(
    site_id: int, condition: Condition, reach: Reach, known: Known | None
) -> sa.ColumnElement[bool]:
    dimension, _, key = condition.dimension.partition(":")
    special: dict[str, Callable[[], sa.ColumnElement[bool]]] = {
        "page": lambda: _has_part(_pages, "page", site_id, condition, reach, known),
        "event": lambda: _has_part(_names, "name", site_id, condition, reach, known),
        "property": lambda: _has_property(site_id, key, condition),
        "experiment": lambda: _has_variant(site_id, key, condition),
        "weekday": lambda: _starts_at(sa.extract("isodow", sessions.c.local_day), condition),
        "hour": lambda: _starts_at(sessions.c.local_hour, condition),
        "segment": _not_expanded,
    }
    if dimension in special:
        selected = special[dimension]()
    else:
        selected = _is_label(sessions.c[f"{dimension}_id"], site_id, condition, known)
    return sa.not_(selected) if "not" in condition.operator else selected


def clause(
    site_id: int,
    filters: Filter | None,
    reach: Reach = Reach.ALL,
    known: Known | None = None,
) -> sa.ColumnElement[bool]:
    """The condition on `sessions` that a filter means on a site."""
    if filters is None:
        return sa.true()
    if isinstance(filters, Condition):
        return _selects(site_id, filters, reach, known)
    parts = [clause(site_id, part, reach, known) for part in filters.parts]
    if filters.operator == "not":
        return sa.not_(parts[0])
    return sa.and_(*parts) if filters.operator == "and" else sa.or_(*parts)


def selection(
    site_id: int,
    filters: Filter | None,
    reach: Reach = Reach.ALL,
    known: Known | None = None,
) -> tuple[str, dict[str, Any]]:
    """SQL (with its parameters) of a site's selected sessions that reach into :first to :last.

    Columns: all of `sessions`. The text refers to the parameters first and last besides its own.
    """
    query = (
        sa.select(sa.text("sessions.*"))
        .select_from(sessions)
        .where(sessions.c.site_id == site_id, clause(site_id, filters, reach, known))
    )
    dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
    compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    own = {name: value for name, value in compiled.params.items() if name not in ("first", "last")}
    prefix = f"{reach.name.lower()}_"
    text = compiled.string
    for name in sorted(own, key=len, reverse=True):
        text = text.replace(f"%({name})s", f"%({prefix}{name})s")
    parameters = {f"{prefix}{name}": value for name, value in own.items()}
    return f"{text} AND {reach.value}", parameters
