"""Building a funnel: its steps, its window, whom it counts, and the split."""

import asyncio
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from dashboard_app import formats
from dashboard_app.components.links import aria, icon, tip, view_link
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.components.menu import menu
from dashboard_app.components.rows import tab_links
from dashboard_app.components.states import skeleton
from dashboard_app.data import Data, Looked
from dashboard_app.dimensions import label_of
from dashboard_app.filters import ViewState
from dashboard_app.funnel_state import (
    NAMES,
    SETS,
    FunnelState,
    page_groups,
    suggestion,
)
from dashboard_app.panels import ids
from dashboard_app.panels.group import Panel
from sql.experiments import list_experiments
from sql.filters import SESSION_DIMENSIONS
from sql.funnel_steps import Step
from sql.funnels import MOST_STEPS
from sql.goals import list_goals
from sql.segments import list_segments

PANEL = "funnel-steps"
RULES = "funnel-rules"
ADD = "funnel-add"
OFFERED = 300
WINDOWS = {
    "1 hour": 3_600,
    "1 day": 86_400,
    "7 days": 7 * 86_400,
    "14 days": 14 * 86_400,
    "30 days": 30 * 86_400,
    "90 days": 90 * 86_400,
}
PER = {"visitor": "Visitors", "session": "Sessions"}
PER_TIPS = {
    "visitor": "Visitors\nEach counts once, with their deepest attempt; steps may lie in different"
    " sessions.",
    "session": "Sessions\nEach counts once; all steps lie in the same session.",
}
WINDOW_TIP = (
    "Window\nElapsed time from the first step to the last, at most. Other events may lie between;"
    " any first step in the period opens an attempt."
)


def layout() -> html.Section:
    """The steps' place, the box that adds one, and the rules' place."""
    add = dmc.TagsInput(
        id=ADD,
        data=[],
        value=[],
        placeholder="Add a step: an event, a page, or pages such as /product/*",
        leftSection=icon("plus"),
        maxDropdownHeight=300,
        limit=80,
        comboboxProps={"withinPortal": True},
        **aria(label="Add a step"),
    )
    return html.Section(
        [
            Markup(skeleton(3), id=PANEL),
            html.Div(add, className="funnel-add"),
            Markup(None, id=RULES),
        ],
        className="card funnel-builder",
    )


def inputs() -> list[Input]:
    """What the page's panels follow of the address, in the order of NAMES."""
    return [Input(ids.tab_store(name), "data") for name in NAMES]


def panel(data: Data) -> Panel:
    """What draws the funnel as it stands."""

    async def steps(search: str, *said: str) -> tuple[str, str]:
        looked = await data.look(search)
        state, experiments, segments = await asyncio.gather(
            current(data, looked, said),
            data.fresh(list_experiments, looked.site),
            data.fresh(list_segments, looked.site.site_id),
        )
        own = [f"experiment:{found.experiment.definition.key}" for found in experiments]
        own += ["segment"] if segments else []
        return to_html(_steps(looked, state)), to_html(_rules(looked, state, own))

    outputs = [Output(PANEL, "html"), Output(RULES, "html")]
    return Panel("The steps", outputs, [ids.view_input(), *inputs()], steps)


def register(app: Dash, data: Data) -> None:
    """Adds the callbacks: what can be added, and adding it."""

    @app.callback(Output(ADD, "data"), ids.view_input())
    async def offer(search: str) -> list[dict[str, Any]]:
        return await _offered(data, await data.look(search))

    @app.callback(
        Output(ids.URL, "search", allow_duplicate=True),
        Output(ADD, "value"),
        Input(ADD, "value"),
        State(ids.URL, "search"),
        State(ids.VIEW, "data"),
        *(State(ids.tab_store(name), "data") for name in NAMES),
        prevent_initial_call=True,
    )
    async def add(
        chosen: list[str], address: str, search: str, *said: str
    ) -> tuple[Any, list[str]]:
        if not chosen:
            raise PreventUpdate
        state = await current(data, await data.look(search), said)
        return state.adding(chosen[-1]).on(ViewState.parse(address)).search(), []


