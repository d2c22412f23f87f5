"""The collect routes as OpenAPI shows them; they are served before FastAPI sees them."""

from typing import Any

_TEXT = {"type": ["string", "null"]}
_ID = {"type": ["string", "integer", "null"], "minLength": 0, "maxLength": 128}
_NUMBER = {"type": ["number", "string", "null"]}
_OBJECT = {"type": ["object", "null"], "maxProperties": 64, "additionalProperties": True}


def _described(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return schema | {"description": description}


EVENT: dict[str, Any] = {
    "type": "object",
    "description": "One event. Fields that are not listed are ignored.",
    "required": ["name"],
    "additionalProperties": True,
    "properties": {
        "site_id": _described(_ID, "Slug; with TIDELINE_AUTH=open the default is demo."),
        "name": {
            "type": "string",
            "minLength": 1,
            "maxLength": 64,
            "description": "page_view, click, purchase, refund, experiment_exposure, engagement, "
            "or any other. Also: event_type, eventType, event, action, type.",
        },
        "timestamp": _described(
            {"type": ["string", "number", "null"]},
            "ISO 8601 (UTC when it has no offset) or epoch milliseconds; default: receipt. At most "
            "24 hours ahead and 10 years old, from a browser 24 hours.",
        ),
        "event_id": _described(_ID, "Makes the event count once per site. Also: messageId."),
        "user_id": _ID,
        "anonymous_id": _ID,
        "session_id": _ID,
        "url": _described(_TEXT, "Gives host, path and utm_*; may be relative."),
        "path": _described(_TEXT, "Wins over the path of url. Also: page."),
        "title": _TEXT,
        "referrer": _TEXT,
        "language": _TEXT,
        "screen": _TEXT,
        "timezone": _described(_TEXT, "IANA name; tells the country when nothing else does."),
        "user_agent": _described(_TEXT, "Server-side only: device, browser, os and bot filter."),
        "ip": _described(_TEXT, "Server-side only: country, region and city."),
        "country": _described(_TEXT, "ISO 3166-1 alpha-2 or an English name."),
        "region": _TEXT,
        "city": _TEXT,
        "device": _TEXT,
        "browser": _TEXT,
        "os": _TEXT,
        "duration_ms": _described(_NUMBER, "Engaged time. Also: duration."),
        "value": _described(_NUMBER, "Decimal; at most 15 digits before and 30 after the point."),
        "currency": _described(_TEXT, "ISO 4217; default: the site's."),
        "properties": _described(_OBJECT, "Kept as sent. Also: metadata, data."),
    },
}

ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["accepted", "rejected"],
    "properties": {
        "accepted": {"type": "integer", "minimum": 0},
        "rejected": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["index", "event_id", "field", "message"],
                "properties": {
                    "index": {"type": "integer", "minimum": 0},
                    "event_id": {"type": ["string", "null"]},
                    "field": {"type": ["string", "null"]},
                    "message": {"type": "string"},
                },
            },
        },
    },
}

ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "field"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "field": {"type": ["string", "null"]},
            },
        }
    },
}

BATCH: dict[str, Any] = {
    "oneOf": [
        {"type": "array", "items": {"$ref": "#/components/schemas/Event"}, "maxItems": 2500},
        {
            "type": "object",
            "required": ["events"],
            "properties": {
                "events": {
                    "type": "array",
                    "items": {"$ref": "#/components/schemas/Event"},
                    "maxItems": 2500,
                }
            },
        },
    ]
}

SCHEMAS = {"Event": EVENT, "EventBatch": BATCH, "EventsAnswer": ANSWER, "Error": ERROR}


def _content(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _errors(*statuses: int) -> dict[str, Any]:
    return {
        str(status): {"description": _DESCRIPTIONS[status], "content": _content("Error")}
        for status in statuses
    }


_DESCRIPTIONS = {
    400: "Not JSON, or no event was good; then accepted and rejected are there too",
    401: "No key, or a wrong one",
    403: "The origin or the key is not for this site",
    404: "Unknown site",
    405: "Another method is needed",
    413: "Too large",
    415: "Neither JSON nor text, or packed otherwise than gzip",
    503: "The buffer cannot take events; see Retry-After",
}


def _post(operation: str, summary: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "tags": ["collect"],
        "operationId": operation,
        "summary": summary,
        "requestBody": {"required": True, "content": body},
        "responses": {
            "202": {"description": "Taken and durable", "content": _content("EventsAnswer")},
            **_errors(400, 401, 403, 404, 413, 415, 503),
        },
    }


def _parameters() -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
        for name in EVENT["properties"]
    ]


PATHS: dict[str, Any] = {
    "/api/v1/events": {
        "post": _post("collect_event", "Send one event (a batch is taken too)", _content("Event"))
    },
    "/api/v1/events/batch": {
        "post": _post("collect_batch", "Send up to 2,500 events", _content("EventBatch"))
    },
    "/api/v1/pixel.gif": {
        "get": {
            "tags": ["collect"],
            "operationId": "collect_pixel",
            "summary": "Send the event in the query, from a page without script",
            "parameters": _parameters(),
            "responses": {
                "200": {"description": "Taken and durable", "content": {"image/gif": {}}},
                **_errors(400, 403, 404, 413, 503),
            },
        }
    },
}


def with_collect(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document completed by the collect routes."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(SCHEMAS)
    document["paths"] = PATHS | document["paths"]
    return document
