"""Properties: kept as sent once they are known to be safe to store, and read for what is lifted."""

import re
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Raw

from ingest_api.rejections import Rejected, shown

MAX_KEYS = 64
MAX_DEPTH = 32

_LARGEST = 10**308
_LONG_DIGITS = re.compile(rb"\d{300}")
_MAX_NUMBER_CHARACTERS = 300
_EMPTY: dict[str, Any] = {}


Properties = tuple[str | None, dict[str, Any]]
"""An object as its sender wrote it: the JSON text (None when empty) and its content."""

NO_PROPERTIES: Properties = (None, _EMPTY)


def _exact(literal: str) -> Decimal:
    """A number with a point or exponent, exactly; only those that a double can hold in size."""
    size = abs(float(literal))
    number = Decimal(literal)
    if len(literal) > _MAX_NUMBER_CHARACTERS or size > _LARGEST or (not size and number):
        raise ValueError(f"the number {literal[:40]} is beyond what can be stored")
    return number


_decode = msgspec.json.Decoder(float_hook=_exact).decode


def read_properties(raw: Raw, field: str) -> Properties:
    """The properties under `field`; none when it is absent, null or an empty object.

    Raises Rejected unless it is an object of at most MAX_KEYS keys and MAX_DEPTH levels, whose
    text has no NUL and whose numbers are below 10^308.
    """
    text = bytes(raw)
    if not text or text == b"null":
        return NO_PROPERTIES
    try:
        content = _decode(text)
    except (RecursionError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _undecodable(field, error) from None
    if type(content) is not dict:
        raise Rejected(field, f"{field} must be an object, not {shown(raw)}.", reason="properties")
    if len(content) > MAX_KEYS:
        raise _refused(field, f"has {len(content)} keys; at most {MAX_KEYS} are taken")
    if b"\\u0000" in text or (len(text) > MAX_DEPTH and _is_suspicious(text)):
        _check(content, field, 1)
    return (text.decode(), content) if content else NO_PROPERTIES


def _undecodable(field: str, error: Exception) -> Rejected:
    if isinstance(error, RecursionError):
        return _refused(field, f"is nested more than {MAX_DEPTH} levels deep")
    return _refused(field, f"cannot be stored: {error}")


def _is_suspicious(text: bytes) -> bool:
    """Whether something that only a walk through all values finds may be in there."""
    return text.count(b"{") + text.count(b"[") > MAX_DEPTH or (
        len(text) > _MAX_NUMBER_CHARACTERS and _LONG_DIGITS.search(text) is not None
    )


def _check(value: object, field: str, depth: int) -> None:
    if depth > MAX_DEPTH + 1:
        raise _refused(field, f"is nested more than {MAX_DEPTH} levels deep")
    if type(value) is str and "\0" in value:
        raise _refused(field, f"contains a NUL character in {shown(value)}; remove it")
    if type(value) is int and abs(value) > _LARGEST:
        raise _refused(field, "contains a number of more than 308 digits")
    if type(value) is dict:
        for key, item in value.items():
            _check(key, field, depth)
            _check(item, field, depth + 1)
    elif type(value) is list:
        for item in value:
            _check(item, field, depth + 1)


def _refused(field: str, why: str) -> Rejected:
    return Rejected(field, f"{field} {why}.", reason="properties")
