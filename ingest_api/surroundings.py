"""With what and where from: device, browser, system, language, screen and place of an event."""

from functools import lru_cache
from typing import NamedTuple

from ingest_api.agents import Agent
from ingest_api.places import Place, country_of_zone, normalise_country
from ingest_api.texts import optional_text

_DEVICES = frozenset({"desktop", "mobile", "tablet", "tv", "console"})


class Said(NamedTuple):
    """What the event itself says, unchecked; None where it does not."""

    language: object
    screen: object
    timezone: object
    country: object
    region: object
    city: object
    device: object
    browser: object
    os: object


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


def surroundings_of(said: Said, agent: Agent, place: Place) -> Surroundings:
    """What the event says, completed by what its agent and address tell.

    Raises Rejected naming the field that cannot be. Few combinations make up most of the traffic,
    so they are remembered.
    """
    try:
        return _remembered(said, agent, place)
    except TypeError:  # a list or object where text belongs
        return _complete(said, agent, place)


def _complete(said: Said, agent: Agent, place: Place) -> Surroundings:
    country = optional_text(said.country, "country", 64)
    country = country and normalise_country(country)
    if country and country != place.country:
        place = Place(country)  # region and city of another country would be wrong
    device = optional_text(said.device, "device", 64)
    return Surroundings(
        language=optional_text(said.language, "language", 35),
        screen=optional_text(said.screen, "screen", 32),
        country=country or place.country or country_of_zone(said.timezone),
        region=optional_text(said.region, "region", 128) or place.region,
        city=optional_text(said.city, "city", 128) or place.city,
        device=(device.lower() if device and device.lower() in _DEVICES else device)
        or agent.device,
        browser=optional_text(said.browser, "browser", 64) or agent.browser,
        os=optional_text(said.os, "os", 64) or agent.os,
    )


_remembered = lru_cache(maxsize=16_384)(_complete)
