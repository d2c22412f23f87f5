"""Panels drawn together: one request for all that follow the view, and one answer.

Dash makes a request of every callback and goes over the whole page whenever one begins or ends, so
the panels of a page share one. A panel is drawn when the browser does not show it as it is asked
for, whatever has changed: what a later request overtook is made up for by that request. Of what is
drawn, only what looks different is sent. A panel that fails says so in its own place, and slow ones
come after the others.

Between a click and the request Dash is busy in the browser. The click itself therefore says what
will be asked for (`assets/navigation.js`), and the panels are being drawn when the request comes.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.exceptions import PreventUpdate
from plotly.io.json import to_json_plotly
from starlette.requests import Request
from starlette.responses import Response

from dashboard_app.clientside import in_browser
from dashboard_app.components.links import data_attributes
from dashboard_app.components.markup import to_html
from dashboard_app.components.states import failure

log = logging.getLogger(__name__)

PATIENCE_S = 0.8
"""How long the answer waits for slow panels; it has one at least."""
KEPT_S = 10
"""How long a panel that was too slow is kept for the request that comes for it."""
ANNOUNCED_S = 2
"""The same of a panel that a click announced."""


@dataclass(frozen=True)
class Panel:
    """A callback without a request of its own.

    `draw` takes the values of `inputs` and gives one for each of `outputs`; the first of these is
    the html of a Markup, and shows a failure under the panel's title.
    """

    title: str
    outputs: Sequence[Output]
    inputs: Sequence[Input]
    draw: Callable[..., Awaitable[Any]]
    way_out: Any = None
    """Where a failure leads, beside trying again."""


_Values = tuple[list[Any], bool]
"""Values of a panel's outputs, and whether they are those asked for and not a failure."""

_Shown = dict[str, list[str]]
"""What the browser shows, by the panel's number: what it was drawn from, and each output."""


@dataclass
class _Drawing:
    """A panel on its way; `key` stands for all that it is drawn from, the data aside."""

    number: int
    key: str
    task: "asyncio.Task[_Values]"


class _Announced(msgspec.Struct):
    """What a click changes: the data of stores by id, and the ids of those that have changed."""

    values: dict[str, str]
    changed: set[str]


def memory(name: str) -> html.Div:
    """What a group remembers in the browser; part of the layout that has its panels."""
    stores = [dcc.Store(id=store) for store in _names(name)]
    return html.Div(stores, hidden=True, **data_attributes(group=name))


def _names(group: str) -> list[str]:
    return [f"{group}-{store}" for store in ("drawn", "late", "again")]


