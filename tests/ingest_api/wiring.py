"""What tests of single events need: a site, a moment, and the way from JSON to a stored event."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import redis

from ingest_api.agents import Agent
from ingest_api.events import Client, KeptOut, Receipt, collect
from ingest_api.places import NOWHERE, Place, Places
from ingest_api.sites import SiteRules
from ingest_api.wire import decode_event
from sql.events import STREAM_SHARDS, CollectedEvent, decode_batch, stream_key

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
NO_PLACES = Places(None)


def micros(text: str) -> int:
    """Microseconds since 1970 UTC of an ISO instant."""
    since = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def site_rules(**changes: Any) -> SiteRules:
    """A site in UTC that takes everything."""
    settings: dict[str, Any] = {
        "site_id": 1,
        "slug": "shop",
        "zone": ZoneInfo("UTC"),
        "session_gap_s": 1800,
        "origins": frozenset(),
        "raw_from_us": None,
        "identity_key": b"k" * 32,
        "respects_dnt": True,
    }
    return SiteRules(**settings | changes)


def browser(**changes: Any) -> Client:
    """A browser somewhere, about which nothing is known."""
    settings: dict[str, Any] = {
        "agent": Agent(),
        "place": NOWHERE,
        "fingerprint": "203.0.113.7\0Firefox",
        "is_local": False,
        "wants_no_tracking": False,
    }
    return Client(**settings | changes)


def collected(
    event: dict[str, Any] | str,
    *,
    site: SiteRules | None = None,
    client: Client | None = None,
    places: Places = NO_PLACES,
) -> CollectedEvent | KeptOut:
    """What becomes of an event received at NOW; a name is added unless it has one."""
    text = event if isinstance(event, str) else msgspec.json.encode({"name": "x"} | event).decode()
    receipt = Receipt(micros(NOW.isoformat()), places, client)
    return collect(decode_event(text.encode()), site or site_rules(), receipt)


def stored(event: dict[str, Any] | str, **how: Any) -> CollectedEvent:
    """The stored event; fails when it was kept out."""
    result = collected(event, **how)
    assert isinstance(result, CollectedEvent), result
    return result


def said(event: dict[str, Any] | str, **how: Any) -> dict[str, Any]:
    """The stored event's fields that are not None, those that every event has left out."""
    fields = msgspec.structs.asdict(stored(event, **how))
    common = {"site_id", "name", "ts_us", "received_us", "is_browser", "visitor_id"}
    return {k: v for k, v in fields.items() if v is not None and k not in common}


def stream_events(redis_url: str) -> list[CollectedEvent]:
    """Everything in the stream, in order of arrival within a shard."""
    with redis.Redis.from_url(redis_url) as client:
        return [
            event
            for shard in range(STREAM_SHARDS)
            for _, fields in client.xrange(stream_key(shard))
            for event in decode_batch(fields[b"events"])
        ]


GERMANY = Place("DE", "Hamburg", "Altona")
