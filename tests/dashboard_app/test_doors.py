"""Who comes in: pages, callbacks, files, exports and WebSockets alike."""

import asyncio
import time
from collections.abc import Iterator

import httpx
import pytest
from redis.asyncio import Redis
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from dashboard_app.doors import (
    CHECKED_EVERY_S,
    LOGGED_OUT,
    MAX_ATTEMPTS,
    Doors,
    refuse_cross_site,
    refuse_remote,
)
from dashboard_app.logins import COOKIE, Sessions
from dashboard_app.settings import Settings
from tests.api import RunningApi
from tests.dashboard import RunningDashboard, running_dashboard

PASSWORD = "correct horse"
PATHS = (
    "/",
    "/_dash-layout",
    "/_dash-dependencies",
    "/assets/base.css",
    "/_dash-component-suites/dash/dcc/async-graph.js",
    "/export.csv?card=sources",
)


@pytest.fixture
def closed(api: RunningApi) -> Iterator[RunningDashboard]:
    with running_dashboard(api, auth="required", dashboard_password=PASSWORD) as running:
        yield running


def log_in(dashboard: RunningDashboard, password: str, next: str = "/") -> httpx.Response:
    return dashboard.client.post("/login", data={"password": password, "next": next})


@pytest.mark.parametrize(
    ("host", "is_answered"),
    [
        ("localhost:8050", True),
        ("127.0.0.1", True),
        ("[::1]:8050", True),
        ("", False),
        ("localhost.evil.example", False),
        ("localhost:80@evil.example", False),
        ("192.168.0.5:8050", False),
        ("[::1", False),
    ],
)
def test_open_doors_answer_this_machine_only(host: str, is_answered: bool) -> None:
    assert (refuse_remote(Headers({"host": host})) is None) is is_answered


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-forwarded-host"])
def test_open_doors_refuse_what_a_proxy_passed_on(header: str) -> None:
    reason = refuse_remote(Headers({"host": "localhost", header: "x"}))
    assert reason is not None
    assert header in reason


@pytest.mark.parametrize(
    ("headers", "is_refused"),
    [
        ({}, False),
        ({"origin": "http://localhost:8050"}, False),
        ({"origin": "http://localhost:3000"}, True),
        ({"origin": "null"}, True),
        ({"origin": "https://evil.example"}, True),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, True),
        (
            {
                "sec-fetch-site": "cross-site",
                "sec-fetch-mode": "navigate",
                "sec-fetch-dest": "document",
            },
            True,
        ),
    ],
)
def test_open_doors_refuse_other_sites(headers: dict[str, str], is_refused: bool) -> None:
    given = Headers({"host": "localhost:8050", **headers})
    assert (refuse_cross_site(given, allows_links=False) is not None) is is_refused


def test_a_link_from_elsewhere_may_lead_to_the_login() -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    page = Headers({"host": "stats.example", **link, "sec-fetch-dest": "document"})
    frame = Headers({"host": "stats.example", **link, "sec-fetch-dest": "iframe"})
    assert refuse_cross_site(page, allows_links=True) is None
    assert refuse_cross_site(frame, allows_links=True) is not None


@pytest.mark.parametrize("path", PATHS)
def test_open_doors_check_every_request(dashboard: RunningDashboard, path: str) -> None:
    answer = dashboard.client.get(path, headers={"host": "evil.example"})
    assert answer.status_code == 403
    assert "evil.example" in answer.json()["error"]["message"]


def test_closed_doors_let_nobody_in(closed: RunningDashboard) -> None:
    answers = {path: closed.client.get(path) for path in PATHS}
    statuses = {path: answer.status_code for path, answer in answers.items()}
    assert statuses == dict.fromkeys(PATHS, 401)
    callback = closed.client.post("/_dash-update-component", json={})
    assert callback.status_code == 401
    assert callback.json()["error"]["code"] == "unauthorized"


def test_closed_doors_let_no_websocket_in(closed: RunningDashboard) -> None:
    answer = closed.client.get(
        "/_dash-ws-callback",
        headers={
            "connection": "upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
    )
    assert answer.status_code == 403


def test_a_page_leads_to_the_login_and_back(closed: RunningDashboard) -> None:
    asked = closed.client.get("/?site=shop", headers={"accept": "text/html"})
    assert asked.status_code == 303
    assert asked.headers["location"] == "/login?next=%2F%3Fsite%3Dshop"
    form = closed.client.get(asked.headers["location"])
    assert 'name="next" value="/?site=shop"' in form.text
    answer = log_in(closed, PASSWORD, next="/?site=shop")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?site=shop")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert closed.client.get("/assets/base.css").status_code == 200


def test_logging_out_closes_the_door_wherever_the_login_is_used(closed: RunningDashboard) -> None:
    log_in(closed, PASSWORD)
    kept = dict(closed.client.cookies)
    assert closed.client.get("/_dash-layout").status_code == 200
    assert closed.client.post("/logout").headers["location"] == "/login"
    assert closed.client.get("/_dash-layout").status_code == 401
    with httpx.Client(base_url=closed.url, cookies=kept) as elsewhere:
        assert elsewhere.get("/_dash-layout").status_code == 401


def test_an_open_websocket_is_closed_soon_after_its_login_ends(api: RunningApi) -> None:
    settings = Settings(
        _env_file=None,
        database_url=api.database_url,
        redis_url=api.redis_url,
        auth="required",
        dashboard_password=PASSWORD,
    )
    received: list[Message] = []
    sent: list[Message] = []

    async def inside(_scope: Scope, receive: Receive, send: Send) -> None:
        received.append(await receive())
        await send({"type": "websocket.accept"})
        received.append(await receive())
        await send({"type": "websocket.send", "text": "too late"})

    async def log_out_meanwhile() -> float:
        redis = Redis.from_url(settings.redis_url)
        sessions = Sessions(settings, redis)
        cookie = Headers({"cookie": f"{COOKIE}={await sessions.new()}"})
        from_browser: asyncio.Queue[Message] = asyncio.Queue()
        from_browser.put_nowait({"type": "websocket.connect"})

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "websocket", "path": "/_dash-ws-callback", "headers": cookie.raw}
        doors = Doors(inside, settings, redis)
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(doors(scope, from_browser.get, send))
            await asyncio.sleep(0.2)
            begun = time.monotonic()
            await sessions.end(cookie)
        await redis.aclose()
        return time.monotonic() - begun

    took_s = asyncio.run(log_out_meanwhile())
    assert took_s < CHECKED_EVERY_S + 1
    closing = {"code": LOGGED_OUT}
    assert received == [
        {"type": "websocket.connect"},
        {"type": "websocket.disconnect", **closing},
    ]
    assert sent == [{"type": "websocket.accept"}, {"type": "websocket.close", **closing}]


def test_a_forged_cookie_is_no_session(closed: RunningDashboard) -> None:
    answer = closed.client.get(
        "/_dash-layout", headers={"cookie": "tideline_session=eyJpZCI6IngifQ.a.b"}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "x"]
)
def test_the_login_leads_nowhere_else(closed: RunningDashboard, target: str) -> None:
    assert log_in(closed, PASSWORD, next=target).headers["location"] == "/"


def test_guessing_is_slowed_down(closed: RunningDashboard) -> None:
    statuses = [log_in(closed, f"guess {n}").status_code for n in range(MAX_ATTEMPTS + 1)]
    assert statuses == [401] * MAX_ATTEMPTS + [429]
    assert log_in(closed, PASSWORD).status_code == 429


def test_health_is_open(closed: RunningDashboard) -> None:
    assert closed.client.get("/health").status_code == 200
