"""Who may come in: this machine only (open), or whoever knows the password (required).

Pure ASGI, so that pages, callbacks, files, exports and WebSockets all pass the same door.
"""

import asyncio
import hmac
import json
from urllib.parse import parse_qs, quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from redis.asyncio import Redis
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard_app.login_page import login_page
from dashboard_app.logins import COOKIE, SESSION_S, Sessions
from dashboard_app.settings import LOOPBACK, Settings

ATTEMPTS_KEY = "tideline:dashboard-logins"
MAX_ATTEMPTS = 10
ATTEMPTS_WINDOW_S = 300
UNLOCKED = {"/login", "/health"}
LOGGED_OUT = 4401
"""Code with which a WebSocket is refused or closed."""
CHECKED_EVERY_S = 2.0
"""How often an open WebSocket's login is looked at again."""
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline'"
    " 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    " worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
}


class Doors:
    """Middleware that answers nobody it should not."""

    def __init__(self, app: ASGIApp, settings: Settings, redis: Redis) -> None:
        self._app = app
        self._is_open = settings.auth == "open"
        self._sessions = Sessions(settings, redis)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = refuse_cross_site(headers, allows_links=not self._is_open)
        if refusal is None and self._is_open:
            refusal = refuse_remote(headers)
        if refusal is not None:
            await _refuse(scope, receive, send, 403, refusal)
        elif self._is_open or scope["path"] in UNLOCKED:
            await self._app(scope, receive, _with_headers(send))
        elif await self._sessions.knows(headers):
            pass_on = self._until_logged_out if scope["type"] == "websocket" else self._app
            await pass_on(scope, receive, _with_headers(send))
        else:
            await _ask_to_log_in(scope, receive, send, headers)

    async def _until_logged_out(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a WebSocket on for as long as its login lasts, then closes it."""
        ended = asyncio.create_task(self._ended(Headers(scope=scope)))

        async def receive_until_then() -> Message:
            message = asyncio.ensure_future(receive())
            await asyncio.wait([message, ended], return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                return message.result()
            message.cancel()
            await send({"type": "websocket.close", "code": LOGGED_OUT})
            return {"type": "websocket.disconnect", "code": LOGGED_OUT}

        async def send_until_then(message: Message) -> None:
            if not ended.done():
                await send(message)

        try:
            await self._app(scope, receive_until_then, send_until_then)
        finally:
            ended.cancel()

    async def _ended(self, headers: Headers) -> None:
        while True:
            await asyncio.sleep(CHECKED_EVERY_S)
            if not await self._sessions.knows(headers):
                return


def refuse_remote(headers: Headers) -> str | None:
    """Why open mode does not answer this request; None when it comes from this machine."""
    host = headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        name = ""
    if name not in LOOPBACK:
        return (
            f"Host {host!r} is not answered while TIDELINE_AUTH=open: use localhost, 127.0.0.1"
            " or [::1], or set TIDELINE_AUTH=required with a password"
        )
    for header in headers:
        if header == "forwarded" or header.startswith("x-forwarded-"):
            return (
                f"{header} is refused while TIDELINE_AUTH=open: behind a proxy set"
                " TIDELINE_AUTH=required with a password"
            )
    return None


def refuse_cross_site(headers: Headers, allows_links: bool) -> str | None:
    """Why a request that another site's page made is refused; None when it is our own.

    A link on another port of this host may be followed; with `allows_links` any link may, because
    a login guards what it leads to.
    """
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host", ""):
        return f"Origin {origin!r} is another site; open the dashboard itself"
    came_from = headers.get("sec-fetch-site", "none")
    if came_from in ("same-origin", "none"):
        return None
    is_link = headers.get("sec-fetch-mode") == "navigate" and origin is None
    may_link = allows_links or came_from == "same-site"
    if may_link and is_link and headers.get("sec-fetch-dest") == "document":
        return None
    return f"Sec-Fetch-Site {came_from!r} is refused: enter the dashboard's address by hand"


def add_login(server: FastAPI, settings: Settings, redis: Redis) -> None:
    """Adds the login page and logging out; in open mode there is nothing to log in to."""
    if settings.auth == "open":
        return
    assert settings.dashboard_password is not None
    password = settings.dashboard_password.get_secret_value()
    sessions = Sessions(settings, redis)

    @server.get("/login")
    async def show(next: str = "/") -> HTMLResponse:
        return HTMLResponse(login_page(_inside(next)))

    @server.post("/login")
    async def log_in(request: Request) -> Response:
        form = parse_qs((await request.body())[:4096].decode("utf-8", "replace"))
        target = _inside(form.get("next", ["/"])[0])
        client = request.client.host if request.client else "unknown"
        if await _attempts(redis, client) > MAX_ATTEMPTS:
            page = login_page(target, "Too many attempts. Try again in five minutes.")
            return HTMLResponse(page, 429, {"retry-after": str(ATTEMPTS_WINDOW_S)})
        given = form.get("password", [""])[0]
        if not hmac.compare_digest(given.encode(), password.encode()):
            return HTMLResponse(login_page(target, "That is not the password."), 401)
        answer = RedirectResponse(target, status_code=303)
        answer.set_cookie(
            COOKIE,
            await sessions.new(),
            max_age=SESSION_S,
            httponly=True,
            samesite="lax",
            secure=settings.dashboard_secure_cookie,
        )
        return answer

    @server.post("/logout")
    async def log_out(request: Request) -> Response:
        await sessions.end(request.headers)
        answer = RedirectResponse("/login", status_code=303)
        answer.delete_cookie(COOKIE)
        return answer


async def _attempts(redis: Redis, client: str) -> int:
    """Attempts of this client in the window, this one included."""
    key = f"{ATTEMPTS_KEY}:{client}"
    attempts = int(await redis.incr(key))
    if attempts == 1:
        await redis.expire(key, ATTEMPTS_WINDOW_S)
    return attempts


def _inside(target: str) -> str:
    """The path to go on to; never another site."""
    parts = urlsplit(target.replace("\\", "/"))
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith("/")
    return target if is_ours and not target.startswith("//") else "/"


async def _ask_to_log_in(scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
    is_page = scope["type"] == "http" and scope["method"] == "GET"
    if is_page and "text/html" in headers.get("accept", ""):
        query = scope.get("query_string", b"").decode("latin-1")
        asked = scope["path"] + (f"?{query}" if query else "")
        answer = RedirectResponse(f"/login?next={quote(asked, safe='')}", status_code=303)
        await answer(scope, receive, _with_headers(send))
        return
    await _refuse(scope, receive, send, 401, "Log in to the dashboard first")


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, reason: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": LOGGED_OUT if status == 401 else 4403})
        return
    code = "unauthorized" if status == 401 else "forbidden"
    body = json.dumps({"error": {"code": code, "message": reason}})
    answer = Response(body, status, media_type="application/json")
    await answer(scope, receive, _with_headers(send))


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
