"""From an event on the wire to the event the writer stores: checked, identified, enriched.

The field table of the API in code: limits, spellings, and what is lifted out of properties. Pure:
the clock, the site and the client come in as values.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec
from msgspec import Raw

from ingest_api.agents import Agent
from ingest_api.identity import visitor_of
from ingest_api.locations import location_of
from ingest_api.money import parse_amount, parse_currency, parse_value
from ingest_api.places import Place, Places
from ingest_api.properties import read_properties
from ingest_api.rejections import Rejected, shown
from ingest_api.sites import SiteRules
from ingest_api.surroundings import of_client, of_server
from ingest_api.texts import optional_id, optional_text
from ingest_api.timestamps import DAY_US, check_timestamp, parse_timestamp
from ingest_api.wire import ABSENT, WireEvent
from sql.events import CollectedEvent

MAX_NAME_CHARACTERS = 64
MAX_DURATION_MS = 2**31 - 1

_LIFTED_TEXTS = ("title", "referrer", "device", "browser", "country")
_LIFTED = frozenset({*_LIFTED_TEXTS, "page", "value", "currency", "amount", "total"})


class KeptOut(Enum):
    """Why an event that is accepted is not stored."""

    BOT = "bot"
    DNT = "dnt"


@dataclass(frozen=True, slots=True)
class Client:
    """The browser at the other end; only for it do address and User-Agent mean anything."""

    agent: Agent
    place: Place
    fingerprint: str
    """Address and User-Agent; hashed with the day's salt when the event has no id."""
    is_local: bool
    """On this very machine: its tools are somebody's test."""
    wants_no_tracking: bool
    """It sent DNT or Sec-GPC."""


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """What a request says about each of its events; without client it is server-side."""

    received_us: int
    places: Places
    client: Client | None = None


def collect(wire: WireEvent, site: SiteRules, receipt: Receipt) -> CollectedEvent | KeptOut:
    """Check and complete one event; raises Rejected naming the field at fault.

    A browser event without user_id and anonymous_id gets no visitor here: its id needs a salt.
    """
    client = receipt.client
    properties = _properties(wire)
    user_id = _id(wire.user_id, wire.userId, "user_id")
    anonymous_id = _id(wire.anonymous_id, wire.anonymousId, "anonymous_id")
    location = location_of(wire.url, _either(wire.path, wire.page))
    if client is None:
        agent, around = of_server(wire, receipt.places)
    else:
        agent, around = client.agent, of_client(wire, client.agent, client.place)
    event = CollectedEvent(
        site.site_id,
        _name(wire),
        _timestamp(wire.timestamp, site, receipt),
        receipt.received_us,
        event_id_of(wire),
        client is not None,
        _visitor(site, user_id, anonymous_id),
        user_id,
        _id(wire.session_id, wire.sessionId, "session_id"),
        location.hostname,
        location.path,
        optional_text(wire.title, "title", 500),
        optional_text(wire.referrer, "referrer", 2_000),
        location.utm_source,
        location.utm_medium,
        location.utm_campaign,
        location.utm_term,
        location.utm_content,
        location.click_id,
        *around,
        _duration(_either(wire.duration_ms, wire.duration)),
        None if wire.value is ABSENT else parse_value(bytes(wire.value)),
        None if wire.currency is None else parse_currency(wire.currency),
        properties,
    )
    if client is None and not agent.is_crawler and not agent.is_tool:
        return event
    return _kept_out(agent, site, client) or event


def event_id_of(wire: WireEvent) -> str | None:
    """The sender's id of the event, None when there is none; Rejected when it cannot be one."""
    return _id(wire.event_id, _either(wire.eventId, wire.messageId), "event_id")


def _either(value: object, other: object) -> object:
    return other if value is None or value == "" else value


