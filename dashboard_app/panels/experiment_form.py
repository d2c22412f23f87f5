"""The dialog that defines an experiment, and what its primary goal would take on this site."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from dashboard_app import experiment_texts as texts
from dashboard_app import formats
from dashboard_app.clientside import in_browser
from dashboard_app.components.experiment_parts import table, warning
from dashboard_app.data import Data
from dashboard_app.filters import ViewState
from dashboard_app.panels import ids
from sql.experiment_definitions import METRICS, ExperimentError, parse_definition
from sql.experiment_plans import StoredPlan, plans_of
from sql.experiments import create_experiment

DIALOG = "experiment-dialog"
OPEN = "experiment-new"
SAVE = "experiment-save"
PLAN = "experiment-plan"
ERROR = "experiment-error"
GOALS = 3
FIELDS = ("key", "name", "variants", "control", "starts", "ends", "window")
ROLES = (
    ("secondary", "Also compare"),
    ("increase", "Guardrail: must not fall"),
    ("decrease", "Guardrail: must not rise"),
)
DAY_S = 86_400


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
                            id=_id("window"), label="Outcomes count for (days)", min=1,
                            allowDecimal=False, placeholder="always",
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
        size="lg",
    )  # fmt: skip


def _goal(number: int) -> html.Div:
    metrics = [{"value": metric, "label": texts.METRICS[metric]} for metric in METRICS]
    roles = [{"value": key, "label": label} for key, label in ROLES]
    first = number == 0
    parts = [
        dmc.Autocomplete(
            id=_id(f"event-{number}"), data=[], value="purchase" if first else "",
            label="Goal: event that decides" if first else "Another event (optional)",
        ),
        dmc.Select(
            id=_id(f"metric-{number}"), data=metrics, value="conversion", label="Measured by",
            allowDeselect=False,
        ),
    ]  # fmt: skip
    if not first:
        parts.append(
            dmc.Select(
                id=_id(f"role-{number}"), data=roles, value="secondary", label="In order to",
                allowDeselect=False,
            )
        )  # fmt: skip
    return html.Div(parts, className="form-row")


def register(app: Dash, data: Data) -> None:
    """Adds the dialog's callbacks: opening, what it offers and foretells, and saving."""
    ids.TITLES[ERROR] = "The definition"
    ids.TITLES[PLAN] = "The plan"
    in_browser(app, "opened", Output(DIALOG, "opened"), Input(OPEN, "n_clicks"))

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

    @app.callback(
        Output(ERROR, "children"),
        Output(DIALOG, "opened", allow_duplicate=True),
        Output(ids.URL, "search", allow_duplicate=True),
        Input(SAVE, "n_clicks"),
        *(State(_id(name), "value") for name in FIELDS),
        *(
            State(_id(f"{part}-{number}"), "value")
            for number in range(GOALS)
            for part in (("event", "metric") if number == 0 else ("event", "metric", "role"))
        ),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )
    async def save(clicks: int | None, *given: Any) -> tuple[Any, Any, Any]:
        if not clicks:
            raise PreventUpdate
        looked = await data.look(given[-1])
        try:
            definition = parse_definition(looked.site, typed_definition(given[:-1]))
        except ExperimentError as error:
            return warning("worse", f"{error}."), no_update, no_update
        created = await data.fresh(create_experiment, looked.site, definition)
        if created is None:
            taken = f"There is an experiment {definition.key!r} on this site already."
            return warning("worse", taken), no_update, no_update
        view = ViewState.parse(given[-1]).with_tab("experiment", definition.key)
        return [], False, view.search()


def typed_variants(tags: Sequence[str]) -> list[dict[str, Any]]:
    """Variants as typed: `green` has weight 1, `green:2` weight 2."""
    variants = []
    for tag in tags:
        key, colon, weight = tag.rpartition(":")
        is_weighted = bool(colon) and weight.replace(".", "", 1).isdigit()
        variants.append(
            {"key": key if is_weighted else tag, "weight": float(weight) if is_weighted else 1.0}
        )
    return variants


def typed_definition(given: Sequence[Any]) -> dict[str, Any]:
    """The definition behind the form's values, in the order of its fields."""
    fields = dict(zip(FIELDS, given, strict=False))
    goals = [{"event": given[7], "metric": given[8], "primary": True}]
    for start in range(9, len(given), 3):
        event, metric, role = given[start : start + 3]
        if not event:
            continue
        goal = {"event": event, "metric": metric}
        goals.append(
            {**goal, "role": "secondary"}
            if role == "secondary"
            else {**goal, "role": "guardrail", "direction": role}
        )
    return {
        "key": fields["key"],
        "name": fields["name"],
        "variants": typed_variants(fields["variants"] or []),
        "control": fields["control"],
        "goals": goals,
        "starts_at": fields["starts"] or None,
        "ends_at": fields["ends"] or None,
        "attribution_window_s": int(fields["window"]) * DAY_S if fields["window"] else None,
    }


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
    return [
        html.P(
            f"At {per_day} visitors a day, if all of them take part, with the baseline of the last"
            f" {plan['days']} days ({_baseline(found)}):",
            className="card-note",
        ),
        table(["To notice a lift of", "Visitors per variant", "Days"], rows),
    ]


def _baseline(found: StoredPlan) -> str:
    baseline = found.plan["baseline"]
    return texts.percent(baseline) if found.metric == "conversion" else f"{baseline:.3g} a visitor"
