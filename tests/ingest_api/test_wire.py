"""Bodies cut into events: one broken event never takes its neighbours along."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_api.answers import ApiError
from ingest_api.events import KeptOut, Receipt, collect
from ingest_api.rejections import Rejected
from ingest_api.wire import WireEvent, decode_event, split_body
from sql.events import decode_batch, encode_batch
from tests.ingest_api.wiring import NO_PLACES, browser, micros, site_rules

GOOD = b'{"name":"x"}'


def parts(body: bytes) -> list[bytes]:
    """The events of a body."""
    return [bytes(part) for part in split_body(body)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (GOOD, [GOOD]),
        (b" \n" + GOOD + b" ", [GOOD]),
        (b"[]", []),
        (b"[" + GOOD + b" , " + GOOD + b"]", [GOOD, GOOD]),
        (b'{"events":[' + GOOD + b"]}", [GOOD]),
        (b'{"sent":1,"events":[' + GOOD + b'],"more":2}', [GOOD]),
        (b'{"name":"x","events":5}', [b'{"name":"x","events":5}']),
        (b'{"name":"x","properties":{"events":[]}}', [b'{"name":"x","properties":{"events":[]}}']),
    ],
)
def test_a_body_is_one_event_or_many(body: bytes, expected: list[bytes]) -> None:
    assert parts(body) == expected


@pytest.mark.parametrize(
    "bad",
    [
        b'{"name":NaN}',
        b'{"name":"\\ud800"}',
        b'{"name":"\xff"}',
        b'{"name":"\x00"}',
        b'{"name":"a,b]}{[","x":}',
        b'{"name":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b"7",
        b"null",
        b'"text"',
        b"[]",
        b"nonsense",
        b'{"name":"' + b"x" * 40_000 + b'"}',
    ],
)
@pytest.mark.parametrize("outline", [b"[%s,%s,%s]", b'{"events": [%s,%s,%s] }'])
def test_a_bad_event_is_refused_alone(bad: bytes, outline: bytes) -> None:
    first, second, third = parts(outline % (GOOD, bad, GOOD))
    assert (first, third) == (GOOD, GOOD)
    with pytest.raises(Rejected):
        decode_event(second)


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"7", b"[" + GOOD, b"[" + GOOD + b"] x", b'"a"', b"\xff\xfe"]
)
def test_what_has_no_sound_outline_is_not_json(body: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        split_body(body)
    assert (caught.value.status, caught.value.code) == (400, "not_json")


def test_too_many_events_are_too_large() -> None:
    assert len(split_body(b"[" + b",".join([b"{}"] * 2500) + b"]")) == 2500
    with pytest.raises(ApiError) as caught:
        split_body(b"[" + b",".join([b"{}"] * 2501) + b"]")
    assert caught.value.status == 413


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (b"7", "An event must be an object, not 7."),
        (b'{"name":"\xff"}', "The event is not valid JSON: text must be UTF-8."),
        (
            b'{"name":"\\ud800"}',
            "The event is not valid JSON: an escaped surrogate (\\ud800 to \\udfff) stands without "
            "its other half.",
        ),
        (b"[" * 5000 + b"]" * 5000, "An event must be an object, not [[[["),
        (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", "The event is nested too deeply."),
        (b'"' + b"x" * 32_767 + b'"', "The event has 32769 bytes; at most 32768 are taken."),
    ],
)
def test_an_event_that_cannot_be_read_says_why(event: bytes, message: str) -> None:
    with pytest.raises(Rejected) as caught:
        decode_event(event)
    assert caught.value.message.startswith(message)


fields = st.sampled_from([*WireEvent.__struct_fields__, "unknown", "events"])
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.datetimes().map(str)
    | st.sampled_from(["", " ", "\0", "9999-12-31T23:59:59Z", "1e999", "-0", "https://[", "//a.b"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
events = st.dictionaries(fields, values, max_size=8).map(lambda event: {"name": "x"} | event)


def _storable(value: Any) -> bool:
    if isinstance(value, str):
        value.encode()
        return "\0" not in value
    return True


@settings(max_examples=150, deadline=None)
@given(event=events, is_browser=st.booleans())
def test_any_object_is_stored_soundly_or_refused(event: dict[str, Any], is_browser: bool) -> None:
    now_us = micros(datetime(2026, 3, 10, tzinfo=UTC).isoformat())
    receipt = Receipt(now_us, NO_PLACES, browser() if is_browser else None)
    try:
        wire = decode_event(json.dumps(event).encode("utf-8", "replace"))
        result = collect(wire, site_rules(), receipt)
    except Rejected:
        return
    if isinstance(result, KeptOut):
        return
    assert all(_storable(value) for value in msgspec.structs.astuple(result))
    assert decode_batch(encode_batch([result])) == [result]
    assert abs(result.ts_us) < 2**62
    if result.properties is not None:
        assert isinstance(json.loads(result.properties), dict)


@settings(max_examples=150, deadline=None)
@given(body=st.binary() | st.text(alphabet='{}[],:"\\ea0 ').map(str.encode))
def test_any_body_is_cut_or_refused(body: bytes) -> None:
    try:
        cut = split_body(body)
    except ApiError:
        return
    for part in cut:
        with suppress(Rejected):
            assert isinstance(decode_event(part), WireEvent)
