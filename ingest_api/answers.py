"""Answers outside FastAPI: JSON and errors in the one shape every route has."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import msgspec

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

_JSON_TYPE = (b"content-type", b"application/json")


class ApiError(Exception):
    """A refused request: status, machine-readable code, a message that helps, field at fault."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str | None = None,
        retry_after_s: int | None = None,
        allow: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.retry_after_s = retry_after_s
        self.allow = allow

    @property
    def body(self) -> dict[str, Any]:
        """The error as every route answers it."""
        return {"error": {"code": self.code, "message": self.message, "field": self.field}}

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """What belongs to the status: Retry-After, Allow, WWW-Authenticate."""
        headers = []
        if self.retry_after_s is not None:
            headers.append((b"retry-after", str(self.retry_after_s).encode()))
        if self.allow is not None:
            headers.append((b"allow", self.allow.encode()))
        if self.status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        return headers


def unavailable(message: str, *, retry_after_s: int = 1) -> ApiError:
    """503: nothing was taken; the same request will do later."""
    return ApiError(503, "unavailable", message, retry_after_s=retry_after_s)


async def send_bytes(send: Send, status: int, body: bytes, headers: Headers) -> None:
    """Answer with a body and exactly these headers plus its length."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def send_json(send: Send, status: int, content: object, headers: Headers = ()) -> None:
    """Answer with JSON."""
    await send_bytes(send, status, msgspec.json.encode(content), [_JSON_TYPE, *headers])


async def send_error(send: Send, error: ApiError, headers: Headers = ()) -> None:
    """Answer with an error in the common shape."""
    await send_json(send, error.status, error.body, [*error.headers, *headers])
