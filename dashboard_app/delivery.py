"""How files and answers travel: compressed once, kept by the browser where their name says so."""

import asyncio
import hashlib
import re
from collections import OrderedDict

import brotli  # type: ignore[import-untyped]
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FILES = ("/assets/", "/_dash-component-suites/")
CALLBACKS = "/_dash-update-component"
"""Dash answers callbacks without saying that it is JSON."""
VERSIONED = re.compile(r"\.v[0-9_]+m[0-9]+\.|/assets/(fonts|vendor)/")
COMPRESSIBLE = {
    "text/html",
    "text/css",
    "text/javascript",
    "application/json",
    "application/javascript",
    "image/svg+xml",
}
MIN_BYTES = 1200
FILE_QUALITY = 6
ANSWER_QUALITY = 4
MAX_FILES = 200


class Delivery:
    """Pure ASGI middleware: Brotli for browsers that take it, and caching headers for files.

    A file is compressed once per process, outside the event loop. Event streams and exports pass
    through untouched.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._files: OrderedDict[bytes, bytes] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["extensions"] = {}
        answer = _Answer(self, scope, send)
        await self._app(scope, receive, answer.send)

    async def compressed(self, body: bytes, is_file: bool) -> bytes:
        """Brotli of `body`; of a file from memory when it was asked for before."""
        if not is_file:
            return bytes(brotli.compress(body, quality=ANSWER_QUALITY))
        key = hashlib.blake2b(body, digest_size=16).digest()
        if key not in self._files:
            small = await asyncio.to_thread(brotli.compress, body, quality=FILE_QUALITY)
            self._files[key] = small
            if len(self._files) > MAX_FILES:
                self._files.popitem(last=False)
        return self._files[key]


class _Answer:
    """One response on its way out: held back until complete when it is to be compressed."""

    def __init__(self, delivery: Delivery, scope: Scope, send: Send) -> None:
        self._delivery = delivery
        self._send = send
        self._path: str = scope["path"]
        self._is_versioned = bool(
            VERSIONED.search(self._path) or scope.get("query_string", b"").startswith(b"m=")
        )
        self._takes_brotli = "br" in Headers(scope=scope).get("accept-encoding", "")
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._add_headers(message)
            if self._is_compressible(message):
                self._start = message
                return
        elif self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)
            return
        await self._send(message)

    @property
    def _is_file(self) -> bool:
        return self._path.startswith(FILES)

    def _add_headers(self, message: Message) -> None:
        if message["status"] != 200:
            return
        headers = MutableHeaders(raw=message["headers"])
        if self._path.startswith(CALLBACKS):
            headers.setdefault("content-type", "application/json")
        if self._is_file and self._is_versioned:
            headers["cache-control"] = "private, max-age=31536000, immutable"
        elif "cache-control" not in headers:
            headers["cache-control"] = "no-cache" if self._is_file else "no-store"

    def _is_compressible(self, message: Message) -> bool:
        headers = MutableHeaders(raw=message["headers"])
        kind = headers.get("content-type", "").split(";")[0]
        return (
            self._takes_brotli
            and message["status"] == 200
            and kind in COMPRESSIBLE
            and "content-encoding" not in headers
        )

    async def _finish(self, start: Message) -> None:
        body = self._body
        headers = MutableHeaders(raw=start["headers"])
        if len(body) >= MIN_BYTES:
            body = await self._delivery.compressed(body, self._is_file)
            headers["content-encoding"] = "br"
            headers.add_vary_header("accept-encoding")
        headers["content-length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})
