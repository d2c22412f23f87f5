"""Row classes as bytes and back, for answers kept in Redis."""

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec


def pack(answer: Any) -> bytes:
    """Bytes of rows: dataclasses, lists and tuples of numbers, texts, decimals, days, instants."""
    return msgspec.msgpack.encode(_plain(answer))


def unpack(kept: bytes, row_classes: dict[str, type]) -> Any:
    """Inverse of `pack`; builds only classes of `row_classes`, by name.

    Raises KeyError for another class, TypeError for a class whose fields have changed.
    """
    return _rows(msgspec.msgpack.decode(kept), row_classes)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, dict):
        return {"dict": [[key, _plain(item)] for key, item in value.items()]}
    if is_dataclass(value):
        row = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"row": [type(value).__name__, row]}
    return value


def _rows(value: Any, row_classes: dict[str, type]) -> Any:
    if isinstance(value, list):
        return [_rows(item, row_classes) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    match kind:
        case "decimal":
            return Decimal(content)
        case "instant":
            return datetime.fromisoformat(content)
        case "day":
            return date.fromisoformat(content)
        case "dict":
            return {key: _rows(item, row_classes) for key, item in content}
    name, row = content
    return row_classes[name](**{key: _rows(item, row_classes) for key, item in row.items()})
