"""Where an event comes from: the sender's word, a trusted proxy, an mmdb, or the time zone."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple, cast

import maxminddb

from ingest_api.texts import shorten

MAX_PLACE_BYTES = 128
_MAX_CACHED = 50_000
_is_alpha2 = re.compile(r"[A-Z]{2}").fullmatch


class Place(NamedTuple):
    """Country (ISO 3166-1 alpha-2, upper case), region and city; None where unknown."""

    country: str | None = None
    region: str | None = None
    city: str | None = None


NOWHERE = Place()


class Places:
    """Places of addresses, from an operator-supplied mmdb (MaxMind or DB-IP); without one, none."""

    def __init__(self, database: Path | None) -> None:
        self._reader = maxminddb.open_database(database) if database else None
        self._cache: dict[str, Place] = {}

    def of_address(self, address: str | None) -> Place:
        """Place of an IP address; NOWHERE for what is not one or not listed."""
        if self._reader is None or not address:
            return NOWHERE
        place = self._cache.get(address)
        if place is None:
            if len(self._cache) >= _MAX_CACHED:
                self._cache.clear()
            place = self._cache[address] = self._look_up(address)
        return place

    def _look_up(self, address: str) -> Place:
        assert self._reader is not None
        try:
            record = self._reader.get(address)
        except ValueError:
            return NOWHERE
        return place_of(record) if isinstance(record, dict) else NOWHERE


def place_of(record: dict[str, object]) -> Place:
    """Place of an mmdb record, nested as MaxMind and DB-IP have it or flat."""
    subdivisions = record.get("subdivisions")
    region = subdivisions[0] if isinstance(subdivisions, list) and subdivisions else None
    country = record.get("country")
    code = country.get("iso_code") if isinstance(country, dict) else country
    code = record.get("country_code") or code
    return Place(
        normalise_country(code) if isinstance(code, str) else None,
        _english_name(region or record.get("region") or record.get("state1")),
        _english_name(record.get("city")),
    )


def _english_name(item: object) -> str | None:
    if isinstance(item, str):
        return item or None
    names = item.get("names") if isinstance(item, dict) else None
    return cast("str | None", names.get("en")) if isinstance(names, dict) else None


def normalise_country(country: str) -> str:
    """Alpha-2 code of a code in any case or of an English name; anything else as sent."""
    code = country.strip().upper()
    if _is_alpha2(code):
        return "GB" if code == "UK" else code
    return _codes_by_name().get(code) or shorten(country.strip(), MAX_PLACE_BYTES)


def country_of_header(value: bytes | None) -> str | None:
    """Country a proxy names; None for its words for "unknown" (XX) and "Tor" (T1)."""
    code = (value or b"").decode("latin-1").strip().upper()
    return code if _is_alpha2(code) and code != "XX" else None


def country_of_zone(zone: object) -> str | None:
    """Country of an IANA time zone, old names included; None for UTC and unknown ones.

    Source: zone.tab and the links of tzdata.zi.
    """
    return _codes_by_zone().get(zone) if type(zone) is str else None


def _table(name: str) -> list[list[str]]:
    text = files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _codes_by_zone() -> dict[object, str]:
    codes: dict[object, str] = {row[2]: row[0] for row in _table("zone.tab")}
    links = (row[0].split() for row in _table("tzdata.zi") if row[0].startswith("L "))
    for _, target, name in links:
        if target in codes:
            codes.setdefault(name, codes[target])
    return codes


@cache
def _codes_by_name() -> dict[str, str]:
    codes = {row[1].upper(): row[0] for row in _table("iso3166.tab")}
    codes |= {"UNITED KINGDOM": "GB", "GREAT BRITAIN": "GB", "USA": "US"}
    codes |= {"UNITED STATES OF AMERICA": "US", "SOUTH KOREA": "KR", "CZECHIA": "CZ"}
    return codes
