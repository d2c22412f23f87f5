"""Sessions of those who knew the password: signed cookies, and which of them have ended."""

import logging
import secrets
from http.cookies import SimpleCookie

from itsdangerous import BadSignature, URLSafeTimedSerializer
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.datastructures import Headers

from dashboard_app.settings import Settings

log = logging.getLogger(__name__)

COOKIE = "tideline_session"
SESSION_S = 14 * 24 * 3600
SECRET_KEY = "tideline:dashboard-secret"
ENDED_KEY = "tideline:dashboard-logout"


class Sessions:
    """Signed session cookies."""

    def __init__(self, settings: Settings, redis: Redis) -> None:
        self._given = settings.secret_key
        self._password = settings.dashboard_password
        self._redis = redis
        self._signer: URLSafeTimedSerializer | None = None

    async def new(self) -> str:
        """A cookie value for somebody who knew the password."""
        return (await self._serializer()).dumps({"id": secrets.token_urlsafe(12)})

    async def knows(self, headers: Headers) -> bool:
        """Whether the request carries a session of ours that has neither expired nor ended.

        Without Redis nobody is known to have logged out.
        """
        session = await self._session(headers)
        if session is None:
            return False
        try:
            return not await self._redis.exists(f"{ENDED_KEY}:{session}")
        except RedisError as error:
            log.warning("cannot see who has logged out: %s", error)
            return True

    async def end(self, headers: Headers) -> None:
        """Ends the session that the request carries, wherever else it is used."""
        session = await self._session(headers)
        if session is not None:
            await self._redis.set(f"{ENDED_KEY}:{session}", "", ex=SESSION_S)

    async def _session(self, headers: Headers) -> str | None:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        if cookie is None:
            return None
        try:
            return str((await self._serializer()).loads(cookie.value, max_age=SESSION_S)["id"])
        except BadSignature:
            return None

    async def _serializer(self) -> URLSafeTimedSerializer:
        if self._signer is None:
            password = self._password.get_secret_value() if self._password else ""
            self._signer = URLSafeTimedSerializer(
                await self._secret(), salt=f"tideline-dashboard:{password}"
            )
        return self._signer

    async def _secret(self) -> str | bytes:
        if self._given is not None:
            return self._given.get_secret_value()
        await self._redis.set(SECRET_KEY, secrets.token_hex(32), nx=True)
        kept = await self._redis.get(SECRET_KEY)
        assert kept is not None
        return kept