async def current(data: Data, looked: Looked, said: Any) -> FunnelState:
    """The funnel of an address; without steps in it, what the site suggests."""
    state = FunnelState.parse(dict(zip(NAMES, said, strict=True)))
    if state.steps or said[0]:
        return state
    return FunnelState(await _suggested(data, looked), state.window_s, state.per, state.by)


async def _suggested(data: Data, looked: Looked) -> tuple[Step, ...]:
    seen, goals = await asyncio.gather(
        _seen(data, looked), data.fresh(list_goals, looked.site.site_id)
    )
    return suggestion(*seen, [goal.event for goal in goals])


async def _seen(data: Data, looked: Looked) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    pages, events = await asyncio.gather(
        data.pages(looked.scope, OFFERED), data.events(looked.scope, OFFERED)
    )
    return (
        [(row.page, row.pageviews) for row in pages if row.page],
        [(row.value, row.events) for row in events],
    )


async def _offered(data: Data, looked: Looked) -> list[dict[str, Any]]:
    pages, events = await _seen(data, looked)
    groups = {
        "Events": [name for name, _ in events if name[:1] not in ("/", "*")],
        "Pages by folder": page_groups(pages),
        "Pages": [page for page, _ in pages],
    }
    seen: set[str] = set()
    found = []
    for group, items in groups.items():
        fresh = [item for item in items if item not in seen]
        seen.update(fresh)
        if fresh:
            found.append({"group": group, "items": fresh})
    return found


def _steps(looked: Looked, state: FunnelState) -> html.Ol:
    steps = [_step(looked, state, index) for index in range(len(state.steps))]
    return html.Ol(steps, className="funnel-steps")


def _step(looked: Looked, state: FunnelState, index: int) -> html.Li:
    step = state.steps[index]

    def change(to: FunnelState, name: str, label: str) -> html.A:
        return view_link(
            icon(name),
            to.on(looked.view).search(),
            SETS,
            "step-change",
            title=label,
            **aria(label=f"{label}: {step.text}"),
        )

    buttons = [change(state.without(index), "close", "Remove")]
    if index:
        buttons.insert(0, change(state.moved_up(index), "previous", "Earlier"))
    kind = "Page" if step.page else "Event"
    about = f"{kind}, filtered" if step.filters else kind
    return html.Li(
        [
            html.Span(str(index + 1), className="funnel-number"),
            html.Span([html.Small(about), html.Span(step.text, title=step.text)]),
            *buttons,
        ],
        className="chosen-step",
    )


def _rules(looked: Looked, state: FunnelState, own: list[str]) -> html.Div:
    def to(**changes: Any) -> str:
        return FunnelState(**{**vars(state), **changes}).on(looked.view).search()

    windows = [
        _item(label, to(window_s=seconds), "window", seconds == state.window_s)
        for label, seconds in WINDOWS.items()
    ]
    dimensions = [(dimension, _split_name(dimension)) for dimension in (*own, *SESSION_DIMENSIONS)]
    offered = [("", "No split"), *dimensions]
    splits = [
        _item(label, to(by=key or None), "by", key == (state.by or "")) for key, label in offered
    ]
    per = tab_links([(k, v, to(per=k)) for k, v in PER.items()], state.per, "per", PER_TIPS)
    full = html.Span(f"at most {MOST_STEPS} steps", className="card-note")
    return html.Div(
        [
            per,
            menu([icon("clock"), window_text(state.window_s)], windows, **tip(WINDOW_TIP)),
            menu(
                [icon("split"), f"By {label_of(state.by).lower()}" if state.by else "Split"], splits
            ),
            full if len(state.steps) == MOST_STEPS else None,
        ],
        className="funnel-rules",
    )


def _split_name(dimension: str) -> str:
    is_experiment = dimension.startswith("experiment:")
    return f"Experiment {label_of(dimension)}" if is_experiment else label_of(dimension)


def _item(label: str, href: str, sets: str, is_on: bool) -> html.A:
    return view_link(label, href, sets, "menu-item is-on" if is_on else "menu-item")


def window_text(window_s: float) -> str:
    """Within 7 days; within 1h 30m."""
    named = {seconds: label for label, seconds in WINDOWS.items()}
    return f"Within {named.get(int(window_s)) or formats.duration(window_s)}"
