"""With what and where from: device, browser, system, language, screen and place of an event."""

from functools import lru_cache
from typing import NamedTuple

from ingest_api.agents import Agent, parse_agent
from ingest_api.places import NOWHERE, Place, Places, country_of_zone, normalise_country
from ingest_api.texts import optional_text
from ingest_api.wire import WireEvent

_DEVICES = frozenset({"desktop", "mobile", "tablet", "tv", "console"})
_NO_AGENT = Agent()


class Surroundings(NamedTuple):
    """Checked and completed; the order is that of `sql.events.CollectedEvent`."""

    language: str | None
    screen: str | None
    country: str | None
    region: str | None
    city: str | None
    device: str | None
    browser: str | None
    os: str | None


def of_client(wire: WireEvent, agent: Agent, place: Place) -> Surroundings:
    """What the event says, completed by what the agent and address of its sender tell.

    Raises Rejected naming the field that cannot be.
    """
    said = _said(wire)
    try:
        return _completed(agent, place, *said)
    except TypeError:  # a list or object where text belongs
        return _complete(agent, place, *said)


def of_server(wire: WireEvent, places: Places) -> tuple[Agent, Surroundings]:
    """What the event says, completed by its fields `user_agent` and `ip`; and that agent.

    Raises Rejected naming the field that cannot be.
    """
    if wire.ip is not None:
        agent = _agent(wire.user_agent)
        place = places.of_address(optional_text(wire.ip, "ip", 64))
        return agent, of_client(wire, agent, place)
    said = _said(wire)
    try:
        return _completed_by_agent(wire.user_agent, *said)
    except TypeError:
        return _complete_by_agent(wire.user_agent, *said)


def _said(wire: WireEvent) -> tuple[object, ...]:
    return (
        wire.language, wire.screen, wire.timezone, wire.country, wire.region, wire.city,
        wire.device, wire.browser, wire.os,
    )  # fmt: skip


def _agent(sent: object) -> Agent:
    return (
        _NO_AGENT if sent is None else parse_agent(optional_text(sent, "user_agent", 2_000) or "")
    )


def _complete_by_agent(user_agent: object, *said: object) -> tuple[Agent, Surroundings]:
    agent = _agent(user_agent)
    return agent, _complete(agent, NOWHERE, *said)


def _complete(
    agent: Agent,
    place: Place,
    language: object,
    screen: object,
    timezone: object,
    sent_country: object,
    region: object,
    city: object,
    sent_device: object,
    browser: object,
    os: object,
) -> Surroundings:
    country = optional_text(sent_country, "country", 64)
    country = country and normalise_country(country)
    if country and country != place.country:
        place = Place(country)  # region and city of another country would be wrong
    device = optional_text(sent_device, "device", 64)
    return Surroundings(
        language=optional_text(language, "language", 35),
        screen=optional_text(screen, "screen", 32),
        country=country or place.country or country_of_zone(timezone),
        region=optional_text(region, "region", 128) or place.region,
        city=optional_text(city, "city", 128) or place.city,
        device=(device.lower() if device and device.lower() in _DEVICES else device)
        or agent.device,
        browser=optional_text(browser, "browser", 64) or agent.browser,
        os=optional_text(os, "os", 64) or agent.os,
    )


# Few combinations make up most of the traffic, so they are remembered.
_completed = lru_cache(maxsize=16_384)(_complete)
_completed_by_agent = lru_cache(maxsize=16_384)(_complete_by_agent)
