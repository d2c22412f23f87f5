"""Filters: from api.md's JSON form to the sessions they select."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

SESSION_DIMENSIONS = (
    "source", "channel", "referrer", "utm_source", "utm_medium", "utm_campaign", "utm_term",
    "utm_content", "country", "region", "city", "device", "browser", "os", "language", "screen",
    "entry_page", "exit_page",
)  # fmt: skip
"""First-touch dimensions: columns of `sessions` named DIMENSION_id."""

START_DIMENSIONS = {"weekday": range(1, 8), "hour": range(24)}
"""Of a session's start on the site's clock: ISO weekday (1 = Monday) and hour, and their values."""

OPERATORS = ("is", "is_not", "contains", "not_contains")
MAX_DEPTH = 8
MAX_VALUES = 1_000

_EXAMPLE = '["is", "country", ["DE"]]'


class FilterError(ValueError):
    """A filter that cannot be; the message names the part and what would be right."""

    field = "filters"


@dataclass(frozen=True)
class Condition:
    """Sessions whose `dimension` is (contains) one of `values`; None among them means unknown."""

    operator: str
    dimension: str
    values: tuple[str | None, ...]


@dataclass(frozen=True)
class Group:
    """Sessions that all (`and`) or any (`or`) of the parts select.

    `not`, sessions that its one part does not select, comes from expanded segments alone.
    """

    operator: str
    parts: tuple["Filter", ...]


Filter = Condition | Group


def parse_filters(value: Any, depth: int = 0) -> Filter | None:
    """The filter of api.md's JSON form, decoded; None and [] select all. Raises FilterError."""
    if value is None or value == []:
        return None
    if depth > MAX_DEPTH:
        raise FilterError(f"filters are nested more than {MAX_DEPTH} deep")
    if not isinstance(value, list | tuple) or not isinstance(value[0], str):
        raise FilterError(f"{value!r} is not a filter; {_EXAMPLE} is")
    if value[0] in ("and", "or"):
        return _group(value, depth)
    return _condition(value)


def _group(value: Sequence[Any], depth: int) -> Filter | None:
    if len(value) != 2 or not isinstance(value[1], list | tuple):
        raise FilterError(f'{value!r} is not a filter; ["{value[0]}", [{_EXAMPLE}, …]] is')
    parts = [parse_filters(part, depth + 1) for part in value[1]]
    kept = tuple(part for part in parts if part is not None)
    return Group(value[0], kept) if kept else None


def _condition(value: Sequence[Any]) -> Condition:
    if len(value) != 3 or value[0] not in OPERATORS:
        raise FilterError(f"{value!r} is not a filter; {_EXAMPLE} is ({', '.join(OPERATORS)})")
    operator, dimension, values = value
    if not isinstance(dimension, str) or not is_dimension(dimension):
        raise FilterError(f"{dimension!r} is not a dimension to filter by")
    values = [values] if isinstance(values, str) or values is None else values
    if not isinstance(values, list | tuple) or not 0 < len(values) <= MAX_VALUES:
        raise FilterError(f"{dimension}: {values!r} is not a list of 1 to {MAX_VALUES} values")
    if not all(v is None or isinstance(v, str) for v in values):
        raise FilterError(f"{dimension}: values are texts or null, not {values!r}")
    if "contains" in operator and None in values:
        raise FilterError(f"{dimension}: null cannot be contained; use is or is_not")
    if any(v is not None and "\x00" in v for v in values):
        raise FilterError(f"{dimension}: a value holds a NUL character")
    if dimension in START_DIMENSIONS:
        _check_start(operator, dimension, values)
    return Condition(operator, dimension, tuple(values))


def _check_start(operator: str, dimension: str, values: Sequence[str | None]) -> None:
    known = [str(number) for number in START_DIMENSIONS[dimension]]
    if operator not in ("is", "is_not"):
        raise FilterError(f"{dimension}: {operator!r} does not go with numbers; is and is_not do")
    for value in values:
        if value not in known:
            raise FilterError(f"{dimension}: {value!r} is none; {known[0]} to {known[-1]} are")


def is_dimension(name: str) -> bool:
    """Whether a filter may name it."""
    prefix, _, key = name.partition(":")
    if prefix in ("property", "experiment"):
        return bool(key) and "\x00" not in key
    others = ("page", "event", "segment", *START_DIMENSIONS)
    return name in SESSION_DIMENSIONS or name in others


def to_json(filters: Filter | None) -> list[Any] | None:
    """Inverse of `parse_filters`."""
    if filters is None:
        return None
    if isinstance(filters, Group):
        return [filters.operator, [to_json(part) for part in filters.parts]]
    return [filters.operator, filters.dimension, list(filters.values)]


