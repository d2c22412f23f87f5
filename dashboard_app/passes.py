"""One pass over the sessions that a filter selects, shared by all panels of a page."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sql.database import AsyncConnection, AsyncPool
from sql.filtered import share_selection
from sql.scope import Scope

LINGER_S = 0.3
"""How long a pass waits for another question; a browser sends six at a time, then the others."""

T = TypeVar("T")

Read = Callable[[AsyncConnection, Scope], Awaitable[Any]]


@dataclass
class _Pass:
    questions: "asyncio.Queue[tuple[Read, asyncio.Future[Any]]]" = field(
        default_factory=asyncio.Queue
    )
    pending: "set[asyncio.Future[Any]]" = field(default_factory=set)
    task: "asyncio.Task[None] | None" = None


class Passes:
    """Answers questions about filtered scopes; those about the same one in the same transaction.

    So the selected sessions are found once, and all panels show the same instant.
    """

    def __init__(self, pool: AsyncPool) -> None:
        self._pool = pool
        self._passes: dict[Hashable, _Pass] = {}

    async def ask(
        self,
        key: Hashable,
        scope: Scope,
        read: Callable[[AsyncConnection, Scope], Awaitable[T]],
    ) -> T:
        """What `read` answers about the scope; equal keys mean equal scopes at the same moment."""
        found = self._passes.get(key)
        if found is None:
            found = self._passes[key] = _Pass()
            found.task = asyncio.ensure_future(self._serve(key, found, scope))
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        found.pending.add(answer)
        found.questions.put_nowait((read, answer))
        return await answer

    async def _serve(self, key: Hashable, own: _Pass, scope: Scope) -> None:
        try:
            async with self._pool.connection() as conn, conn.transaction():
                await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                shared = await share_selection(conn, scope)
                await conn.execute("SAVEPOINT selected")
                while question := await self._next(key, own):
                    await _answer(conn, shared, own, *question)
        except Exception as error:
            for answer in own.pending:
                if not answer.done():
                    answer.set_exception(error)
        finally:
            if self._passes.get(key) is own:
                del self._passes[key]

    async def _next(self, key: Hashable, own: _Pass) -> tuple[Read, "asyncio.Future[Any]"] | None:
        """The next question; None when none came for a while, and then none will."""
        try:
            async with asyncio.timeout(LINGER_S):
                return await own.questions.get()
        except TimeoutError:
            if not own.questions.empty():
                return own.questions.get_nowait()
            del self._passes[key]
            return None


async def _answer(
    conn: AsyncConnection, scope: Scope, own: _Pass, read: Read, answer: "asyncio.Future[Any]"
) -> None:
    """Answers one question. One that fails takes the transaction back to where all began, together
    with what earlier ones kept there, and costs the others nothing."""
    try:
        found = await read(conn, scope)
    except Exception as error:
        if not answer.done():
            answer.set_exception(error)
        await conn.execute("ROLLBACK TO SAVEPOINT selected")
    else:
        if not answer.done():
            answer.set_result(found)
    own.pending.discard(answer)
