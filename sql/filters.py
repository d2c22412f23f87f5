"""Filters: what sessions a question is about, in api.md's JSON form and as a tree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

SESSION_DIMENSIONS = (
    "source", "channel", "referrer", "utm_source", "utm_medium", "utm_campaign", "utm_term",
    "utm_content", "country", "region", "city", "device", "browser", "os", "language", "screen",
    "entry_page", "exit_page",
)  # fmt: skip
"""First-touch dimensions: columns of `sessions` named DIMENSION_id."""

LOW_DIMENSIONS = {"source": 1, "channel": 2, "country": 3, "device": 4, "browser": 5, "os": 6}
"""Those of few values, and their number in the rollups."""
LOW_NAMES = {number: name for name, number in LOW_DIMENSIONS.items()}
PAGE = 8
"""The number of viewed pages beside them, where what filters show is stored."""

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


def conditions(filters: Filter | None) -> Iterator[Condition]:
    """All conditions of a filter."""
    if isinstance(filters, Condition):
        yield filters
    elif filters is not None:
        for part in filters.parts:
            yield from conditions(part)


def single_value(filters: Filter | None) -> tuple[int, str | None] | None:
    """Number and value of a filter that is just one low dimension or page; None for another."""
    if not isinstance(filters, Condition) or filters.operator != "is" or len(filters.values) != 1:
        return None
    number = PAGE if filters.dimension == "page" else LOW_DIMENSIONS.get(filters.dimension)
    return None if number is None else (number, filters.values[0])
