"""Answers kept for a moment, so that ten viewers of a page cost one query."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

KEEP_S = 60
"""Keys carry the answer's as-of, so an old answer is never given; this only frees the memory."""


class Answers:
    """A cache in Redis; within the process, equal questions asked at once are asked once.

    Without Redis every question is answered by the database.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._asked: dict[str, asyncio.Task[Any]] = {}

    async def get[T](
        self, question: tuple[Any, ...], answer_type: type[T], ask: Callable[[], Awaitable[T]]
    ) -> T:
        """The kept answer to `question`, or that of `ask`, which is then kept.

        `question` must name everything the answer depends on, its as-of included. Raises what
        `ask` raises; a failure is not kept.
        """
        text = msgspec.json.encode(question, enc_hook=str)
        key = "tideline:answers:" + hashlib.blake2b(text, digest_size=16).hexdigest()
        task = self._asked.get(key)
        if task is None:
            task = asyncio.ensure_future(self._find(key, answer_type, ask))
            self._asked[key] = task
            task.add_done_callback(lambda _: self._asked.pop(key, None))
        answer: T = await asyncio.shield(task)
        return answer

    async def _find[T](
        self, key: str, answer_type: type[T], ask: Callable[[], Awaitable[T]]
    ) -> T:
        kept = await self._read(key)
        if kept is not None:
            return msgspec.msgpack.decode(kept, type=answer_type)
        answer = await ask()
        await self._write(key, msgspec.msgpack.encode(answer))
        return answer

    async def _read(self, key: str) -> bytes | None:
        try:
            kept: bytes | None = await self._redis.get(key)
        except RedisError as error:
            log.warning("cache not readable, asking the database: %s", error)
            return None
        return kept

    async def _write(self, key: str, answer: bytes) -> None:
        try:
            await self._redis.set(key, answer, ex=KEEP_S)
        except RedisError as error:
            log.warning("cache not writable: %s", error)
