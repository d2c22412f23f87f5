"""The event as the API hands it to the writer, and how batches travel through the stream."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import msgspec

STREAM_SHARDS = 4
"""Streams a deployment is cut into; a site's events always share one, so their order is kept."""

CONSUMER_GROUP = "writers"


class CollectedEvent(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """One accepted event: checked, identified, without IP and user agent.

    Instants are microseconds since 1970-01-01 UTC. Text is NFC-agnostic, free of NUL and lone
    surrogates. None means that the sender did not say and nothing could be derived.
    """

    site_id: int
    name: str
    ts_us: int
    received_us: int
    event_id: str | None = None
    """Client-supplied id; makes the event idempotent on its site."""
    is_browser: bool = False
    """Browser traffic; its event ids are a name space of their own."""
    visitor_id: int | None = None
    """Signed 64-bit keyed hash; None counts in totals, not in people."""
    user_id: str | None = None
    session_id: str | None = None
    """The sender's own session id, as sent."""
    hostname: str | None = None
    path: str | None = None
    """Normalised: no query, fragment or trailing slash; the root is "/"."""
    title: str | None = None
    referrer: str | None = None
    """Absolute URL or host as sent, shortened to 2,000 characters."""
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None
    click_id: str | None = None
    """Name of the click-id parameter the URL carried, such as gclid; never its value."""
    language: str | None = None
    screen: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2, upper case."""
    region: str | None = None
    city: str | None = None
    device: str | None = None
    """desktop, mobile, tablet, or as the sender said."""
    browser: str | None = None
    os: str | None = None
    duration_ms: int | None = None
    """Engaged time, milliseconds."""
    value: str | None = None
    """Decimal number in plain notation."""
    currency: str | None = None
    """ISO 4217; None means the site's currency."""
    properties: str | None = None
    """JSON object as sent, safe for jsonb; None when there are none."""


@lru_cache(maxsize=65_536)
def session_key(session_id: str | None) -> int:
    """Signed 64-bit key of the sender's session id; 0 when the sender gave none."""
    if session_id is None:
        return 0
    return int.from_bytes(hashlib.blake2b(session_id.encode(), digest_size=8).digest(), signed=True)


def shard_of(site_id: int) -> int:
    """Stream shard, 0 to STREAM_SHARDS - 1, of a site."""
    return site_id % STREAM_SHARDS


def stream_key(shard: int) -> str:
    """Redis key of a shard's stream."""
    return f"tideline:events:{shard}"


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[CollectedEvent])


def encode_batch(events: Sequence[CollectedEvent]) -> bytes:
    """The `events` field of a stream entry; its `batch_id` field is made by the API."""
    return _encoder.encode(events)


def decode_batch(payload: bytes) -> list[CollectedEvent]:
    """Inverse of `encode_batch`; raises msgspec.DecodeError on garbage."""
    return _decoder.decode(payload)


def count_events(payload: bytes) -> int:
    """Number of events that `encode_batch` has put into a payload, by its head; 1 for garbage."""
    kind = payload[0] if payload else 0
    if 0x90 <= kind <= 0x9F:
        return kind & 0x0F
    width = {0xDC: 2, 0xDD: 4}.get(kind, 0)
    return min(int.from_bytes(payload[1 : 1 + width]), len(payload)) if width else 1
