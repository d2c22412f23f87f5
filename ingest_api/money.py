"""Amounts of money: exact, from their text."""

import re
from decimal import Decimal

from ingest_api.rejections import Rejected, shown

MAX_INTEGER_DIGITS = 15
MAX_FRACTION_DIGITS = 30

_is_plain = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,30})?", re.ASCII).fullmatch
_is_decimal = re.compile(
    r"[+-]?(?:\d{1,60}(?:\.\d{0,60})?|\.\d{1,60})(?:[eE][+-]?\d{1,3})?", re.ASCII
).fullmatch
_is_currency = re.compile(r"[A-Za-z]{3}", re.ASCII).fullmatch


def parse_amount(text: str) -> str:
    """Plain notation of a decimal number, none of its digits rounded away.

    Raises ValueError saying what would be right: at most 15 digits before and 30 after the point.
    """
    if _is_plain(text):
        return text
    if not _is_decimal(text):
        raise ValueError('is not a decimal number such as 19.99 or "19.99"')
    number = Decimal(text)
    if number and number.adjusted() >= MAX_INTEGER_DIGITS:
        raise ValueError("is too large; at most 15 digits before the point are taken")
    plain = format(number, "f")
    if len(plain.partition(".")[2]) > MAX_FRACTION_DIGITS:
        raise ValueError("has too many decimals; at most 30 are taken")
    return plain


def parse_value(raw: bytes) -> str | None:
    """`parse_amount` of a JSON literal, number or text; None when it is null or blank."""
    text = raw.decode("utf-8", "replace")
    if text.startswith('"'):
        text = text[1:-1].strip()
    if not text or text == "null":
        return None
    try:
        return parse_amount(text)
    except ValueError as error:
        raise Rejected("value", f"value {shown(text)} {error}.") from None


def parse_currency(value: object) -> str | None:
    """Upper-case ISO 4217 code; None when blank."""
    if type(value) is str:
        code = value.strip()
        if not code:
            return None
        if _is_currency(code):
            return code.upper()
    raise Rejected("currency", f"currency {shown(value)} is not three letters such as EUR.")
