"""Text and ids as senders write them."""

from ingest_api.rejections import Rejected, shown

MAX_ID_CHARACTERS = 128


def shorten(text: str, max_bytes: int) -> str:
    """The longest beginning of a text that has at most `max_bytes` bytes in UTF-8."""
    if len(text) * 4 <= max_bytes:
        return text
    encoded = text.encode()
    if len(encoded) <= max_bytes:
        return text
    return encoded[:max_bytes].decode("utf-8", "ignore")


def optional_text(value: object, field: str, max_bytes: int) -> str | None:
    """A descriptive text, shortened to `max_bytes`; None when absent or blank.

    Raises Rejected for anything but text, and for text with a NUL.
    """
    if value is None:
        return None
    if type(value) is not str:
        raise Rejected(field, f"{field} must be text, not {shown(value)}.")
    if "\0" in value:
        raise _has_nul(field, value)
    text = value.strip()
    return (text if len(text) * 4 <= max_bytes else shorten(text, max_bytes)) or None


def optional_id(value: object, field: str) -> str | None:
    """An id exactly as sent, 1 to 128 characters; a whole number is its decimal text.

    None when absent or blank; Rejected for anything else.
    """
    if type(value) is str and 0 < len(value) <= MAX_ID_CHARACTERS and "\0" not in value:
        return None if value.isspace() else value
    if value is None or value == "":
        return None
    if type(value) is int:
        value = str(value)
    elif type(value) is not str:
        raise Rejected(field, f"{field} must be text of 1 to 128 characters, not {shown(value)}.")
    if len(value) > MAX_ID_CHARACTERS:
        raise Rejected(field, f"{field} has {len(value)} characters; at most 128 are taken.")
    if "\0" in value:
        raise _has_nul(field, value)
    return value


def _has_nul(field: str, value: str) -> Rejected:
    return Rejected(field, f"{field} {shown(value)} contains a NUL character; remove it.")
