"""Who may come in: ASGI middleware in front of everything, WebSockets included.

Open mode answers this machine alone; otherwise every route but the tracker, health and browser
collect asks for a key. The rules themselves are the pure functions at the top.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from ingest_api.answers import ApiError, Asgi, Receive, Scope, Send, send_error
from ingest_api.settings import Network
from ingest_api.sites import KeyRow, SiteCache

COLLECT_PATHS = frozenset({"/api/v1/events", "/api/v1/events/batch", "/api/v1/pixel.gif"})
PUBLIC_PATHS = frozenset({"/t.js", "/api/v1/health"})
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_is_host = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?", re.IGNORECASE).fullmatch
_origin_parts = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[^/?#@:\[\]\s]+)(?::(\d{1,5}))?").fullmatch


@lru_cache(maxsize=256)
def loopback_host(host: str | None) -> str | None:
    """Name of this machine in a Host header, without port; None for any other host."""
    found = _is_host(host or "")
    return found[1].lower() if found else None


def origin_host(origin: str | None) -> str | None:
    """Host of an http(s) origin, lower case; None for `null` and everything else."""
    found = _origin_parts((origin or "").lower())
    return found[2] if found else None


def is_origin(text: str) -> bool:
    """Whether a text is an http(s) origin: scheme, host, perhaps a port, and nothing after."""
    return _origin_parts(text.lower()) is not None


def is_loopback_origin(origin: str | None) -> bool:
    """Whether a page of this machine sent it."""
    return origin_host(origin) in _LOOPBACK_NAMES


def origin_of_url(url: str) -> str:
    """Scheme, host and port of a URL, lower case, as an Origin header would have them."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{re.split('[/?#]', rest, maxsplit=1)[0]}".lower()


def is_forwarded(headers: dict[bytes, bytes]) -> bool:
    """Whether a proxy stands between the client and this process."""
    return b"forwarded" in headers or b"\nx-forwarded-" in b"\n" + b"\n".join(headers)


def is_cross_site(headers: dict[bytes, bytes], host: str) -> bool:
    """Whether a browser sends this for a page of another site than `host` (ports do not matter)."""
    if headers.get(b"sec-fetch-site") == b"cross-site":
        return True
    origin = headers.get(b"origin")
    return origin is not None and origin_host(origin.decode("latin-1")) != host


@lru_cache(maxsize=8_192)
def is_trusted(address: str, trusted: tuple[Network, ...]) -> bool:
    """Whether an address belongs to one of the trusted networks."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)


def client_address(
    connection: str | None, forwarded_for: str, trusted: tuple[Network, ...]
) -> str | None:
    """The connection's address, or the right-most untrusted one of X-Forwarded-For behind proxies.

    None when there is none, or when what a proxy forwarded is not an address.
    """
    if connection is None or not trusted or not is_trusted(connection, trusted):
        return connection
    for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        address = _bare_address(hop)
        if address is None or not is_trusted(address, trusted):
            return address
        connection = address
    return connection


def _bare_address(hop: str) -> str | None:
    """An address without port and brackets, IPv4 also when it was mapped into IPv6."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        address = ip_address(hop)
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: what they may do, and on which site (None = all)."""

    scopes: frozenset[str]
    site_id: int | None = None

    def may(self, scope: str) -> bool:
        """Whether the caller has a scope; admin has all."""
        return scope in self.scopes

    def sees(self, site_id: int) -> bool:
        """Whether the caller may do on this site what its scope allows."""
        return self.site_id is None or self.site_id == site_id


ANYONE = Caller(frozenset())
OWNER = Caller(frozenset({"collect", "read", "admin"}))


def caller_of_key(key: KeyRow) -> Caller:
    """What a key allows; an admin key also reads and collects."""
    scopes = OWNER.scopes if key.scope == "admin" else frozenset({key.scope})
    return Caller(scopes, key.site_id)


def caller_of(scope: Scope) -> Caller:
    """The caller that the doors let in with this request."""
    caller: Caller = scope["tideline.caller"]
    return caller


def needed_scope(method: str, path: str) -> str:
    """Scope that a route asks a key for."""
    if path in COLLECT_PATHS:
        return "collect"
    is_reading = method in ("GET", "HEAD", "OPTIONS") or path.endswith("/query")
    return "read" if is_reading else "admin"


class Doors:
    """The middleware; what comes through has a caller in its scope."""

    def __init__(self, app: Asgi, *, sites: SiteCache, is_open: bool) -> None:
        self._app = app
        self._sites = sites
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        scope["tideline.headers"] = headers
        try:
            if self._is_open:
                check_open(scope["path"], headers)
                scope["tideline.caller"] = OWNER
            else:
                scope["tideline.caller"] = await self._admit(scope, headers)
        except ApiError as error:
            await _refuse(scope, send, error)
            return
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope, headers: dict[bytes, bytes]) -> Caller:
        path: str = scope["path"]
        if path in PUBLIC_PATHS:
            return ANYONE
        if path in COLLECT_PATHS and (b"origin" in headers or path.endswith(".gif")):
            return ANYONE
        kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise ApiError(401, "no_key", "Send Authorization: Bearer KEY.")
        key = await self._sites.find_key(token.strip())
        if key is None:
            raise ApiError(401, "unknown_key", "The key is not known or was revoked.")
        caller = caller_of_key(key)
        needed = needed_scope(scope.get("method", "GET"), path)
        if not caller.may(needed):
            raise ApiError(403, "scope", f"The key has scope {key.scope}; {needed} is needed here.")
        return caller


def check_open(path: str, headers: dict[bytes, bytes]) -> None:
    """Refuse what open mode does not answer."""
    host = loopback_host(headers.get(b"host", b"").decode("latin-1"))
    if host is None:
        raise ApiError(
            403,
            "host",
            "Without keys (TIDELINE_AUTH=open) only localhost, 127.0.0.1 and [::1] are answered.",
        )
    if is_forwarded(headers):
        raise ApiError(
            403, "forwarded", "Behind a proxy keys are needed: set TIDELINE_AUTH=required."
        )
    if path not in COLLECT_PATHS and path != "/t.js" and is_cross_site(headers, host):
        raise ApiError(403, "cross_site", "Pages of other sites may not read this.")


async def _refuse(scope: Scope, send: Send, error: ApiError) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": error.message[:120]})
        return
    await send_error(send, error)
