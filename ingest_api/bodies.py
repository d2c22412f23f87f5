"""Request bodies: read, unpacked and bounded."""

import zlib

from ingest_api.answers import ApiError, Receive

MAX_BODY_BYTES = 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_FORM = b"application/x-www-form-urlencoded"
_TYPES = frozenset({b"", b"application/json", b"text/plain", _FORM})


class DisconnectedError(Exception):
    """The client went away before its request was whole."""


async def read_body(receive: Receive, headers: dict[bytes, bytes]) -> bytes:
    """The decompressed body; ApiError 413 beyond MAX_BODY_BYTES, 415 for other types."""
    content_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if content_type not in _TYPES:
        raise _wrong_type(content_type)
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in (b"identity", b"gzip", b""):
        raise ApiError(
            415,
            "unsupported_encoding",
            f"Content-Encoding {encoding.decode('latin-1')!r} is not taken; send gzip or none.",
        )
    body = await _receive_all(receive)
    if encoding == b"gzip":
        body = _unpack(body)
    # What curl says of JSON unless it is told otherwise; a real form is not taken.
    if content_type == _FORM and body.lstrip()[:1] not in (b"{", b"["):
        raise _wrong_type(content_type)
    return body


async def _receive_all(receive: Receive) -> bytes:
    message = await receive()
    if not message.get("more_body"):
        body: bytes = message.get("body", b"")
    else:
        parts = bytearray(message["body"])
        while message.get("more_body") and len(parts) <= MAX_BODY_BYTES:
            message = await receive()
            parts += message.get("body", b"")
        body = bytes(parts)
    if message["type"] == "http.disconnect":
        raise DisconnectedError
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    return body


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
