"""The browser behind a request, straight or behind a proxy."""

from ipaddress import ip_network

import pytest

from ingest_api.clients import Clients
from ingest_api.places import Places

CLIENTS = Clients(Places(None), (ip_network("10.0.0.0/8"),), b"cf-ipcountry")


def scope(connection: str, **headers: str) -> dict[str, object]:
    """A request's scope."""
    pairs = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    return {"client": (connection, 5), "headers": pairs, "tideline.headers": dict(pairs)}


@pytest.mark.parametrize(
    ("connection", "country"), [("10.0.0.1", "DE"), ("203.0.113.7", None), ("127.0.0.1", None)]
)
def test_only_a_trusted_proxy_names_the_country(connection: str, country: str | None) -> None:
    client = CLIENTS.of(scope(connection, cf_ipcountry="de", x_forwarded_for="198.51.100.1"))
    assert client.place.country == country


def test_browsers_behind_a_proxy_are_told_apart() -> None:
    one = CLIENTS.of(scope("10.0.0.1", x_forwarded_for="198.51.100.1", user_agent="a"))
    two = CLIENTS.of(scope("10.0.0.1", x_forwarded_for="198.51.100.2", user_agent="a"))
    assert one.fingerprint != two.fingerprint
    assert not one.is_local


@pytest.mark.parametrize(("connection", "is_local"), [("127.0.0.1", True), ("10.0.0.1", False)])
def test_this_machine_is_local(connection: str, is_local: bool) -> None:
    assert CLIENTS.of(scope(connection)).is_local == is_local


@pytest.mark.parametrize(
    ("headers", "expected"),
    [({}, False), ({"dnt": "1"}, True), ({"sec_gpc": "1"}, True), ({"dnt": "0"}, False)],
)
def test_the_wish_not_to_be_tracked_is_read(headers: dict[str, str], expected: bool) -> None:
    assert CLIENTS.of(scope("127.0.0.1", **headers)).wants_no_tracking == expected
