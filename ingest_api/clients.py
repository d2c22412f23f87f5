"""The browser behind a request: its address and User-Agent, turned into what may be kept."""

from dataclasses import dataclass

from ingest_api.agents import parse_agent
from ingest_api.answers import Scope
from ingest_api.doors import client_address, is_trusted
from ingest_api.events import Client
from ingest_api.places import Place, Places, country_of_header
from ingest_api.settings import Network


@dataclass(frozen=True, slots=True)
class Clients:
    """Reads clients out of requests; address and User-Agent go no further than the result."""

    places: Places
    trusted: tuple[Network, ...]
    country_header: bytes
    """Lower case; believed only of a trusted proxy."""

    def of(self, scope: Scope) -> Client:
        """The client of a browser's request."""
        headers: dict[bytes, bytes] = scope["tideline.headers"]
        connection = scope["client"][0] if scope.get("client") else None
        address = client_address(connection, _forwarded_for(scope), self.trusted)
        user_agent = headers.get(b"user-agent", b"").decode("latin-1")
        return Client(
            agent=parse_agent(user_agent),
            place=self._place(headers, connection, address),
            fingerprint=f"{address}\0{user_agent}",
            is_local=address is not None and (address == "::1" or address.startswith("127.")),
            wants_no_tracking=b"1" in (headers.get(b"dnt"), headers.get(b"sec-gpc")),
        )

    def _place(
        self, headers: dict[bytes, bytes], connection: str | None, address: str | None
    ) -> Place:
        place = self.places.of_address(address)
        if connection is None or not is_trusted(connection, self.trusted):
            return place
        country = country_of_header(headers.get(self.country_header))
        return place if country in (None, place.country) else Place(country)


def _forwarded_for(scope: Scope) -> str:
    values = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return b",".join(values).decode("latin-1")
