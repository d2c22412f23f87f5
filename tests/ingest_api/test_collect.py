"""The collect routes over HTTP: statuses, bodies, browsers, the pixel."""

import gzip
import json
import logging
import socket
from collections import Counter
from typing import Any

import httpx
import pytest

from sql.database import connect
from tests.api import RunningApi
from tests.ingest_api.wiring import stream_events

SHOP = "https://shop.example"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
EVENT = {"site_id": "shop", "name": "x"}


def post(api: RunningApi, body: Any, **headers: str) -> httpx.Response:
    """POST to /events; text and bytes as they are, anything else as JSON."""
    content = body if isinstance(body, (str, bytes)) else json.dumps(body)
    sent = {"Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return api.client.post("/api/v1/events", content=content, headers=sent)


def test_what_is_accepted_is_in_the_stream_in_order(collecting: RunningApi) -> None:
    answer = post(collecting, [EVENT | {"name": name} for name in ("a", "b", "c")])
    assert (answer.status_code, answer.json()) == (202, {"accepted": 3, "rejected": []})
    assert [event.name for event in stream_events(collecting.redis_url)] == ["a", "b", "c"]


def test_good_events_are_taken_and_bad_ones_named(collecting: RunningApi) -> None:
    batch = [EVENT, EVENT | {"event_id": "e-2", "timestamp": "soon"}, EVENT | {"site_id": "no"}]
    answer = collecting.client.post("/api/v1/events/batch", json={"events": batch})
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 1,
        "rejected": [
            {
                "index": 1,
                "event_id": "e-2",
                "field": "timestamp",
                "message": 'timestamp "soon" is no time; send ISO 8601 such as '
                "2026-03-01T12:00:00Z, or epoch milliseconds.",
            },
            {
                "index": 2,
                "event_id": None,
                "field": "site_id",
                "message": 'There is no site "no".',
            },
        ],
    }


def test_in_open_mode_an_event_without_site_goes_to_demo(collecting: RunningApi) -> None:
    demo = collecting.get("/api/v1/sites")["sites"][1]
    assert demo["site_id"] == "demo"
    assert post(collecting, {"name": "x"}).status_code == 202
    with connect(collecting.database_url) as conn:
        row = conn.execute("SELECT site_id FROM sites WHERE slug = 'demo'").fetchone()
    assert row is not None
    assert [event.site_id for event in stream_events(collecting.redis_url)] == [row[0]]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ("hello", {}, 400, "not_json"),
        ("[]", {}, 400, "invalid_event"),
        ('{"site_id":"shop"}', {}, 400, "invalid_event"),
        ('{"site_id":"nowhere","name":"x"}', {}, 404, "unknown_site"),
        ('[{"site_id":"nowhere","name":"x"},{"site_id":"shop"}]', {}, 400, "unknown_site"),
        ("{}", {"Content_Type": "text/html"}, 415, "unsupported_media_type"),
        ("a=b", {"Content_Type": "application/x-www-form-urlencoded"}, 415,
         "unsupported_media_type"),
        ("{}", {"Content_Encoding": "br"}, 415, "unsupported_encoding"),
        ("{}", {"Content_Encoding": "gzip"}, 400, "bad_gzip"),
        (b"[" + b" " * 2**20 + b"]", {}, 413, "too_large"),
        (gzip.compress(b" " * 2**24, mtime=0), {"Content_Encoding": "gzip"}, 413, "too_large"),
        (gzip.compress(b"{}", mtime=0)[:-9], {"Content_Encoding": "gzip"}, 400, "bad_gzip"),
        ('{"name":"' + "x" * 40_000 + '"}', {}, 413, "too_large"),
        (json.dumps([EVENT] * 2501), {}, 413, "too_many_events"),
    ],
)  # fmt: skip
def test_a_refused_request_says_why_and_changes_nothing(
    collecting: RunningApi, body: str | bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = post(collecting, body, **headers)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "field"}
    if status != 400 or code != "unknown_site":
        assert error["code"] == code
    assert stream_events(collecting.redis_url) == []


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "text/plain", "", "application/x-www-form-urlencoded"],
)
def test_json_is_taken_under_the_names_that_senders_give_it(
    collecting: RunningApi, content_type: str
) -> None:
    assert post(collecting, EVENT, Content_Type=content_type).status_code == 202


def test_a_gzipped_batch_is_taken(collecting: RunningApi) -> None:
    body = gzip.compress(json.dumps({"events": [EVENT] * 2500}).encode())
    assert post(collecting, body, Content_Encoding="gzip").json()["accepted"] == 2500
    assert len(stream_events(collecting.redis_url)) == 2500


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_client_that_leaves_before_its_answer_is_no_error(
    collecting: RunningApi, caplog: pytest.LogCaptureFixture, share: float
) -> None:
    body = json.dumps([EVENT | {"name": "left"}] * 200)
    head = f"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    address = httpx.URL(collecting.url)
    for _ in range(5):
        with socket.create_connection((address.host, address.port or 0)) as connection:
            connection.sendall((head + body[: int(share * len(body))]).encode())
    assert post(collecting, EVENT | {"name": "after"}).status_code == 202
    names = Counter(event.name for event in stream_events(collecting.redis_url))
    assert names["after"] == 1
    assert names["left"] in (range(0, 1001, 200) if share == 1.0 else [0])
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(("method", "path"), [("GET", "events"), ("DELETE", "events/batch")])
def test_another_method_is_told_which_to_use(
    collecting: RunningApi, method: str, path: str
) -> None:
    answer = collecting.client.request(method, f"/api/v1/{path}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
    assert answer.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("origin", "site", "status"),
    [
        (SHOP, "shop", 202),
        ("HTTPS://Shop.Example", "shop", 202),
        ("http://localhost:3000", "shop", 202),
        (SHOP, "blog", 403),
        ("https://evil.example", "shop", 403),
        ("https://shop.example.evil.example", "shop", 403),
        ("http://shop.example", "shop", 403),
        ("null", "shop", 403),
    ],
)
def test_a_browser_may_post_from_the_sites_own_origins(
    collecting: RunningApi, origin: str, site: str, status: int
) -> None:
    answer = post(collecting, EVENT | {"site_id": site}, Origin=origin, User_Agent=FIREFOX)
    assert answer.status_code == status
    allowed = answer.headers.get("access-control-allow-origin")
    assert allowed == (origin if status == 202 else None)
    assert "access-control-allow-credentials" not in answer.headers
    assert len(stream_events(collecting.redis_url)) == (status == 202)


