"""The estimate of a goal as it stood at the end of each day."""

from typing import Any

from dash import Dash, Input, Output, html, no_update

from dashboard_app import experiment_texts as texts
from dashboard_app.components.chart import chart
from dashboard_app.components.rows import tab_links
from dashboard_app.components.states import card
from dashboard_app.data import Data, Looked
from dashboard_app.figures.experiment_history import COLORS, History, history_figure
from dashboard_app.panels import ids
from dashboard_app.panels.experiments import STORE
from sql.experiment_results import HistoryDay, history_of
from sql.experiments import Experiment, experiment_by_key

PANEL = "experiment-history"
GRAPH = "experiment-history-chart"
GOAL = ids.tab_store("goal")


def layout() -> html.Section:
    """The chart's head and place; hidden while there is no head."""
    head = html.Div(id=PANEL, className="contents")
    return html.Section([head, chart(GRAPH, "history-chart")], className="card one-experiment")


def register(app: Dash, data: Data) -> None:
    """Adds the panel's callback."""
    ids.TITLES[PANEL] = "The estimate over time"

    @app.callback(
        Output(PANEL, "children"),
        Output(GRAPH, "figure"),
        ids.view_input(),
        Input(STORE, "data"),
        Input(GOAL, "data"),
        ids.tick_input(),
    )
    async def history(search: str, key: str, goal: str, _tick: int) -> tuple[Any, Any]:
        looked = await data.look(search)
        experiment = await data.fresh(experiment_by_key, looked.site, key) if key else None
        if experiment is None:
            return [], no_update
        days = [d for d in await data.fresh(history_of, experiment) if d.estimates]
        if not days:
            return [], no_update
        shown = _history(looked, experiment, days, goal)
        return _head(looked, experiment, shown, goal), history_figure(shown)


def _goals(experiment: Experiment) -> dict[str, dict[str, Any]]:
    goals = sorted(experiment.definition.goals, key=lambda goal: goal.role != "primary")
    return {texts.goal_key(vars(goal)): vars(goal) for goal in goals}


def _chosen(experiment: Experiment, wanted: str) -> str:
    goals = _goals(experiment)
    return wanted if wanted in goals else next(iter(goals))


def _history(
    looked: Looked, experiment: Experiment, days: list[HistoryDay], wanted: str
) -> History:
    key = _chosen(experiment, wanted)
    variants = {
        variant: [_estimate(day, variant, key) for day in days]
        for variant in experiment.definition.treatments
    }
    return History(
        _goals(experiment)[key]["metric"], looked.site.currency, [d.day for d in days], variants
    )


def _estimate(day: HistoryDay, variant: str, key: str) -> dict[str, Any] | None:
    for one in day.estimates:
        if one["variant"] == variant and texts.goal_key(one["goal"]) == key:
            return one
    return None


def _head(looked: Looked, experiment: Experiment, shown: History, wanted: str) -> list[Any]:
    chosen = _chosen(experiment, wanted)
    tabs = [
        (key, texts.goal_name(goal), looked.view.with_tab("goal", key).search())
        for key, goal in _goals(experiment).items()
    ]
    legends = [
        html.Span(variant, className="legend", style={"--legend": COLORS[i % len(COLORS)]})
        for i, variant in enumerate(shown.variants)
    ]
    note = html.Span("Difference to control, in its peek-safe band", className="card-note")
    body = html.Div([*legends, note], className="legends")
    return card("Estimate over time", body, header=tab_links(tabs, chosen, "goal"))
