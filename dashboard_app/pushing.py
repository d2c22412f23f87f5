"""Pushing what happens now to the browsers that look at it, over Dash's websocket."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypedDict

ASKED_EVERY_S = 5
"""How often a tab is asked whether it still wants what it is sent: a socket serves many tabs."""
ANSWERS_IN_S = 4.0


class Wish(TypedDict):
    """What a tab wants to be sent; `number` grows with every wish, a null `search` ends it."""

    tab: str
    number: int
    search: str | None


class Socket(Protocol):
    """What is used of Dash's websocket."""

    @property
    def is_shutdown(self) -> bool: ...
    async def set_prop(self, component_id: str, prop_name: str, value: Any) -> None: ...
    async def get_prop(self, component_id: str, prop_name: str) -> Any: ...


Shown = tuple[str, ...]
"""HTML of a page's parts."""


class Shared:
    """What every tab of a view is shown: looked at once a second in this process."""

    def __init__(self, look: Callable[[str | None], Awaitable[Shown]]) -> None:
        self._look = look
        self._looks: dict[str | None, tuple[int, asyncio.Task[Shown]]] = {}

    async def look(self, search: str | None) -> Shown:
        """What the view shows at this second. Raises what looking raises."""
        second = int(time.time())
        kept = self._looks.get(search)
        if kept is None or kept[0] != second:
            self._looks = {key: one for key, one in self._looks.items() if one[0] >= second - 1}
            kept = second, asyncio.ensure_future(self._look(search))
            self._looks[search] = kept
        return await asyncio.shield(kept[1])


class Pushes:
    """Sends tabs the parts that have changed, every second, and a beat that says so."""

    def __init__(self, shared: Shared, parts: Sequence[str], wish: str, beat: str) -> None:
        self._shared = shared
        self._parts = parts
        self._wish = wish
        self._beat = beat
        self._newest: dict[str, int] = {}

    async def serve(self, socket: Socket, wish: Wish) -> None:
        """Sends what a tab wishes until it wishes otherwise, leaves the page or is closed.

        Ends when looking fails; the tab then polls, and shows the failure.
        """
        tab, number = wish["tab"], wish["number"]
        self._newest[tab] = max(number, self._newest.get(tab, 0))
        try:
            await self._send(socket, wish)
        finally:
            if self._newest.get(tab) == number:
                del self._newest[tab]

    async def _send(self, socket: Socket, wish: Wish) -> None:
        sent: list[Any] = [None] * len(self._parts)
        count = 0
        while wish["search"] is not None and self._is_wanted(socket, wish):
            if count % ASKED_EVERY_S == ASKED_EVERY_S - 1 and not await self._answers(socket, wish):
                return
            shown = await self._shared.look(wish["search"])
            for number, (part, value) in enumerate(zip(self._parts, shown, strict=True)):
                if sent[number] != value:
                    await socket.set_prop(part, "html", value)
                    sent[number] = value
            count += 1
            await socket.set_prop(self._beat, "data", f"{wish['number']}-{count}")
            await asyncio.sleep(1 - time.time() % 1)

    def _is_wanted(self, socket: Socket, wish: Wish) -> bool:
        return not socket.is_shutdown and self._newest.get(wish["tab"]) == wish["number"]

    async def _answers(self, socket: Socket, wish: Wish) -> bool:
        """Whether the tab is there and still has this wish."""
        try:
            async with asyncio.timeout(ANSWERS_IN_S):
                return bool(await socket.get_prop(self._wish, "data") == wish)
        except TimeoutError:
            return False