def test_a_browser_without_origin_is_refused(collecting: RunningApi) -> None:
    assert post(collecting, EVENT, Sec_Fetch_Site="cross-site").status_code == 403


@pytest.mark.parametrize(
    ("origin", "status"), [(SHOP, 204), ("https://blog.example", 204), ("https://x.example", 403)]
)
def test_the_preflight_allows_any_sites_origins(
    collecting: RunningApi, origin: str, status: int
) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answer = collecting.client.options("/api/v1/events", headers=asked)
    assert answer.status_code == status
    assert answer.headers.get("access-control-allow-origin") == (origin if status == 204 else None)


def test_a_browser_without_ids_is_one_visitor_by_address_and_agent(collecting: RunningApi) -> None:
    for agent, name in ((FIREFOX, "a"), (FIREFOX, "b"), (FIREFOX + " x", "c")):
        post(collecting, EVENT | {"name": name}, Origin=SHOP, User_Agent=agent)
    post(collecting, EVENT | {"name": "d"}, User_Agent=FIREFOX)
    a, b, c, d = stream_events(collecting.redis_url)
    assert a.visitor_id is not None
    assert a.visitor_id == b.visitor_id != c.visitor_id
    assert (a.browser, a.os, a.device) == ("Firefox", "Linux", "desktop")
    assert (d.visitor_id, d.browser, d.is_browser) == (None, None, False)


def test_a_crawler_is_thanked_and_kept_out(collecting: RunningApi) -> None:
    answer = post(collecting, EVENT, Origin=SHOP, User_Agent=GOOGLEBOT)
    assert answer.json() == {"accepted": 1, "rejected": []}
    assert post(collecting, EVENT | {"user_agent": GOOGLEBOT}).status_code == 202
    assert stream_events(collecting.redis_url) == []


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_who_wants_no_tracking_is_not_stored(collecting: RunningApi, header: str) -> None:
    assert (
        post(collecting, EVENT, Origin=SHOP, User_Agent=FIREFOX, **{header: "1"}).status_code == 202
    )
    assert stream_events(collecting.redis_url) == []


def pixel(api: RunningApi, query: str, **headers: str) -> httpx.Response:
    """GET of the pixel by Firefox."""
    return api.client.get(f"/api/v1/pixel.gif?{query}", headers={"User-Agent": FIREFOX, **headers})


def test_the_pixel_takes_an_event_of_its_page(collecting: RunningApi) -> None:
    query = "site_id=shop&title=Caf%C3%A9&value=5&properties=%7B%22a%22%3A1%7D"
    answer = pixel(collecting, query, Referer=f"{SHOP}/a?utm_source=x")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.content.startswith(b"GIF89a")
    assert "no-store" in answer.headers["cache-control"]
    (event,) = stream_events(collecting.redis_url)
    assert (event.name, event.path, event.title) == ("page_view", "/a", "Café")
    assert (event.value, event.properties, event.utm_source) == ("5", '{"a":1}', "x")
    assert event.is_browser


@pytest.mark.parametrize(
    ("query", "referer", "status"),
    [
        ("site_id=shop", None, 403),
        ("site_id=shop", "https://evil.example/", 403),
        ("site_id=shop", "https://blog.example/", 403),
        ("site_id=nowhere", f"{SHOP}/", 404),
        ("site_id=shop&timestamp=x", f"{SHOP}/", 400),
        ("site_id=shop&name=%00", f"{SHOP}/", 400),
        ("&".join(f"f{n}=1" for n in range(101)), f"{SHOP}/", 400),
    ],
)
def test_the_pixel_checks_its_page(
    collecting: RunningApi, query: str, referer: str | None, status: int
) -> None:
    headers = {} if referer is None else {"Referer": referer}
    assert pixel(collecting, query, **headers).status_code == status
    assert stream_events(collecting.redis_url) == []


def test_openapi_documents_the_collect_routes(collecting: RunningApi) -> None:
    document = collecting.get("/openapi.json")
    assert {"/api/v1/events", "/api/v1/events/batch", "/api/v1/pixel.gif", "/api/v1/health"} <= set(
        document["paths"]
    )
    post_event = document["paths"]["/api/v1/events"]["post"]
    assert post_event["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Event"
    }
    assert document["components"]["schemas"]["Event"]["required"] == ["name"]


def test_the_tracker_is_cached_and_compressed(collecting: RunningApi) -> None:
    answer = collecting.client.get("/t.js", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-encoding"] == "gzip"
    again = collecting.client.get("/t.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
