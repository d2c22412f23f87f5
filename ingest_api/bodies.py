"""Request bodies: read, unpacked and bounded."""

import zlib

from ingest_api.answers import ApiError, Message, Receive

MAX_BODY_BYTES = 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_FORM = b"application/x-www-form-urlencoded"
_TYPES = frozenset({b"", b"application/json", b"text/plain", _FORM})


class DisconnectedError(Exception):
    """The client went away before its request was whole."""


async def read_body(receive: Receive, headers: dict[bytes, bytes]) -> bytes:
    """The decompressed body; ApiError 413 beyond MAX_BODY_BYTES, 415 for other types."""
    content_type = headers.get(b"content-type", b"")
    if content_type not in _TYPES:
        content_type = content_type.partition(b";")[0].strip().lower()
        if content_type not in _TYPES:
            raise _wrong_type(content_type)
    is_packed = (
        _is_packed(headers[b"content-encoding"]) if b"content-encoding" in headers else False
    )
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        body, message = await _receive_rest(body, receive)
    if message["type"] == "http.disconnect":
        raise DisconnectedError
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    if is_packed:
        body = _unpack(body)
    # What curl says of JSON unless it is told otherwise; a real form is not taken.
    if content_type == _FORM and body.lstrip()[:1] not in (b"{", b"["):
        raise _wrong_type(content_type)
    return body


def _is_packed(encoding: bytes) -> bool:
    encoding = encoding.strip().lower()
    if encoding not in (b"identity", b"gzip", b""):
        raise ApiError(
            415,
            "unsupported_encoding",
            f"Content-Encoding {encoding.decode('latin-1')!r} is not taken; send gzip or none.",
        )
    return encoding == b"gzip"


async def _receive_rest(begun: bytes, receive: Receive) -> tuple[bytes, Message]:
    """The body, or more of it than may be, and the last message."""
    parts = bytearray(begun)
    while True:
        message = await receive()
        parts += message.get("body", b"")
        if not message.get("more_body") or len(parts) > MAX_BODY_BYTES:
            return bytes(parts), message


def _unpack(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        body = unpacker.decompress(packed, MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise ApiError(400, "bad_gzip", f"The body is not gzip: {error}.") from None
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    if not unpacker.eof or unpacker.unused_data:
        raise ApiError(400, "bad_gzip", "The gzip body must be one whole member, nothing after it.")
    return body


def _wrong_type(content_type: bytes) -> ApiError:
    return ApiError(
        415,
        "unsupported_media_type",
        f"Content-Type {content_type.decode('latin-1')!r} is not taken; send application/json or "
        "text/plain.",
    )


def _too_large() -> ApiError:
    return ApiError(
        413, "too_large", f"The body is larger than {MAX_BODY_BYTES} bytes; send smaller batches."
    )
