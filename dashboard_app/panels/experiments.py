"""The list of experiments, or one experiment: verdict, warnings, arms, intervals, outlook."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

from dash import Dash, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from dashboard_app import experiment_texts as texts
from dashboard_app import formats
from dashboard_app.components.experiment_parts import (
    IntervalRow,
    badge,
    interval_plot,
    reach_of,
    table,
    warning,
)
from dashboard_app.components.links import icon, view_link
from dashboard_app.components.states import card, skeleton
from dashboard_app.data import Data, Looked
from dashboard_app.filters import ViewState
from dashboard_app.panels import ids
from sql.experiment_results import Result, newest_result
from sql.experiments import (
    Change,
    Experiment,
    Summary,
    changes_of,
    experiment_by_key,
    list_experiments,
    update_experiment,
)

PANEL = "experiments"
STORE = ids.tab_store("experiment")
OPENS = "experiment,goal,split"
CLOCK = "experiments-clock"
DIALOG = "experiment-dialog"
OPEN = "experiment-new"
"""The button that opens the dialog: for a new experiment in the list, for this one on its page."""
EDITED = "experiment-edited"
"""What the dialog changes, as it was loaded: key and revision; None: a new one."""
STOP = "experiment-stop"
EVERY_S = 10

Json = dict[str, Any]


def layout() -> html.Div:
    """Skeletons until the address is known."""
    waiting = html.Div(html.Div(skeleton(8), className="card padded"), id=PANEL, className="stack")
    clock = dcc.Interval(id=CLOCK, interval=EVERY_S * 1000)
    return html.Div([waiting, clock, dcc.Store(id=EDITED)])


def register(app: Dash, data: Data) -> None:
    """Adds the panel's callback."""
    ids.TITLES[PANEL] = "The experiments"

    @app.callback(
        Output(PANEL, "children"),
        ids.view_input(),
        Input(STORE, "data"),
        ids.tick_input(),
        Input(CLOCK, "n_intervals"),
    )
    async def experiments(search: str, key: str, _tick: int, _beats: int) -> list[Any]:
        looked = await data.look(search)
        if not key:
            return _list(looked, await data.fresh(list_experiments, looked.site))
        experiment = await data.fresh(experiment_by_key, looked.site, key)
        if experiment is None:
            return [_back(looked), html.Div(f"There is no experiment {key!r}", className="empty")]
        result, changes = await asyncio.gather(
            data.fresh(newest_result, experiment), data.fresh(changes_of, experiment)
        )
        return _one(looked, experiment, result, changes)

    @app.callback(
        Output(CLOCK, "n_intervals", allow_duplicate=True),
        Input(STOP, "submit_n_clicks"),
        State(STORE, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    async def stop(clicks: int | None, key: str, search: str) -> int:
        looked = await data.look(search)
        experiment = await data.fresh(experiment_by_key, looked.site, key) if clicks else None
        if experiment is None or not clicks:
            raise PreventUpdate
        ended = replace(experiment.definition, ends_at=looked.now.replace(microsecond=0))
        await data.fresh(update_experiment, looked.site, experiment, ended)
        return -clicks


def _list(looked: Looked, found: list[Summary]) -> list[Any]:
    new = html.Button("New experiment", id=OPEN, className="button primary", type="button")
    head = html.Header([html.H1("Experiments"), new], className="page-head")
    if not found:
        return [head, html.Div(_nothing(), className="card empty")]
    cards = [_summary(looked, summary) for summary in found]
    return [head, html.Div(cards, className="experiment-list card")]


def _nothing() -> list[Any]:
    return [
        html.P("No experiment on this site yet."),
        html.P(
            "Define one, let visitors see its variants, and send an event experiment_exposure with"
            " the properties experiment and variant when somebody sees one."
        ),
    ]


def _summary(looked: Looked, found: Summary) -> html.A:
    definition = found.experiment.definition
    about = f"{', '.join(v.key for v in definition.variants)} · {definition.key}"
    return view_link(
        [
            html.Div([html.Strong(definition.name), html.Small(about)]),
            html.Span(found.reason or "nothing computed yet", className="experiment-reason"),
            html.Span(f"{formats.short(found.exposed)} visitors", className="experiment-count"),
            badge(found.verdict or "not enough data"),
        ],
        _href(looked, definition.key),
        OPENS,
        "experiment-line",
    )


def _href(looked: Looked, key: str | None) -> str:
    view = ViewState.parse(looked.view.data_search())
    return (view.with_tab("experiment", key) if key else view).search()


def _back(looked: Looked) -> html.A:
    return view_link([icon("previous"), "All experiments"], _href(looked, None), OPENS, "back-link")


def _one(
    looked: Looked, experiment: Experiment, result: Result | None, changes: list[Change]
) -> list[Any]:
    definition = experiment.definition
    head = [_back(looked), _title(looked, experiment)]
    if result is None:
        waits = html.Div("Nothing is computed yet; it takes a few seconds.", className="card empty")
        return [*head, waits]
    found = result.result
    about = (
        f"{definition.key} · {formats.count(found['exposed'])} visitors · as of"
        f" {_moment(looked, result.computed_at)}"
    )
    return [
        *head,
        html.P(about, className="card-note"),
        html.P(_conditions(looked, experiment), className="card-note"),
        html.Section(
            [
                badge(found["verdict"]),
                *(
                    html.P(texts.unbroken(line), className="verdict-sentence")
                    for line in found["reasons"]
                ),
            ],
            className=f"card verdict-card {texts.TONES[found['verdict']]}",
        ),
        *(warning(tone, sentence) for tone, sentence in texts.warnings(definition, found)),
        *(_change(looked, change) for change in changes),
        html.Section(card("Variants", _arms(looked, experiment, found)), className="card"),
        html.Div(
            [_goal_card(looked, experiment, found, goal) for goal in found["arms"][0]["goals"]],
            className="cards",
        ),
        html.Section(card("Days to a decision", _outlook(found["outlook"])), className="card"),
    ]


def _title(looked: Looked, experiment: Experiment) -> html.Header:
    buttons: list[Any] = [html.Button("Change", id=OPEN, className="button", type="button")]
    if not _is_over(looked, experiment):
        stop = html.Button("Stop", className="button", type="button")
        asked = "Stop the experiment? Exposures from now on will not count; outcomes still will."
        buttons.append(dcc.ConfirmDialogProvider(stop, id=STOP, message=asked))
    title = html.H1(experiment.definition.name)
    return html.Header([title, html.Div(buttons, className="buttons")], className="page-head")


def _is_over(looked: Looked, experiment: Experiment) -> bool:
    ends_at = experiment.definition.ends_at
    return ends_at is not None and ends_at <= looked.now


def _conditions(looked: Looked, experiment: Experiment) -> str:
    """Which exposures and outcomes count."""
    definition = experiment.definition
    parts = []
    if definition.starts_at:
        parts.append(f"exposures from {_moment(looked, definition.starts_at)}")
    if definition.ends_at:
        over = "stopped" if _is_over(looked, experiment) else "until"
        parts.append(f"{over} {_moment(looked, definition.ends_at)}")
    else:
        parts.append("runs until it is stopped")
    if definition.attribution_window_s:
        window = texts.duration(definition.attribution_window_s)
        parts.append(f"outcomes count for {window} after the first exposure")
    told = " · ".join(parts)
    return told[0].upper() + told[1:]


def _moment(looked: Looked, instant: datetime) -> str:
    local = instant.astimezone(looked.site.zone)
    return f"{formats.day(local)}, {formats.clock(local)}"


def _change(looked: Looked, change: Change) -> html.Div:
    when = _moment(looked, change.changed_at)
    before, after = (
        texts.changed_value(change.field, value, lambda at: _moment(looked, at))
        for value in (change.old, change.new)
    )
    name = texts.CHANGED[change.field]
    return warning("same", f"{name} changed on {when}: before {before}, then {after}.")


def _arms(looked: Looked, experiment: Experiment, found: Json) -> html.Div:
    goals = found["arms"][0]["goals"]
    weights = {v.key: v.weight for v in experiment.definition.variants}
    total = sum(weights.values())
    head = ["Variant", "Visitors", "Planned", *(texts.goal_name(goal) for goal in goals)]
    chances = {
        one["variant"]: one["chance_to_beat_control"]
        for one in found["comparisons"]
        if one["goal"]["role"] == "primary"
    }
    rows = []
    for arm in found["arms"]:
        is_control = arm["variant"] == experiment.definition.control
        rows.append(
            [
                [arm["variant"], html.Small("control") if is_control else None],
                formats.count(arm["exposed"]),
                texts.percent(_share(weights.get(arm["variant"]), total)),
                *(_outcome(outcome, looked.site.currency) for outcome in arm["goals"]),
                texts.percent(chances.get(arm["variant"])),
            ]
        )
    return table([*head, "Chance to beat control"], rows, "arms")


def _share(weight: float | None, total: float) -> float | None:
    return None if weight is None else weight / total


def _outcome(outcome: Json, currency: str) -> list[Any]:
    if outcome["metric"] == "conversion":
        note = f"{formats.count(outcome['converters'])} visitors"
    elif outcome["metric"] == "count":
        note = f"{formats.count(outcome['conversions'])} events"
    else:
        note = formats.money(outcome["value_sum"], currency)
    return [texts.level(outcome, outcome, currency), html.Small(note)]


def _goal_card(looked: Looked, experiment: Experiment, found: Json, goal: Json) -> html.Section:
    metric, currency = goal["metric"], looked.site.currency
    mine = [c for c in found["comparisons"] if texts.goal_key(c["goal"]) == texts.goal_key(goal)]
    rows = [_interval(one, metric, currency) for one in mine]
    reach = reach_of(rows)
    plot = interval_plot(
        rows, texts.difference(-reach, metric, currency), texts.difference(reach, metric, currency)
    )
    note = html.Small(texts.role_name(goal), className="card-note")
    keys = (("one-look", "95 % interval of one look"), ("peek-safe", "safe to look at every day"))
    key = html.P(
        [html.Span([html.Span(className=f"key {name}"), told]) for name, told in keys],
        className="card-note interval-key",
    )
    return html.Section(
        card(texts.goal_name(goal), [plot, key], header=note), className="card goal-card"
    )


def _interval(one: Json, metric: str, currency: str) -> IntervalRow:
    lift = f", {formats.change(one['lift'])}" if one["lift"] is not None else ""
    holm = one["p_value_holm"]
    note = f"p {texts.p_value(one['p_value'])} at one look, {texts.p_value(holm)} after Holm"
    return IntervalRow(
        label=one["variant"],
        text=texts.difference(one["difference"], metric, currency) + lift,
        note=note,
        tone="same" if one["verdict"] == "do not trust" else texts.TONES[one["verdict"]],
        estimate=one["difference"],
        one_look=one["difference_ci"],
        peek_safe=one["sequential_ci"],
    )


def _outlook(outlook: Json) -> list[Any]:
    rows = [
        [f"{row['relative_lift'] * 100:g}%", _days(row["days"]), _left(row["days_left"])]
        for row in outlook["lifts"]
    ]
    head = ["To notice a lift of", "Days in all", "Still to go"]
    return [
        html.P(texts.days_to_decision(outlook), className="outlook"),
        table(head, rows, "outlook-table"),
        html.P("With 80 % power, on the primary goal, looking every day.", className="card-note"),
    ]


def _days(days: int | None) -> str:
    if days is None:
        return formats.NOTHING
    return f"{formats.count(days)} days" if days < 3_650 else "over 10 years"


def _left(days: int | None) -> str:
    return "enough already" if days == 0 else _days(days)
