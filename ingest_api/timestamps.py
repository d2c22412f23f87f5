"""When an event happened, as its sender says."""

from datetime import UTC, datetime

from ingest_api.rejections import Rejected, shown

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
MAX_AHEAD_US = DAY_US
MAX_AGE_US = int(10 * 365.25 * DAY_US)
MAX_BROWSER_AGE_US = DAY_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXPECTED = "send ISO 8601 such as 2026-03-01T12:00:00Z, or epoch milliseconds"


def parse_timestamp(value: object) -> int:
    """Microseconds since 1970 UTC of ISO 8601 text (UTC when it has no offset) or epoch ms.

    Raises Rejected for anything else.
    """
    if type(value) is str:
        return _parse_text(value)
    if type(value) is int:
        return value * 1000
    if type(value) is float:
        return round(value * 1000)
    raise Rejected("timestamp", f"timestamp {shown(value)} is no text or number; {_EXPECTED}.")


def _parse_text(text: str) -> int:
    digits = text.strip()
    if digits.isascii() and digits.isdigit() and 11 <= len(digits) <= 16:
        return int(digits) * 1000  # also "1773043022244", a time of day in 1773 by ISO 8601
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Rejected("timestamp", f"timestamp {shown(text)} is no time; {_EXPECTED}.") from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND_US + since.microseconds


def check_timestamp(
    ts_us: int, *, now_us: int, raw_from_us: int | None, is_browser: bool, sent: object
) -> None:
    """Reject an instant outside what the site takes; `sent` is quoted in the message."""
    if ts_us > now_us + MAX_AHEAD_US:
        raise Rejected("timestamp", f"timestamp {shown(sent)} is more than 24 hours ahead.")
    if is_browser and ts_us < now_us - MAX_BROWSER_AGE_US:
        raise Rejected(
            "timestamp",
            f"timestamp {shown(sent)} is more than 24 hours old; a browser must be faster.",
        )
    if ts_us < now_us - MAX_AGE_US:
        raise Rejected("timestamp", f"timestamp {shown(sent)} is {_too_old(ts_us, now_us)}.")
    if raw_from_us is not None and ts_us < raw_from_us:
        start = datetime.fromtimestamp(raw_from_us / SECOND_US, UTC).isoformat()
        raise Rejected(
            "timestamp", f"timestamp {shown(sent)} is before {start}, where the site's data begins."
        )


def _too_old(ts_us: int, now_us: int) -> str:
    if now_us - MAX_AGE_US < ts_us * 1000 < now_us + MAX_AHEAD_US:
        return "more than 10 years old as milliseconds; it looks like seconds: multiply by 1,000"
    return "more than 10 years old"
