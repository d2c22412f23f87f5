"""From a filter to SQL of the sessions it selects."""

from collections.abc import Callable
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


_FIRST = sa.bindparam("first", type_=sa.Date)
_LAST = sa.bindparam("last", type_=sa.Date)


def _matches(column: Any, condition: Condition) -> sa.ColumnElement[bool]:
    """Whether a text column is, or contains, one of the values; nulls are left to the caller."""
    texts = [value for value in condition.values if value is not None]
    if "contains" in condition.operator:
        return sa.or_(*(sa.func.strpos(column, text) > 0 for text in texts))
    match: sa.ColumnElement[bool] = column == sa.any_(sa.cast(texts, postgresql.ARRAY(sa.Text)))
    return match


def _is_label(column: Any, site_id: int, condition: Condition) -> sa.ColumnElement[bool]:
    """Whether a column of label ids has one that the values mean.

    The ids are looked up first, as an array: a join to them would be taken for a handful of rows.
    """
    return cast(sa.ColumnElement[bool], column == sa.any_(_ids(site_id, condition)))


def _ids(site_id: int, condition: Condition) -> Any:
    """An array of the labels that the condition means."""
    wanted = sa.select(_labels.c.label_id).where(_labels.c.site_id == site_id, _is_value(condition))
    ids: Any = sa.func.array(wanted.scalar_subquery(), type_=postgresql.ARRAY(sa.Integer))
    return sa.func.array_append(ids, 0) if None in condition.values else ids


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
    frequent: frozenset[str],
) -> sa.ColumnElement[bool]:
    """Whether a session has a part (page, name) that the condition means.

    Sessions of several days, which are few, and those with parts that many have know it themselves;
    others are found by an index of the parts.
    """
    is_frequent = "contains" not in condition.operator and frequent.issuperset(condition.values)
    if is_frequent or reach is Reach.MORE_DAYS:
        own = sessions.c[f"{name}_ids"].op("&&", is_comparison=True)
        return cast(sa.ColumnElement[bool], own(_ids(site_id, condition)))
    found = sa.select(table.c.started_at, table.c.session_id).where(
        table.c.site_id == site_id, _is_label(table.c[f"{name}_id"], site_id, condition)
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
    site_id: int, condition: Condition, reach: Reach, frequent: frozenset[str]
) -> sa.ColumnElement[bool]:
    dimension, _, key = condition.dimension.partition(":")
    special: dict[str, Callable[[], sa.ColumnElement[bool]]] = {
        "page": lambda: _has_part(_pages, "page", site_id, condition, reach, frequent),
        "event": lambda: _has_part(_names, "name", site_id, condition, reach, frozenset()),
        "property": lambda: _has_property(site_id, key, condition),
        "experiment": lambda: _has_variant(site_id, key, condition),
        "weekday": lambda: _starts_at(sa.extract("isodow", sessions.c.local_day), condition),
        "hour": lambda: _starts_at(sessions.c.local_hour, condition),
        "segment": _not_expanded,
    }
    if dimension in special:
        selected = special[dimension]()
    else:
        selected = _is_label(sessions.c[f"{dimension}_id"], site_id, condition)
    return sa.not_(selected) if "not" in condition.operator else selected


def clause(
    site_id: int,
    filters: Filter | None,
    reach: Reach = Reach.ALL,
    frequent: frozenset[str] = frozenset(),
) -> sa.ColumnElement[bool]:
    """The condition on `sessions` that a filter means on a site; `frequent`: pages many view."""
    if filters is None:
        return sa.true()
    if isinstance(filters, Condition):
        return _selects(site_id, filters, reach, frequent)
    parts = [clause(site_id, part, reach, frequent) for part in filters.parts]
    if filters.operator == "not":
        return sa.not_(parts[0])
    return sa.and_(*parts) if filters.operator == "and" else sa.or_(*parts)


def selection(
    site_id: int,
    filters: Filter | None,
    reach: Reach = Reach.ALL,
    frequent: frozenset[str] = frozenset(),
) -> tuple[str, dict[str, Any]]:
    """SQL (with its parameters) of a site's selected sessions that reach into :first to :last.

    Columns: all of `sessions`. The text refers to the parameters first and last besides its own.
    """
    query = (
        sa.select(sa.text("sessions.*"))
        .select_from(sessions)
        .where(sessions.c.site_id == site_id, clause(site_id, filters, reach, frequent))
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
