"""Answers kept for a moment, so that ten viewers of a page cost one query."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dashboard_app.kept_rows import pack, unpack

log = logging.getLogger(__name__)

T = TypeVar("T")

KEEP_S = 60
"""Keys carry the answer's as-of, so an old answer is never given; this only frees the memory."""
KEPT_AFTER_S = 0.15
"""How long after the first of some answers they are kept: the others of its page came, too."""


class Answers:
    """A cache in Redis; within the process, equal questions asked at once are asked once.

    Without Redis every question is answered by the database. What is asked at once is looked up
    together, and answers are kept after they were given, also together: whoever waits for a page
    waits for one look, and for nothing that is done for later viewers.
    """

    def __init__(self, redis: Redis, row_classes: Iterable[type]) -> None:
        self._redis = redis
        self._row_classes = {row_class.__name__: row_class for row_class in row_classes}
        self._asked: dict[str, asyncio.Task[Any]] = {}
        self._looked_up: dict[str, asyncio.Future[bytes | None]] = {}
        self._unkept: dict[str, Any] = {}
        self._background: set[asyncio.Task[None]] = set()

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
            task.add_done_callback(lambda _: self._forget(key))
        answer: T = await asyncio.shield(task)
        return answer

    def _forget(self, key: str) -> None:
        if key not in self._unkept:
            self._asked.pop(key, None)

    async def _find(self, key: str, ask: Callable[[], Awaitable[T]]) -> T:
        kept = await self._look_up(key)
        if kept is not None:
            found: T = unpack(kept, self._row_classes)
            return found
        answer = await ask()
        if not self._unkept:
            asyncio.get_running_loop().call_later(KEPT_AFTER_S, self._begin, self._keep)
        self._unkept[key] = answer
        return answer

    def _look_up(self, key: str) -> "asyncio.Future[bytes | None]":
        loop = asyncio.get_running_loop()
        if not self._looked_up:
            loop.call_soon(self._begin, self._read)
        found = self._looked_up[key] = loop.create_future()
        return found

    def _begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.create_task(work())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _read(self) -> None:
        """Answers all look-ups that wait; with None where there is nothing, or no Redis."""
        waiting, self._looked_up = self._looked_up, {}
        kept: list[Any] = [None] * len(waiting)
        try:
            kept = await self._redis.mget(list(waiting))
        except RedisError as error:
            log.warning("cache not readable, asking the database: %s", error)
        finally:
            for found, value in zip(waiting.values(), kept, strict=True):
                if not found.done():
                    found.set_result(value if isinstance(value, bytes) else None)

    async def _keep(self) -> None:
        answers, self._unkept = self._unkept, {}
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for key, answer in answers.items():
                    pipeline.set(key, pack(answer), ex=KEEP_S)
                await pipeline.execute()
        except RedisError as error:
            log.warning("cache not writable: %s", error)
        finally:
            for key in answers:
                self._asked.pop(key, None)
