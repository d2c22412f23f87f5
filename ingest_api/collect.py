"""The collect routes: raw ASGI in front of FastAPI, because they are the hot path."""

import asyncio
import time

from redis.exceptions import RedisError

from ingest_api import pixel
from ingest_api.answers import (
    ApiError,
    Headers,
    Receive,
    Scope,
    Send,
    send_bytes,
    send_error,
    send_json,
    unavailable,
)
from ingest_api.bodies import DisconnectedError, read_body
from ingest_api.buffer import Buffer
from ingest_api.clients import Clients
from ingest_api.doors import caller_of, is_loopback_origin, origin_of_url
from ingest_api.events import Client, Receipt
from ingest_api.intake import Intake, Taken
from ingest_api.metrics import Metrics
from ingest_api.salts import BrowserIds
from ingest_api.sites import SiteCache
from ingest_api.watching import Watching
from ingest_api.wire import split_body
from sql.events import shard_of

_ONE_ACCEPTED = b'{"accepted":1,"rejected":[]}'
_ONE_ACCEPTED_START = {
    "type": "http.response.start",
    "status": 202,
    "headers": [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(_ONE_ACCEPTED)),
    ],
}
_ONE_ACCEPTED_BODY = {"type": "http.response.body", "body": _ONE_ACCEPTED}
_VARY = (b"vary", b"Origin")
_PREFLIGHT_HEADERS = (
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type, content-encoding"),
    (b"access-control-max-age", b"86400"),
)
_CODES = {403: "not_allowed", 404: "unknown_site", 413: "too_large"}


class Collector:
    """ASGI application of the collect routes; the doors have let the caller in."""

    def __init__(
        self,
        *,
        sites: SiteCache,
        buffer: Buffer,
        browser_ids: BrowserIds,
        clients: Clients,
        metrics: Metrics,
        watching: Watching,
        is_open: bool,
    ) -> None:
        self._sites = sites
        self._buffer = buffer
        self._browser_ids = browser_ids
        self._clients = clients
        self._metrics = metrics
        self._watching = watching
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        try:
            if scope["method"] == "POST" and scope["path"] != pixel.PATH:
                await self._post(scope, receive, send)
            else:
                await self._answer(scope, send)
        except ApiError as error:
            if error.code == "origin":
                self._metrics.count("", "refused", "origin")
            origin = _origin(scope)
            await send_error(send, error, self._cors(origin, is_allowed=self._is_known(origin)))
        except DisconnectedError:
            return
        self._metrics.request_s.observe(time.perf_counter() - started)

    async def _answer(self, scope: Scope, send: Send) -> None:
        method = scope["method"]
        if scope["path"] == pixel.PATH:
            if method != "GET":
                raise _not_allowed(method, "GET")
            await self._get_pixel(scope, send)
        elif method == "OPTIONS":
            origin = _origin(scope)
            if not self._is_known(origin):
                raise _wrong_origin(f"No site allows events from origin {origin}.")
            cors = self._cors(origin, is_allowed=True)
            await send_bytes(send, 204, b"", [*cors, *_PREFLIGHT_HEADERS])
        else:
            raise _not_allowed(method, "POST, OPTIONS")

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = _origin(scope)
        headers = scope["tideline.headers"]
        if origin == "null":
            raise _wrong_origin("Events of an opaque origin (null) are not taken.")
        if origin is None and headers.get(b"sec-fetch-site", b"none") != b"none":
            raise _wrong_origin("A browser must say its Origin.")
        self._buffer.check_room()
        body = await read_body(receive, headers)
        intake = self._intake(scope, origin)
        taken = await intake.take(split_body(body))
        await self._store(intake, taken, len(body))
        if taken.accepted == 1 and not taken.rejections and origin is None:
            await send(_ONE_ACCEPTED_START)
            await send(_ONE_ACCEPTED_BODY)
        else:
            await _send_taken(send, taken, self._cors(origin, is_allowed=intake.is_origin_allowed))

    async def _get_pixel(self, scope: Scope, send: Send) -> None:
        referer = scope["tideline.headers"].get(b"referer", b"").decode("latin-1")
        if not referer:
            raise _wrong_origin("The pixel needs the page's address as Referer.")
        self._buffer.check_room()
        event = pixel.pixel_event(scope["query_string"], referer)
        intake = self._intake(scope, origin_of_url(referer))
        taken = await intake.take([event])
        await self._store(intake, taken, len(event))
        if taken.status == 202:
            await send_bytes(send, 200, pixel.IMAGE, pixel.HEADERS)
        else:
            await _send_taken(send, taken, ())

    def _intake(self, scope: Scope, origin: str | None) -> Intake:
        client = None if origin is None else self._clients.of(scope)
        receipt = Receipt(time.time_ns() // 1000, self._clients.places, client)
        return Intake(self._sites, caller_of(scope), receipt, origin=origin, is_open=self._is_open)

    async def _store(self, intake: Intake, taken: Taken, size: int) -> None:
        """Put what was taken into the stream and count it; ApiError 503 when that fails."""
        client = intake.receipt.client
        if client is not None:
            await self._identify(client, taken)
        if len(taken.events) == 1:
            ((site, events),) = taken.events.items()
            await self._buffer.add(shard_of(site.site_id), events, size)
        elif taken.events:
            await asyncio.gather(
                *(
                    self._buffer.add(shard_of(site.site_id), events, size)
                    for site, events in taken.events.items()
                )
            )
        self._metrics.count_request(taken.outcomes)
        if self._watching.sites:
            await self._watching.tell(taken, intake.receipt.received_us)

    async def _identify(self, client: Client, taken: Taken) -> None:
        try:
            for site, events in taken.events.items():
                for event in events:
                    if event.visitor_id is None:
                        await self._browser_ids.identify(site, event, client.fingerprint)
        except RedisError:
            raise unavailable("Redis does not answer; send the events again.") from None

    def _is_known(self, origin: str | None) -> bool:
        if origin is None:
            return False
        if self._is_open and is_loopback_origin(origin):
            return True
        return origin.lower() in self._sites.directory.origins

    def _cors(self, origin: str | None, *, is_allowed: bool) -> Headers:
        if origin is None:
            return ()
        if not is_allowed:
            return (_VARY,)
        return ((b"access-control-allow-origin", origin.encode("latin-1")), _VARY)


def _origin(scope: Scope) -> str | None:
    origin: bytes | None = scope["tideline.headers"].get(b"origin")
    return None if origin is None else origin.decode("latin-1")


def _wrong_origin(message: str) -> ApiError:
    return ApiError(403, "origin", message)


def _not_allowed(method: str, allowed: str) -> ApiError:
    return ApiError(
        405, "method_not_allowed", f"{method} is not answered here; use {allowed}.", allow=allowed
    )


async def _send_taken(send: Send, taken: Taken, headers: Headers) -> None:
    answer: dict[str, object] = {"accepted": taken.accepted, "rejected": taken.rejections}
    if taken.status != 202:
        first = taken.rejections[0] if taken.rejections else None
        message = first.message if first else "There is no event in the body; send at least one."
        code = _CODES.get(taken.status, "invalid_event")
        field = first.field if first else "events"
        answer = ApiError(taken.status, code, message, field=field).body | answer
    await send_json(send, taken.status, answer, headers)
