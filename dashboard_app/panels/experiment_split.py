"""One experiment by country, device, source, and new or returning visitors."""

from typing import Any

from dash import Dash, Input, Output, html

from dashboard_app import experiment_texts as texts
from dashboard_app import formats
from dashboard_app.components.experiment_parts import table, warning
from dashboard_app.components.rows import tab_links
from dashboard_app.components.states import card
from dashboard_app.data import Data, Looked
from dashboard_app.dimensions import value_label
from dashboard_app.panels import ids
from dashboard_app.panels.experiments import STORE
from sql.experiment_results import newest_result
from sql.experiments import Experiment, experiment_by_key

PANEL = "experiment-split"
SPLIT = ids.tab_store("split")
SPLITS = {
    "country": "Country",
    "device": "Device",
    "source": "Source",
    "visitor": "New or returning",
}

Json = dict[str, Any]


def layout() -> html.Section:
    """The card's place; hidden while it is empty."""
    return html.Section(html.Div(id=PANEL, className="contents"), className="card one-experiment")


def register(app: Dash, data: Data) -> None:
    """Adds the panel's callback."""
    ids.TITLES[PANEL] = "The segments"

    @app.callback(
        Output(PANEL, "children"),
        ids.view_input(),
        Input(STORE, "data"),
        Input(SPLIT, "data"),
        ids.tick_input(),
    )
    async def split(search: str, key: str, wanted: str, _tick: int) -> list[Any]:
        looked = await data.look(search)
        experiment = await data.fresh(experiment_by_key, looked.site, key) if key else None
        result = await data.fresh(newest_result, experiment) if experiment else None
        if experiment is None or result is None or not result.result["exposed"]:
            return []
        chosen = wanted if wanted in SPLITS else "country"
        return _card(looked, experiment, result.result["splits"].get(chosen), chosen)


def _card(looked: Looked, experiment: Experiment, found: Json | None, chosen: str) -> list[Any]:
    tabs = [
        (key, label, looked.view.with_tab("split", key).search()) for key, label in SPLITS.items()
    ]
    values = found["values"] if found else []
    told = warning(
        "same",
        f"A look into {found['comparisons'] if found else 0} segments at once: one in twenty seems"
        " to differ by chance. The p-values are corrected for that; take what you find as a"
        " question for the next experiment.",
    )
    goal = vars(experiment.definition.primary)
    head = [SPLITS[chosen], "Variant", "Visitors", texts.goal_name(goal), "Difference", "p (Holm)"]
    rows = [row for value in values for row in _rows(looked, chosen, goal, value)]
    body = [told, table(head, rows, "split")]
    return card("Segments", body, header=tab_links(tabs, chosen, "split"))


def _rows(looked: Looked, chosen: str, goal: Json, value: Json) -> list[list[Any]]:
    compared = {one["variant"]: one for one in value["comparisons"]}
    currency = looked.site.currency
    rows = []
    for number, arm in enumerate(value["arms"]):
        one = compared.get(arm["variant"])
        rows.append(
            [
                "" if number else _label(chosen, value["value"]),
                arm["variant"],
                formats.count(arm["exposed"]),
                texts.level(arm, goal, currency),
                texts.difference(one["difference"], goal["metric"], currency) if one else "",
                texts.p_value(one["p_value_holm"]) if one else "",
            ]
        )
    return rows


def _label(dimension: str, value: str | None) -> str:
    if value is None:
        return "Unknown"
    return value.capitalize() if dimension == "visitor" else value_label(dimension, value)