_metadata = sa.MetaData()
_columns = ["site_id", "started_at", "session_id", "visitor_id", "session_key", "ended_at",
            "local_day", "last_day", "local_hour",
            *(f"{name}_id" for name in SESSION_DIMENSIONS)]  # fmt: skip
sessions = sa.Table("sessions", _metadata, *(sa.Column(name) for name in _columns))
_labels = sa.table("labels", *map(sa.column, ("site_id", "label_id", "value")))
_pages = sa.table(
    "session_pages", *map(sa.column, ("site_id", "started_at", "session_id", "page_id", "views"))
)
_names = sa.table(
    "session_names", *map(sa.column, ("site_id", "started_at", "session_id", "name_id"))
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


def _matches(column: Any, condition: Condition) -> sa.ColumnElement[bool]:
    """Whether a text column is, or contains, one of the values; nulls are left to the caller."""
    texts = [value for value in condition.values if value is not None]
    if "contains" in condition.operator:
        return sa.or_(*(sa.func.strpos(column, text) > 0 for text in texts))
    match: sa.ColumnElement[bool] = column == sa.any_(sa.cast(texts, postgresql.ARRAY(sa.Text)))
    return match


def _label_ids(site_id: int, condition: Condition) -> Any:
    """Subquery of the label ids that the values mean."""
    wanted = sa.select(_labels.c.label_id).where(
        _labels.c.site_id == site_id, _matches(_labels.c.value, condition)
    )
    if None in condition.values:
        return sa.union_all(wanted, sa.select(sa.literal(0)))
    return wanted


def _session_in(found: Any) -> sa.ColumnElement[bool]:
    return sa.tuple_(sessions.c.started_at, sessions.c.session_id).in_(found)


def _part_of_session(table: Any, column: Any, site_id: int, condition: Condition) -> Any:
    found = sa.select(table.c.started_at, table.c.session_id).where(
        table.c.site_id == site_id, column.in_(_label_ids(site_id, condition))
    )
    return found.where(table.c.views > 0) if table is _pages else found


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


def _selects(site_id: int, condition: Condition) -> sa.ColumnElement[bool]:
    dimension, _, key = condition.dimension.partition(":")
    special: dict[str, Callable[[], sa.ColumnElement[bool]]] = {
        "page": lambda: _session_in(_part_of_session(_pages, _pages.c.page_id, site_id, condition)),
        "event": lambda: _session_in(
            _part_of_session(_names, _names.c.name_id, site_id, condition)
        ),
        "property": lambda: _has_property(site_id, key, condition),
        "experiment": lambda: _has_variant(site_id, key, condition),
        "weekday": lambda: _starts_at(sa.extract("isodow", sessions.c.local_day), condition),
        "hour": lambda: _starts_at(sessions.c.local_hour, condition),
        "segment": _not_expanded,
    }
    if dimension in special:
        selected = special[dimension]()
    else:
        column = sessions.c[f"{dimension}_id"]
        selected = column.in_(_label_ids(site_id, condition))
    return sa.not_(selected) if "not" in condition.operator else selected


def clause(site_id: int, filters: Filter | None) -> sa.ColumnElement[bool]:
    """The condition on `sessions` that a filter means on a site."""
    if filters is None:
        return sa.true()
    if isinstance(filters, Condition):
        return _selects(site_id, filters)
    parts = [clause(site_id, part) for part in filters.parts]
    if filters.operator == "not":
        return sa.not_(parts[0])
    return sa.and_(*parts) if filters.operator == "and" else sa.or_(*parts)


def selection(site_id: int, filters: Filter | None) -> tuple[str, dict[str, Any]]:
    """SQL (with its parameters) of a site's selected sessions that reach into :first to :last.

    Columns: all of `sessions`. The text refers to the parameters first and last besides its own.
    """
    days = sa.text(
        "(sessions.local_day BETWEEN %(first)s AND %(last)s"
        " OR (sessions.last_day > sessions.local_day AND sessions.local_day < %(first)s"
        " AND sessions.last_day >= %(first)s))"
    )
    query = (
        sa.select(sa.text("sessions.*"))
        .select_from(sessions)
        .where(sessions.c.site_id == site_id, clause(site_id, filters))
    )
    dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
    compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    parameters = {f"f_{name}": value for name, value in compiled.params.items()}
    text = compiled.string
    for name in sorted(compiled.params, key=len, reverse=True):
        text = text.replace(f"%({name})s", f"%(f_{name})s")
    return f"{text} AND {days.text}", parameters
