"""Request bodies: what an event may look like on the wire, and how a batch is cut into events."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw

from ingest_api.answers import ApiError
from ingest_api.rejections import Rejected, shown

MAX_BATCH_EVENTS = 2_500
MAX_EVENT_BYTES = 32 * 1024

ABSENT = Raw()
"""What a raw field holds when its sender did not say."""


class WireEvent(msgspec.Struct, gc=False):
    """An event before any check; None or ABSENT means that the sender did not say.

    Fields it does not list are ignored. Values are unchecked on purpose: what is wrong with one
    is told by the check of its field, and a field nobody uses never makes an event fail. `value`
    stays text, so that decimals never pass through a float; `properties` are kept as sent.
    """

    site_id: Any = None
    name: Any = None
    timestamp: Any = None
    event_id: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    session_id: Any = None
    url: Any = None
    path: Any = None
    title: Any = None
    referrer: Any = None
    language: Any = None
    screen: Any = None
    timezone: Any = None
    user_agent: Any = None
    ip: Any = None
    country: Any = None
    region: Any = None
    city: Any = None
    device: Any = None
    browser: Any = None
    os: Any = None
    duration_ms: Any = None
    value: Raw = ABSENT
    currency: Any = None
    properties: Raw = ABSENT
    event_type: Any = None
    eventType: Any = None  # noqa: N815
    event: Any = None
    action: Any = None
    type: Any = None
    userId: Any = None  # noqa: N815
    sessionId: Any = None  # noqa: N815
    anonymousId: Any = None  # noqa: N815
    eventId: Any = None  # noqa: N815
    messageId: Any = None  # noqa: N815
    page: Any = None
    metadata: Raw = ABSENT
    data: Raw = ABSENT
    duration: Any = None


class _Envelope(msgspec.Struct, gc=False):
    events: Raw = ABSENT


_decode_event = msgspec.json.Decoder(WireEvent).decode
_decode_raws = msgspec.json.Decoder(list[Raw]).decode
_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def split_body(body: bytes) -> list[Raw | bytes]:
    """The events of a body, undecoded: a bare array, `{"events": [...]}`, or one event.

    Raises ApiError 400 for what is not JSON, 413 for more than MAX_BATCH_EVENTS. Only the outline
    need be sound: an event that is broken inside is its own rejection, not its neighbours'.
    """
    events = _split(body.strip())
    if len(events) > MAX_BATCH_EVENTS:
        raise ApiError(
            413,
            "too_many_events",
            f"The batch has {len(events)} events; send at most {MAX_BATCH_EVENTS} at once.",
            field="events",
        )
    return events


def _split(body: bytes) -> list[Raw | bytes]:
    if body[:1] == b"[":
        return _split_array(body)
    if body[:1] != b"{":
        raise _not_json(body)
    if b'"events"' not in body:
        return [body]
    array = _events_member(body)
    return [body] if array is None else _split_array(array)


def _split_array(array: bytes) -> list[Raw | bytes]:
    try:
        return [*_decode_raws(array)]
    except _UNREADABLE:
        return [*_elements(array)]


def _events_member(body: bytes) -> bytes | None:
    """The array under "events"; None when there is none."""
    try:
        member = bytes(_decode_envelope(body).events)
    except _UNREADABLE:
        found = re.match(rb'\{\s*"events"\s*:\s*(?=\[)', body)
        if found is None or not body.endswith(b"}"):
            return None
        member = body[found.end() : -1].rstrip()
    return member if member.startswith(b"[") else None


_OUTLINE = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},]', re.DOTALL)
"""Strings, which are stepped over, and the marks that make up the outline."""


def _elements(array: bytes) -> Iterator[bytes]:
    """Elements of an array by its outline alone, whatever nonsense they hold."""
    depth, start, end = 0, 1, None
    for mark in _OUTLINE.finditer(array):
        char = mark[0]
        if char in (b"[", b"{"):
            depth += 1
        elif char in (b"]", b"}"):
            depth -= 1
            if depth == 0:
                end = mark.start()
                break
        elif char == b"," and depth == 1:
            yield array[start : mark.start()].strip()
            start = mark.end()
    if end is None or array[end + 1 :].strip():
        raise _not_json(array)
    if last := array[start:end].strip():
        yield last


def decode_event(raw: Raw | bytes) -> WireEvent:
    """One event of a body; Rejected when it is too large, not an object or not JSON."""
    if len(memoryview(raw)) > MAX_EVENT_BYTES:
        raise Rejected(
            None,
            f"The event has {len(memoryview(raw))} bytes; at most {MAX_EVENT_BYTES} are taken.",
            status=413,
            reason="size",
        )
    try:
        return _decode_event(raw)
    except RecursionError:
        raise Rejected(None, "The event is nested too deeply.", reason="json") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _undecodable(raw, error) from None


def _undecodable(raw: Raw | bytes, error: Exception) -> Rejected:
    text = bytes(raw)
    if isinstance(error, msgspec.ValidationError) and not text.startswith(b"{"):
        sent = shown(Raw(text))
        return Rejected(None, f"An event must be an object, not {sent}.", reason="json")
    if isinstance(error, UnicodeDecodeError):
        hint = "text must be UTF-8"
    elif (b"\\u" in text and "truncated" in str(error)) or "escape" in str(error):
        hint = "an escaped surrogate (\\ud800 to \\udfff) stands without its other half"
    else:
        hint = f"{error}".replace("JSON is malformed: ", "")
    return Rejected(None, f"The event is not valid JSON: {hint}.", reason="json")


def _not_json(body: bytes) -> ApiError:
    sent = body[:40].decode("utf-8", "replace")
    return ApiError(
        400,
        "not_json",
        f"The body is not JSON ({sent!r}); send one event as an object, or an array of them, or "
        '{"events": [...]}.',
    )
