"""Country, region and city out of a real mmdb file, in the shapes that are around."""

from pathlib import Path
from typing import Any

import pytest

from ingest_api.places import NOWHERE, Place, Places
from sql.database import connect
from sql.sites import ensure_site
from tests.api import running_api
from tests.ingest_api.mmdb import write_mmdb
from tests.ingest_api.wiring import stored, stream_events

MAXMIND = {
    "city": {"geoname_id": 2911298, "names": {"de": "Hamburg", "en": "Hamburg"}},
    "continent": {"code": "EU", "names": {"en": "Europe"}},
    "country": {"geoname_id": 2921044, "iso_code": "DE", "names": {"en": "Germany"}},
    "registered_country": {"iso_code": "US", "names": {"en": "United States"}},
    "subdivisions": [
        {"iso_code": "HH", "names": {"en": "Free and Hanseatic City of Hamburg"}},
        {"iso_code": "X", "names": {"en": "A district"}},
    ],
}
DB_IP = {
    "city": {"names": {"en": "Nantes"}},
    "country": {"is_in_european_union": 1, "iso_code": "FR", "names": {"en": "France"}},
    "subdivisions": [{"names": {"en": "Pays de la Loire"}}],
}
FLAT = {"city": "Pune", "country_code": "IN", "state1": "Maharashtra", "state2": "Pune Division"}
IPINFO = {"country": "Japan", "country_code": "JP", "region": "Tokyo", "city": "Chiyoda"}
COUNTRY_ONLY = {"country": {"iso_code": "BR"}}
RECORDS: dict[str, Any] = {
    "203.0.113.0/24": MAXMIND,
    "198.51.100.0/25": DB_IP,
    "198.51.100.128/25": FLAT,
    "192.0.2.0/26": IPINFO,
    "192.0.2.64/32": COUNTRY_ONLY,
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("geoip") / "test.mmdb"
    write_mmdb(path, RECORDS)
    return path


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.7", Place("DE", "Free and Hanseatic City of Hamburg", "Hamburg")),
        ("198.51.100.1", Place("FR", "Pays de la Loire", "Nantes")),
        ("198.51.100.200", Place("IN", "Maharashtra", "Pune")),
        ("192.0.2.63", Place("JP", "Tokyo", "Chiyoda")),
        ("192.0.2.64", Place("BR")),
        ("192.0.2.65", NOWHERE),
        ("::1", NOWHERE),
        ("nonsense", NOWHERE),
        (None, NOWHERE),
    ],
)
def test_an_address_has_a_place(database: Path, address: str | None, expected: Place) -> None:
    assert Places(database).of_address(address) == expected


def test_what_the_event_says_wins_and_the_time_zone_comes_last(database: Path) -> None:
    places = Places(database)

    def place_of(**said: str) -> tuple[str | None, str | None, str | None]:
        event = stored(said, places=places)
        return event.country, event.region, event.city

    hamburg = "Free and Hanseatic City of Hamburg"
    assert place_of(ip="203.0.113.7") == ("DE", hamburg, "Hamburg")
    assert place_of(ip="203.0.113.7", country="de") == ("DE", hamburg, "Hamburg")
    assert place_of(ip="203.0.113.7", country="FR") == ("FR", None, None)
    assert place_of(ip="203.0.113.7", city="Altona") == ("DE", hamburg, "Altona")
    assert place_of(ip="192.0.2.99", timezone="Asia/Tokyo") == ("JP", None, None)


def test_a_browser_behind_a_trusted_proxy_has_the_place_of_its_address(
    database: Path, database_url: str, redis_url: str
) -> None:
    with connect(database_url) as conn:
        ensure_site(conn, "shop", allowed_origins=["https://shop.example"])
    settings = {"auth": "required", "trusted_proxies": "127.0.0.0/8", "geoip_db": database}
    with running_api(database_url, redis_url, **settings) as api:
        headers = {
            "Origin": "https://shop.example",
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "X-Forwarded-For": "192.0.2.63, 203.0.113.7",
        }
        event = {"site_id": "shop", "name": "page_view"}
        for country in ("", "XX", "AT"):
            answer = api.client.post(
                "/api/v1/events", json=event, headers=headers | {"CF-IPCountry": country}
            )
            assert answer.status_code == 202
    places = [(event.country, event.city) for event in stream_events(redis_url)]
    assert places == [("DE", "Hamburg"), ("DE", "Hamburg"), ("AT", None)]
