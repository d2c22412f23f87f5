"""The dialog that defines or changes an experiment, and what its primary goal would take here."""

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from dashboard_app import experiment_texts as texts
from dashboard_app import formats
from dashboard_app.clientside import in_browser
from dashboard_app.components.experiment_parts import table, warning
from dashboard_app.data import Data
from dashboard_app.experiment_fields import (
    GOALS,
    NEW,
    PRIMARY,
    ROLES,
    form_values,
    metric_choices,
    names,
    typed_definition,
    typed_variants,
)
from dashboard_app.filters import ViewState
from dashboard_app.panels import ids
from dashboard_app.panels.experiment_writing import write_definition
from dashboard_app.panels.experiments import CLOCK, DIALOG, EDITED, OPEN, STORE
from sql.experiment_definitions import ExperimentError
from sql.experiment_plans import StoredPlan, plans_of
from sql.experiments import experiment_by_key

SAVE = "experiment-save"
PLAN = "experiment-plan"
ERROR = "experiment-error"


def _id(name: str) -> str:
    return f"experiment-{name}"


def layout() -> dmc.Modal:
    """The closed dialog."""
    return dmc.Modal(
        html.Div(
            [
                html.Div(
                    [
                        dmc.TextInput(id=_id("name"), label="Name", placeholder="Checkout button"),
                        dmc.TextInput(
                            id=_id("key"), label="Key, as the exposures send it",
                            placeholder="checkout_button",
                        ),
                    ],
                    className="form-row",
                ),
                dmc.TagsInput(
                    id=_id("variants"), label="Variants; name:2 has twice the visitors",
                    value=["control", "variant"], acceptValueOnBlur=True,
                ),
                dmc.Select(
                    id=_id("control"), label="Control", data=["control", "variant"],
                    value="control", allowDeselect=False,
                ),
                *(_goal(number) for number in range(GOALS)),
                html.Div(
                    [
                        dmc.DateInput(id=_id("starts"), label="First day", clearable=True),
                        dmc.DateInput(id=_id("ends"), label="Last day", clearable=True),
                        dmc.NumberInput(
                            id=_id("window"), label="Outcomes count for (days)", min=0,
                            placeholder="always",
                        ),
                    ],
                    className="form-row",
                ),
                html.Div(id=PLAN),
                html.Div(id=ERROR),
                html.Button("Define", id=SAVE, className="button primary", type="button"),
            ],
            className="filter-form",
        ),
        id=DIALOG,
        title="New experiment",
        size="xl",
    )  # fmt: skip


def _goal(number: int) -> html.Div:
    first = number == 0
    roles = [{"value": key, "label": label} for key, label in (PRIMARY if first else ROLES)]
    parts = [
        dmc.Autocomplete(
            id=_id(f"event-{number}"), data=[], value="purchase" if first else "",
            label="Goal: event that decides" if first else "Another event (optional)",
        ),
        dmc.Select(
            id=_id(f"metric-{number}"), data=metric_choices(), value="conversion",
            label="Measured by", allowDeselect=False,
        ),
        dmc.Select(
            id=_id(f"role-{number}"), data=roles, value=roles[0]["value"], label="In order to",
            allowDeselect=False,
        ),
    ]  # fmt: skip
    return html.Div(parts, className="form-row")


