"""The tracker script, compressed and with an entity tag made once a process."""

import gzip
import hashlib
from pathlib import Path

from fastapi import APIRouter, Request, Response

from ingest_api.answers import ApiError

FILE_NAME = "tracker.js"

router = APIRouter(tags=["collect"])


class Tracker:
    """The script's text, plain and gzipped; read again when the file changes."""

    def __init__(self, assets: Path) -> None:
        self._path = assets / FILE_NAME
        self._modified_ns = -1
        self.plain = self.packed = b""
        self.etag = ""

    def load(self) -> None:
        """Read the file if it is newer than what is in memory; FileNotFoundError without it."""
        modified_ns = self._path.stat().st_mtime_ns
        if modified_ns == self._modified_ns:
            return
        self.plain = self._path.read_bytes()
        self.packed = gzip.compress(self.plain, 9, mtime=0)
        self.etag = f'"{hashlib.blake2b(self.plain, digest_size=8).hexdigest()}"'
        self._modified_ns = modified_ns


@router.get("/t.js", response_class=Response)
async def get_tracker(request: Request) -> Response:
    """The tracker; caches may keep it for an hour."""
    tracker: Tracker = request.app.state.tracker
    try:
        tracker.load()
    except FileNotFoundError:
        raise ApiError(404, "no_tracker", "The tracker script is not installed.") from None
    headers = {
        "Cache-Control": "public, max-age=3600",
        "ETag": tracker.etag,
        "Vary": "Accept-Encoding",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == tracker.etag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(tracker.packed, media_type="text/javascript", headers=headers)
    return Response(tracker.plain, media_type="text/javascript", headers=headers)
