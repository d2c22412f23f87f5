"""The pixel: an event in a query, for pages without script."""

from urllib.parse import parse_qsl

import msgspec
from msgspec import Raw

from ingest_api.answers import ApiError

PATH = "/api/v1/pixel.gif"
IMAGE = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
HEADERS = [(b"content-type", b"image/gif"), (b"cache-control", b"no-store, max-age=0")]
_OBJECTS = ("properties", "metadata", "data")


def pixel_event(query: bytes, referer: str) -> bytes:
    """The event of a pixel's query as a JSON body.

    Parameters are the event's fields; `properties` is JSON text. The name is page_view and the
    page is the one that shows the pixel, unless the query says otherwise.
    """
    try:
        pairs = parse_qsl(query.decode("latin-1"), max_num_fields=100, errors="replace")
    except ValueError:
        raise ApiError(400, "too_many_fields", "The query has more than 100 fields.") from None
    event: dict[str, object] = {"name": "page_view", **dict(pairs)}
    if not {"url", "path", "page"} & event.keys():
        event["url"] = referer
    for field in _OBJECTS:
        if str(event.get(field, "")).startswith("{"):
            event[field] = Raw(str(event[field]).encode())
    return msgspec.json.encode(event)
