"""Row classes as bytes and back, for answers kept in Redis.

An answer may have hundreds of rows, and each is packed while somebody waits: most values are taken
as they are, after one look at their type.
"""

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

AS_THEY_ARE = frozenset({int, float, str, bool, type(None)})


def pack(answer: Any) -> bytes:
    """Bytes of rows: dataclasses, lists and tuples of numbers, texts, decimals, days, instants."""
    return msgspec.msgpack.encode(_plain(answer))


def unpack(kept: bytes, row_classes: dict[str, type]) -> Any:
    """Inverse of `pack`; builds only classes of `row_classes`, by name.

    Raises KeyError for another class, TypeError for a class with another number of fields.
    """
    return _rows(msgspec.msgpack.decode(kept), row_classes)


def _plain(value: Any) -> Any:
    if type(value) in AS_THEY_ARE:
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {"row": _row(value)}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, dict):
        return {"dict": [[key, _plain(item)] for key, item in value.items()]}
    return value


def _row(row: Any) -> list[Any]:
    """The name of its class and its values."""
    row_class: Any = type(row)
    values = [getattr(row, name) for name in _names(row_class)]
    plain = [each if type(each) in AS_THEY_ARE else _plain(each) for each in values]
    return [row_class.__name__, plain]


@cache
def _names(row_class: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(row_class))


def _rows(value: Any, row_classes: dict[str, type]) -> Any:
    if type(value) in AS_THEY_ARE:
        return value
    if isinstance(value, list):
        return [_rows(item, row_classes) for item in value]
    ((kind, content),) = value.items()
    match kind:
        case "row":
            name, values = content
            return row_classes[name](*[_rows(each, row_classes) for each in values])
        case "decimal":
            return Decimal(content)
        case "instant":
            return datetime.fromisoformat(content)
        case "day":
            return date.fromisoformat(content)
        case _:
            return {key: _rows(item, row_classes) for key, item in content}