class Group:
    """The callback of some panels that are on the page together."""

    def __init__(self, name: str, panels: Sequence[Panel]) -> None:
        self._name = name
        self._drawn, self._late, self._again = _names(name)
        self._panels = panels
        again = Input(self._again, "data")
        self._inputs = [*{str(i): i for panel in panels for i in panel.inputs}.values(), again]
        self._begun: dict[tuple[int, str], asyncio.Task[_Values]] = {}
        """Drawings that no answer has waited for."""

    def register(self, app: Dash) -> None:
        """Adds the callback, and the browser's part: asking again for what was too slow.

        Also the route by which a click announces it; no callback, which Dash would make slow.
        """
        app.callback(
            *(output for panel in self._panels for output in panel.outputs),
            Output(self._drawn, "data"),
            Output(self._late, "data"),
            *self._inputs,
            State(self._drawn, "data"),
        )(self._draw)
        in_browser(app, "again", Input(self._late, "data"), State(self._again, "id"))
        app.server.add_route(f"/_announced/{self._name}", self._announced, methods=["POST"])

    async def _announced(self, request: Request) -> Response:
        """Begins to draw the panels that follow what has changed, if all they take is known."""
        try:
            asked = msgspec.json.decode(await request.body(), type=_Announced)
        except msgspec.DecodeError as error:
            return Response(str(error), status_code=400)
        for number, panel in enumerate(self._panels):
            names = [str(each.component_id) for each in panel.inputs]
            if asked.changed.isdisjoint(names) or not asked.values.keys() >= set(names):
                continue
            values = [asked.values[name] for name in names]
            place = number, _digest(values)
            if place not in self._begun:
                self._keep(place, asyncio.create_task(_values(panel, values)), ANNOUNCED_S)
        return Response(status_code=204)

    async def _draw(self, *values: Any) -> tuple[Any, ...]:
        *given, drawn = values
        asked = {str(each): value for each, value in zip(self._inputs, given, strict=True)}
        drawings = [
            self._drawing(number, panel, [asked[str(each)] for each in panel.inputs], drawn or {})
            for number, panel in enumerate(self._panels)
        ]
        begun = [drawing for drawing in drawings if drawing is not None]
        if not begun:
            raise PreventUpdate
        is_late = await self._wait(begun)
        shown = dict(drawn or {})
        found = [*self._found(drawings, shown), shown]
        return *found, (str(time.time_ns()) if is_late else no_update)

    def _drawing(
        self, number: int, panel: Panel, values: list[Any], drawn: _Shown
    ) -> _Drawing | None:
        """Begins to draw a panel; None when it is shown already."""
        key = _digest(values)
        if drawn.get(str(number), [""])[0] == key:
            return None
        task = self._begun.pop((number, key), None)
        return _Drawing(number, key, task or asyncio.create_task(_values(panel, values)))

    async def _wait(self, begun: list[_Drawing]) -> bool:
        """Waits for the drawings; whether some are not ready, which then are kept for a while."""
        tasks = [drawing.task for drawing in begun]
        done, _ = await asyncio.wait(tasks, timeout=PATIENCE_S)
        if not done:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        late = [drawing for drawing in begun if not drawing.task.done()]
        for drawing in late:
            self._keep((drawing.number, drawing.key), drawing.task, KEPT_S)
        return bool(late)

    def _keep(self, place: tuple[int, str], task: "asyncio.Task[_Values]", kept_s: float) -> None:
        """Keeps a drawing for the request that comes for it, for a while after it is ready."""
        self._begun[place] = task
        task.add_done_callback(partial(self._forget, place, kept_s))

    def _forget(self, place: tuple[int, str], kept_s: float, task: "asyncio.Task[_Values]") -> None:
        def forget() -> None:
            if self._begun.get(place) is task:
                del self._begun[place]

        asyncio.get_running_loop().call_later(kept_s, forget)

    def _found(self, drawings: list[_Drawing | None], shown: _Shown) -> list[Any]:
        """Values of outputs that look different; notes in `shown` what the browser will show."""
        found: list[Any] = []
        for panel, drawing in zip(self._panels, drawings, strict=True):
            if drawing is None or not drawing.task.done():
                found += [no_update for _ in panel.outputs]
                continue
            values, is_drawn = drawing.task.result()
            before = shown.pop(str(drawing.number), None)
            if is_drawn:
                looks = shown[str(drawing.number)] = [drawing.key, *map(_digest, values)]
                values = _changed(values, looks, before)
            found += values
        return found


def _changed(values: list[Any], looks: list[str], before: list[str] | None) -> list[Any]:
    """The values, without those that look as they did."""
    if before is None or len(before) != len(looks):
        return values
    pairs = zip(values, looks[1:], before[1:], strict=True)
    return [no_update if look == old else value for value, look, old in pairs]


def _digest(value: Any) -> str:
    text = value if isinstance(value, str) else to_json_plotly(value)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


async def _values(panel: Panel, values: list[Any]) -> _Values:
    try:
        found = await panel.draw(*values)
    except Exception as error:
        log.error("panel %r failed", panel.title, exc_info=error)
        failed = to_html(failure(panel.title, error, panel.way_out))
        return [failed, *(no_update for _ in panel.outputs[1:])], False
    return list(found) if len(panel.outputs) > 1 else [found], True
