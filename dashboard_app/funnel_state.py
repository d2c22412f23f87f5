"""A funnel as a link says it: its steps, window, counting and split; and the first suggestion."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard_app.filters import ViewState, parse_clauses
from sql.filters import FilterError, parse_filters, to_json
from sql.funnel_steps import Step
from sql.funnels import DEFAULT_WINDOW_S, MOST_STEPS, PER, Funnel

NAMES = ("steps", "window", "per", "by")
SETS = ",".join(NAMES)
SHOP = ("view_item", "add_to_cart", "begin_checkout", "checkout_start", "checkout")
"""Events that lead to a purchase, as shops commonly name them, in order."""
AUTOMATIC = ("page_view", "engagement", "experiment_exposure", "refund")
MOST_SUGGESTED = 5


@dataclass(frozen=True)
class FunnelState:
    """What is asked; `by` is a dimension that funnels are split by."""

    steps: tuple[Step, ...] = ()
    window_s: float = DEFAULT_WINDOW_S
    per: str = PER[0]
    by: str | None = None

    @classmethod
    def parse(cls, said: Mapping[str, str]) -> "FunnelState":
        """The state of the parameters NAMES; what cannot be is as if it were not said."""
        return cls(
            steps=_steps(said.get("steps") or "[]"),
            window_s=_window(said.get("window")),
            per=said["per"] if said.get("per") in PER else PER[0],
            by=said.get("by") or None,
        )

    @classmethod
    def of_definition(cls, definition: Mapping[str, Any]) -> "FunnelState":
        """The state of a kept funnel, its filters aside."""
        said = {
            "steps": json.dumps(definition["steps"]),
            "window": str(definition.get("window_s", "")),
            "per": definition.get("per", ""),
            "by": definition.get("dimension") or "",
        }
        return cls.parse(said)

    @property
    def funnel(self) -> Funnel:
        """What `sql` is asked, without the split."""
        return Funnel(self.steps, self.window_s, self.per)

    def on(self, view: ViewState) -> ViewState:
        """The view with this funnel; defaults are left out."""
        said = {
            "steps": json.dumps(self.steps_json(), separators=(",", ":"), ensure_ascii=False),
            "window": f"{self.window_s:g}" if self.window_s != DEFAULT_WINDOW_S else "",
            "per": self.per if self.per != PER[0] else "",
            "by": self.by or "",
        }
        for name, value in said.items():
            view = view.with_tab(name, value)
        return view

    def definition(self, view: ViewState) -> dict[str, Any]:
        """What is kept of the funnel, as the API takes it."""
        found = {"steps": self.steps_json(), "window_s": self.window_s, "per": self.per}
        more = {"filters": view.filters_list(), "dimension": self.by}
        return found | {name: value for name, value in more.items() if value}

    def steps_json(self) -> list[dict[str, Any]]:
        """The steps in the API's form."""
        return [_step_json(step) for step in self.steps]

    def adding(self, text: str) -> "FunnelState":
        """One step more: a page when it begins with / or *, else an event."""
        return replace(self, steps=(*self.steps, step_of(text))[:MOST_STEPS])

    def without(self, index: int) -> "FunnelState":
        """One step less."""
        return replace(self, steps=(*self.steps[:index], *self.steps[index + 1 :]))

    def moved_up(self, index: int) -> "FunnelState":
        """The step before the one it followed."""
        steps = list(self.steps)
        steps[index - 1 : index + 1] = steps[index], steps[index - 1]
        return replace(self, steps=tuple(steps))


def kept_view(view: ViewState, definition: Mapping[str, Any]) -> ViewState:
    """The view that shows a kept funnel: with its filters, when it has some."""
    filters = definition.get("filters")
    if filters:
        view = replace(view, filters=parse_clauses(filters))
    return FunnelState.of_definition(definition).on(view)


def step_of(text: str) -> Step:
    """What somebody chose or typed."""
    return Step(page=text) if text[:1] in ("/", "*") else Step(event=text)


def page_groups(pages: Iterable[tuple[str, int]]) -> list[str]:
    """Folders of at least three pages as patterns (/product/*), the most viewed first."""
    views: Counter[str] = Counter()
    members: Counter[str] = Counter()
    for page, count in pages:
        folder = page.rsplit("/", 1)[0]
        if folder:
            views[folder] += count
            members[folder] += 1
    return [f"{folder}/*" for folder, _ in views.most_common() if members[folder] >= 3]


def suggestion(
    pages: Sequence[tuple[str, int]], events: Sequence[tuple[str, int]], goals: Sequence[str]
) -> tuple[Step, ...]:
    """A first funnel from what is seen on a site (names and paths with their counts, most first).

    The way through a shop to a goal where there is one, else the most common pages and events.
    """
    paths = [page for page, _ in pages]
    start = ["/"] if "/" in paths else paths[:1]
    folders = page_groups(pages)
    products = [folder for folder in folders if folder.startswith("/product")]
    middle = [*products, *folders, *(path for path in paths if path not in start)][:1]
    end = _way_to_goal([name for name, _ in events if name not in AUTOMATIC], goals)
    texts = [*start, *middle, *end]
    return tuple(step_of(text) for text in texts[:2] + texts[2:][2 - MOST_SUGGESTED :])


def _way_to_goal(seen: Sequence[str], goals: Sequence[str]) -> list[str]:
    """Events up to the most common goal, from the names that are seen."""
    goal = [name for name in seen if name in goals][:1]
    way = [name for name in SHOP if name in seen and name not in goal]
    return (way or [name for name in seen if name not in goal][:2]) + goal


def _steps(text: str) -> tuple[Step, ...]:
    try:
        given = json.loads(text)
        return tuple(_step(each) for each in given[:MOST_STEPS])
    except (ValueError, TypeError, KeyError, FilterError):
        return ()


def _step(given: Any) -> Step:
    if not isinstance(given, dict):
        raise TypeError(given)
    event, page, label = (given.get(name) for name in ("event", "page", "label"))
    if not all(text is None or isinstance(text, str) for text in (event, page, label)):
        raise TypeError(given)
    return Step(event, page, parse_filters(given.get("filters")), label)


def _step_json(step: Step) -> dict[str, Any]:
    named = {"event": step.event, "page": step.page, "label": step.label}
    said = {**named, "filters": to_json(step.filters)}
    return {name: value for name, value in said.items() if value is not None}


def _window(text: str | None) -> float:
    try:
        window_s = float(text or DEFAULT_WINDOW_S)
    except ValueError:
        return DEFAULT_WINDOW_S
    return window_s if window_s > 0 else DEFAULT_WINDOW_S
