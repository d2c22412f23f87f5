"""Which column of a file becomes which field of an event."""

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tideline.errors import TidelineError

FIELDS = (
    "site_id", "name", "timestamp", "event_id", "user_id", "anonymous_id", "session_id", "url",
    "path", "title", "referrer", "language", "screen", "timezone", "user_agent", "ip", "country",
    "region", "city", "device", "browser", "os", "duration_ms", "value", "currency", "properties",
)  # fmt: skip
ALIASES = (
    "event_type", "eventType", "event", "action", "type", "userId", "sessionId", "anonymousId",
    "eventId", "messageId", "page", "metadata", "data", "duration",
)  # fmt: skip
OBJECTS = {"properties", "metadata", "data"}
NUMBERS = {"duration_ms", "duration"}
EVENT_ID_FIELDS = ("event_id", "eventId", "messageId")
PROPERTY = "properties."


def parse_map(given: Iterable[str]) -> dict[str, str]:
    """Field → column, from `field=column` items, several of which may share one text by commas.

    Raises TidelineError for a field the API does not have.
    """
    mapping: dict[str, str] = {}
    for item in (part.strip() for text in given for part in text.split(",")):
        field, equals, column = (part.strip() for part in item.partition("="))
        if not (field and equals and column):
            raise TidelineError(f"--map {item!r} is not field=column, such as name=event_type")
        check_field(field)
        if field in mapping:
            raise TidelineError(f"--map names the field {field!r} twice")
        mapping[field] = column
    return mapping


def check_field(field: str) -> None:
    """Raises TidelineError when events have no such field."""
    if field in FIELDS or field in ALIASES or field.removeprefix(PROPERTY) not in ("", field):
        return
    near = difflib.get_close_matches(field, FIELDS, n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; the fields are {', '.join(FIELDS)}"
    raise TidelineError(
        f"--map: events have no field {field!r}{hint} (properties.NAME puts a column into the"
        " properties)"
    )


@dataclass(frozen=True)
class Columns:
    """The columns to use: (column, field) in the file's order, and those that are left out."""

    used: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]

    @property
    def has_site(self) -> bool:
        """Whether a column names the site."""
        return any(field == "site_id" for _, field in self.used)


def choose_columns(columns: Sequence[str], mapping: Mapping[str, str]) -> Columns:
    """Mapped columns go where the mapping says; others to the field of their own name, if any.

    Raises TidelineError when the file has no such column.
    """
    missing = [column for column in mapping.values() if column not in columns]
    if missing:
        raise TidelineError(
            f"the file has no column {missing[0]!r}; it has {', '.join(map(repr, columns))}"
        )
    mapped = set(mapping.values())
    used = [(column, field) for field, column in mapping.items()]
    used += [
        (column, column)
        for column in columns
        if column not in mapped and column not in mapping and column in (*FIELDS, *ALIASES)
    ]
    names = {column for column, _ in used}
    return Columns(tuple(used), tuple(column for column in columns if column not in names))


def event_of_row(row: Mapping[str, str], chosen: Columns) -> dict[str, Any]:
    """An event from a row of text: the empty string is missing, anything else is kept as it is."""
    event: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for column, field in chosen.used:
        text = row[column]
        if text == "":
            continue
        if field.startswith(PROPERTY):
            properties[field.removeprefix(PROPERTY)] = text
        else:
            event[field] = value_of(field, text)
    return with_properties(event, properties)


def value_of(field: str, text: str) -> Any:
    """The value of a field that is not text on the wire; text that does not fit stays text."""
    if field in OBJECTS:
        try:
            return json.loads(text)
        except ValueError:
            return text
    if field in NUMBERS:
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            return text
    return text


def event_of_object(source: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
    """An event from a JSON object: mapped keys are renamed, the others stay as they are."""
    mapped = set(mapping.values())
    event = {key: value for key, value in source.items() if key not in mapped}
    properties: dict[str, Any] = {}
    for field, key in mapping.items():
        if key not in source:
            continue
        if field.startswith(PROPERTY):
            properties[field.removeprefix(PROPERTY)] = source[key]
        else:
            event[field] = source[key]
    return with_properties(event, properties)


def with_properties(event: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """The event with these properties added to its own."""
    if properties:
        own = event.get("properties")
        event["properties"] = {**(own if isinstance(own, dict) else {}), **properties}
    return event
