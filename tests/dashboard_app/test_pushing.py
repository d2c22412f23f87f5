"""Pushing: one look a second for all, changed parts only, an end when nobody wants it."""

import asyncio
from typing import Any

from dashboard_app.pushing import Pushes, Shared, Shown, Wish

PARTS = ["a", "b"]


class Tab:
    """A tab at the other end of a socket: what it was sent, and what it wishes."""

    def __init__(self, wish: Wish) -> None:
        self.wish: Wish | None = wish
        self.sent: list[tuple[str, Any]] = []
        self.is_shutdown = False

    async def set_prop(self, component_id: str, prop_name: str, value: Any) -> None:
        self.sent.append((component_id, value))

    async def get_prop(self, component_id: str, prop_name: str) -> Any:
        assert (component_id, prop_name) == ("wish", "data")
        return self.wish


def wish(number: int, search: str | None = "?site=shop", tab: str = "t") -> Wish:
    return {"tab": tab, "number": number, "search": search}


def test_tabs_share_a_look_and_are_sent_what_changes() -> None:
    looks: list[str | None] = []

    async def look(search: str | None) -> Shown:
        looks.append(search)
        return str(len(looks)), "same"

    async def watch() -> list[Tab]:
        pushes = Pushes(Shared(look), PARTS, "wish", "beat")
        tabs = [Tab(wish(1, tab=name)) for name in "xy"]
        serving = [
            asyncio.create_task(pushes.serve(tab, tab.wish)) for tab in tabs if tab.wish is not None
        ]
        await asyncio.sleep(1.3)
        for tab in tabs:
            tab.is_shutdown = True
        await asyncio.gather(*serving)
        return tabs

    one, other = asyncio.run(watch())
    assert len(looks) in (2, 3)
    assert one.sent == other.sent
    assert one.sent[:3] == [("a", "1"), ("b", "same"), ("beat", "1-1")]
    assert one.sent[3:5] == [("a", "2"), ("beat", "1-2")]


def test_a_newer_wish_a_pause_and_a_tab_that_has_gone_end_it() -> None:
    async def look(_search: str | None) -> Shown:
        return "", ""

    async def serve() -> None:
        pushes = Pushes(Shared(look), PARTS, "wish", "beat")
        tab = Tab(wish(1))
        first = asyncio.create_task(pushes.serve(tab, wish(1)))
        await asyncio.sleep(0.1)
        await pushes.serve(tab, wish(2, search=None))
        await asyncio.wait_for(first, 2)
        gone = Tab(wish(3))
        gone.wish = None
        await asyncio.wait_for(pushes.serve(gone, wish(3)), 7)

    asyncio.run(serve())
