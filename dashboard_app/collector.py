"""Sending test events to the API, as any server would."""

import asyncio
import json
import random
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard_app.settings import Settings

TIMEOUT_S = 10
PAGES = ("/", "/pricing", "/products/boots", "/products/tent", "/blog/hello", "/checkout")
SOURCES = ("https://www.google.com/", "https://news.ycombinator.com/", "https://github.com/", "")
PLACES = ("US", "DE", "GB", "FR", "IN", "BR", "JP")
DEVICES = ("desktop", "mobile", "tablet")


class SendError(RuntimeError):
    """The API did not take the events; the message says why."""


@dataclass(frozen=True)
class Outcome:
    """What the API said: how many it took, and the first refusal's message."""

    accepted: int
    refusal: str | None


def test_events(kind: str, slug: str, chance: random.Random) -> list[dict[str, Any]]:
    """Events of a kind: page_view, click, purchase, or burst (50 page views of 12 visitors)."""
    if kind == "burst":
        visitors = [_visitor(chance) for _ in range(12)]
        return [_event("page_view", slug, chance, chance.choice(visitors)) for _ in range(50)]
    event = _event(kind, slug, chance, _visitor(chance))
    if kind == "purchase":
        event |= {"value": f"{chance.randrange(900, 14900) / 100:.2f}", "path": "/checkout"}
    if kind == "click":
        event["properties"] = {"button": "sign up"}
    return [event]


def _visitor(chance: random.Random) -> dict[str, Any]:
    return {
        "user_id": f"test-{chance.randrange(10**6)}",
        "country": chance.choice(PLACES),
        "device": chance.choice(DEVICES),
        "browser": chance.choice(("Chrome", "Safari", "Firefox")),
        "referrer": chance.choice(SOURCES),
    }


def _event(name: str, slug: str, chance: random.Random, visitor: dict[str, Any]) -> dict[str, Any]:
    return {"site_id": slug, "name": name, "path": chance.choice(PAGES), **visitor}


async def send(settings: Settings, events: Sequence[dict[str, Any]]) -> Outcome:
    """Posts a batch. Raises SendError when the API is away or takes none of it."""
    return await asyncio.to_thread(_post, settings, {"events": list(events)})


def _post(settings: Settings, body: dict[str, Any]) -> Outcome:
    headers = {"content-type": "application/json"}
    if settings.api_key is not None:
        headers["authorization"] = f"Bearer {settings.api_key.get_secret_value()}"
    url = f"{settings.collector_url}/api/v1/events/batch"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            said = json.load(answer)
    except urllib.error.HTTPError as error:
        raise SendError(f"the API answered {error.code}: {_message(error.read())}") from error
    except OSError as error:
        raise SendError(f"the API at {settings.collector_url} does not answer: {error}") from error
    rejected = said["rejected"]
    return Outcome(said["accepted"], rejected[0]["message"] if rejected else None)


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return body[:200].decode("utf-8", "replace")