def register(app: Dash, data: Data) -> None:
    """Adds the dialog's callbacks: opening, what it offers and foretells, and saving."""
    ids.TITLES[ERROR] = "The definition"
    ids.TITLES[PLAN] = "The plan"
    in_browser(app, "opened", Output(DIALOG, "opened"), Input(OPEN, "n_clicks"))
    _register_filling(app, data)
    _register_saving(app, data)

    @app.callback(
        Output(PLAN, "children"),
        *(Output(_id(f"event-{number}"), "data") for number in range(GOALS)),
        Input(DIALOG, "opened"),
        Input(_id("event-0"), "value"),
        Input(_id("metric-0"), "value"),
        Input(_id("variants"), "value"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    async def foretell(
        opened: bool, event: str, metric: str, variants: list[str], search: str
    ) -> tuple[Any, ...]:
        if not opened:
            return (no_update,) * (GOALS + 1)
        looked = await data.look(search)
        plans = await data.fresh(plans_of, looked.site)
        events = sorted({plan.event for plan in plans})
        found = next((p for p in plans if (p.event, p.metric) == (event, metric)), None)
        return (_plan(found, len(variants), event), *([events] * GOALS))


def _register_filling(app: Dash, data: Data) -> None:
    @app.callback(
        Output(_id("control"), "data"),
        Output(_id("control"), "value"),
        Input(_id("variants"), "value"),
        State(_id("control"), "value"),
        prevent_initial_call=True,
    )
    async def controls(variants: list[str], control: str) -> tuple[list[str], str | None]:
        keys = [variant["key"] for variant in typed_variants(variants)]
        return keys, control if control in keys else next(iter(keys), None)

    @app.callback(
        Output(EDITED, "data"),
        Output(DIALOG, "title"),
        Output(SAVE, "children"),
        Output(_id("key"), "disabled"),
        Output(ERROR, "children", allow_duplicate=True),
        *(Output(_id(name), "value", allow_duplicate=True) for name in names()),
        Input(DIALOG, "opened"),
        State(STORE, "data"),
        State(EDITED, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    async def fill(
        opened: bool, key: str, edited: dict[str, Any] | None, search: str
    ) -> tuple[Any, ...]:
        """What stands, for an experiment; a new one goes on where its form was left."""
        if not opened or not (key or edited):
            raise PreventUpdate
        if not key:
            return (None, "New experiment", "Define", False, [], *NEW)
        looked = await data.look(search)
        experiment = await data.fresh(experiment_by_key, looked.site, key)
        if experiment is None:
            raise PreventUpdate
        values = form_values(looked.site, experiment.definition)
        loaded = {"key": key, "revision": experiment.revision}
        return (loaded, f"Change {experiment.definition.name}", "Save", True, [], *values)


def _register_saving(app: Dash, data: Data) -> None:
    @app.callback(
        Output(ERROR, "children"),
        Output(DIALOG, "opened", allow_duplicate=True),
        Output(ids.URL, "search", allow_duplicate=True),
        Output(CLOCK, "n_intervals", allow_duplicate=True),
        Input(SAVE, "n_clicks"),
        *(State(_id(name), "value") for name in names()),
        State(EDITED, "data"),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )
    async def save(clicks: int | None, *given: Any) -> tuple[Any, Any, Any, Any]:
        if not clicks:
            raise PreventUpdate
        *values, edited, search = given
        looked = await data.look(search)
        try:
            key = await write_definition(
                data, looked.site, edited, lambda old: typed_definition(looked.site, values, old)
            )
        except ExperimentError as error:
            return warning("worse", f"{error}."), no_update, no_update, no_update
        view = ViewState.parse(search).with_tab("experiment", key)
        return [], False, view.search(), -clicks


def _plan(found: StoredPlan | None, arms: int, event: str) -> Any:
    if found is None or found.plan["baseline"] is None:
        return html.P(
            f"No complete day with {event!r} in the last 28 days: nothing to plan with.",
            className="card-note",
        )
    plan = found.plan
    of_arms = plan["arms"].get(str(arms)) or plan["arms"]["4"]
    rows = [
        [
            f"{row['relative_lift'] * 100:g}%",
            formats.count(row["sample_size_per_arm"]),
            formats.count(row["days"]),
        ]
        for row in of_arms["lifts"]
    ]
    per_day = formats.count(plan["visitors_per_day"])
    detectable = ", ".join(
        f"{row['days']} days {texts.percent(row['relative_lift'])}"
        for row in of_arms["detectable"]
        if row["relative_lift"] is not None
    )
    return [
        html.P(
            f"At {per_day} visitors a day, if all of them take part, with the baseline of the last"
            f" {plan['days']} days ({_baseline(found)}):",
            className="card-note",
        ),
        table(["To notice a lift of", "Visitors per variant", "Days"], rows),
        html.P(f"The smallest lift noticed after: {detectable}." if detectable else "",
               className="card-note"),
    ]  # fmt: skip


def _baseline(found: StoredPlan) -> str:
    baseline = found.plan["baseline"]
    return texts.percent(baseline) if found.metric == "conversion" else f"{baseline:.3g} a visitor"
