"""Answers kept for a moment, so that ten viewers of a page cost one query."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dashboard_app.kept_rows import pack, unpack

log = logging.getLogger(__name__)

T = TypeVar("T")

KEEP_S = 60
"""Keys carry the answer's as-of, so an old answer is never given; this only frees the memory."""


class Answers:
    """A cache in Redis; within the process, equal questions asked at once are asked once.

    Without Redis every question is answered by the database.
    """

    def __init__(self, redis: Redis, row_classes: Iterable[type]) -> None:
        self._redis = redis
        self._row_classes = {row_class.__name__: row_class for row_class in row_classes}
        self._asked: dict[str, asyncio.Task[Any]] = {}

    async def get(self, question: tuple[Any, ...], ask: Callable[[], Awaitable[T]]) -> T:
        """The kept answer to `question`, or that of `ask`, which is then kept.

        `question` must name everything the answer depends on, its as-of included. Raises what
        `ask` raises; a failure is not kept.
        """
        text = msgspec.json.encode(question, enc_hook=str)
        key = "tideline:answers:" + hashlib.blake2b(text, digest_size=16).hexdigest()
        task = self._asked.get(key)
        if task is None:
            task = asyncio.ensure_future(self._find(key, ask))
            self._asked[key] = task
            task.add_done_callback(lambda _: self._asked.pop(key, None))
        answer: T = await asyncio.shield(task)
        return answer

    async def _find(self, key: str, ask: Callable[[], Awaitable[T]]) -> T:
        kept = await self._read(key)
        if kept is not None:
            found: T = unpack(kept, self._row_classes)
            return found
        answer = await ask()
        await self._write(key, pack(answer))
        return answer

    async def _read(self, key: str) -> bytes | None:
        try:
            kept = await self._redis.get(key)
        except RedisError as error:
            log.warning("cache not readable, asking the database: %s", error)
            return None
        return kept if isinstance(kept, bytes) else None

    async def _write(self, key: str, answer: bytes) -> None:
        try:
            await self._redis.set(key, answer, ex=KEEP_S)
        except RedisError as error:
            log.warning("cache not writable: %s", error)
