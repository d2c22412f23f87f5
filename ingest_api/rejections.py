"""Why an event was not taken."""

import msgspec


class Rejected(Exception):  # noqa: N818 (an outcome, not a failure)
    """An event that is refused; its neighbours are not touched.

    `field` is the field at fault as its sender spelled it, None when it is the event as a whole;
    `status` is what a request is answered when all of its events were refused for it; `reason` is
    the word under which it is counted; `site` is the slug of a site that its sender may not write
    to.
    """

    def __init__(
        self,
        field: str | None,
        message: str,
        *,
        status: int = 400,
        reason: str | None = None,
        site: str = "",
    ) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
        self.status = status
        self.reason = reason or field or "event"
        self.site = site


class Rejection(msgspec.Struct, gc=False, frozen=True):
    """A refused event as the answer names it."""

    index: int
    event_id: str | None
    field: str | None
    message: str


def shown(value: object) -> str:
    """A value as an error message quotes it: JSON, at most 80 characters."""
    if isinstance(value, msgspec.Raw):
        text = bytes(value).decode("utf-8", "replace")
    else:
        text = msgspec.json.encode(value, enc_hook=str).decode()
    return text if len(text) <= 80 else f"{text[:79]}…"