def _name(wire: WireEvent) -> str:
    name = wire.name or wire.event_type or wire.eventType or wire.event or wire.action or wire.type
    if type(name) is not str or not name.strip():
        raise Rejected("name", "name is missing; send what happened, such as page_view.")
    if len(name) > MAX_NAME_CHARACTERS:
        raise Rejected("name", f"name has {len(name)} characters; at most 64 are taken.")
    if "\0" in name:
        raise Rejected("name", f"name {shown(name)} contains a NUL character; remove it.")
    return name


def _timestamp(sent: object, site: SiteRules, receipt: Receipt) -> int:
    if sent is None or sent == "":
        return receipt.received_us
    ts_us = parse_timestamp(sent)
    if site.raw_from_us is None and -DAY_US <= ts_us - receipt.received_us <= DAY_US:
        return ts_us  # nearly always: near enough for everybody
    check_timestamp(
        ts_us,
        now_us=receipt.received_us,
        raw_from_us=site.raw_from_us,
        is_browser=receipt.client is not None,
        sent=sent,
    )
    return ts_us


def _properties(wire: WireEvent) -> str | None:
    """Text of the properties; what they say of the event itself goes into blank wire fields."""
    if wire.metadata is ABSENT and wire.data is ABSENT:  # nearly always
        if wire.properties is ABSENT:
            return None
        text, content = read_properties(wire.properties, "properties")
        if not _LIFTED.isdisjoint(content):
            _lift(wire, content, "properties", is_first=True)
        return text
    first = None
    for spelling, raw in (
        ("properties", wire.properties),
        ("metadata", wire.metadata),
        ("data", wire.data),
    ):
        if raw is ABSENT:
            continue
        text, content = read_properties(raw, spelling)
        if not _LIFTED.isdisjoint(content):
            _lift(wire, content, spelling, is_first=first is None)
        first = first or text
    return first


def _lift(wire: WireEvent, content: dict[str, Any], spelling: str, *, is_first: bool) -> None:
    """Fill blank fields from properties; what would be no valid field stays a property only."""
    if is_first:
        for field in _LIFTED_TEXTS:
            if type(content.get(field)) is str and not getattr(wire, field):
                setattr(wire, field, content[field])
        if type(content.get("page")) is str and not (wire.url or wire.path or wire.page):
            wire.page = content["page"]
        _lift_value(wire, content.get("value"))
        _lift_currency(wire, content.get("currency"))
    if spelling == "metadata":
        _lift_value(wire, content.get("amount"))
    elif spelling == "data":
        _lift_value(wire, content.get("total"))
        _lift_currency(wire, content.get("currency"))


def _lift_value(wire: WireEvent, amount: object) -> None:
    if amount is None or type(amount) is bool or bytes(wire.value) not in (b"", b"null", b'""'):
        return
    try:
        wire.value = Raw(parse_amount(str(amount).strip()).encode())
    except ValueError:
        return


def _lift_currency(wire: WireEvent, currency: object) -> None:
    if type(currency) is not str or wire.currency:
        return
    try:
        wire.currency = parse_currency(currency)
    except Rejected:
        return


def _id(value: object, other: object, field: str) -> str | None:
    if value is None and other is None:
        return None
    return optional_id(other if value is None or value == "" else value, field)


def _visitor(site: SiteRules, user_id: str | None, anonymous_id: str | None) -> int | None:
    if user_id is not None:
        return visitor_of(site, b"u:", user_id)
    return None if anonymous_id is None else visitor_of(site, b"a:", anonymous_id)


def _duration(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is str and value.strip().isdecimal() and len(value) <= 12:
        value = int(value)
    if type(value) is float:
        value = round(value)
    if type(value) is int and 0 <= value <= MAX_DURATION_MS:
        return value
    raise Rejected(
        "duration_ms",
        f"duration_ms {shown(value)} is not a number of milliseconds from 0 to {MAX_DURATION_MS}.",
    )


def _kept_out(agent: Agent, site: SiteRules, client: Client | None) -> KeptOut | None:
    if agent.is_crawler or (agent.is_tool and not (client and client.is_local)):
        return KeptOut.BOT
    if client and client.wants_no_tracking and site.respects_dnt:
        return KeptOut.DNT
    return None
