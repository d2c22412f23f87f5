"""Estimates without a verdict: by day, to be drawn, and by segment, to be looked into.

They leave out what `compare` integrates (chances and losses), which takes a hundred times as long.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

from jobs.experiment_arms import Json, Totals, arm_json, arm_of, by_variant, exposed_to, totals_of
from jobs.statistics import (
    Arm,
    Proportion,
    estimate,
    holm,
    katz_log_interval,
    newcombe,
    pooled_z_p_value,
    sequential_interval,
)
from jobs.statistics.means import (
    delta_lift_interval,
    difference,
    lift,
    welch_interval,
    welch_p_value,
)
from sql.experiment_definitions import Definition, Goal
from sql.experiment_results import ArmDay, ArmSegment


def estimates_of(definition: Definition, totals: Totals, goals: Sequence[Goal]) -> list[Json]:
    """Every variant against control on every one of `goals`; what is undefined is None."""
    found = []
    for variant in definition.treatments:
        for goal in goals:
            control = arm_of(goal, totals_of(totals, definition.control, goal.event))
            treated = arm_of(goal, totals_of(totals, variant, goal.event))
            about = {"variant": variant, "goal": {"event": goal.event, "metric": goal.metric}}
            found.append({**about, **_estimate(control, treated)})
    return found


def _estimate(control: Arm, treated: Arm) -> Json:
    a, b = estimate(control), estimate(treated)
    if a is None or b is None:
        names = ("difference", "difference_ci", "lift", "lift_ci", "p_value", "sequential_ci")
        return dict.fromkeys(names)
    common = {
        "difference": difference(a, b),
        "lift": lift(a, b),
        "sequential_ci": sequential_interval(a, b),
    }
    if isinstance(control, Proportion) and isinstance(treated, Proportion):
        return {
            **common,
            "difference_ci": newcombe(control=control, variant=treated),
            "lift_ci": katz_log_interval(control=control, variant=treated),
            "p_value": pooled_z_p_value(control=control, variant=treated),
        }
    return {
        **common,
        "difference_ci": welch_interval(a, b),
        "lift_ci": delta_lift_interval(a, b),
        "p_value": welch_p_value(a, b),
    }


def history_of(definition: Definition, rows: Iterable[ArmDay]) -> dict[date, list[Json]]:
    """The estimates of every goal at the end of each day, with the visitors of both arms."""
    history = {}
    for day, of_day in groupby(sorted(rows, key=lambda row: row.day), key=lambda row: row.day):
        totals = by_variant(of_day)
        history[day] = [
            {
                **one,
                "exposed": [
                    exposed_to(totals, definition.control), exposed_to(totals, one["variant"]),
                ],
            }
            for one in estimates_of(definition, totals, definition.goals)
        ]  # fmt: skip
    return history


def splits(definition: Definition, segments: Sequence[ArmSegment]) -> Json:
    """The primary goal by country, device, source and new or returning visitors."""
    rows = sorted(segments, key=lambda row: (row.dimension, row.place))
    return {
        dimension: _split(definition, list(of_dimension))
        for dimension, of_dimension in groupby(rows, key=lambda row: row.dimension)
    }


def _split(definition: Definition, rows: Sequence[ArmSegment]) -> Json:
    values: list[Json] = []
    for _, group in groupby(rows, key=lambda row: row.place):
        of_value = list(group)
        totals = by_variant(of_value)
        arms = [arm_json(definition, totals, variant.key) for variant in definition.variants]
        for arm in arms:
            del arm["goals"]
        values.append(
            {
                "value": of_value[0].value_name,
                "arms": arms,
                "comparisons": estimates_of(definition, totals, [definition.primary]),
            }
        )
    comparisons = [one for value in values for one in value["comparisons"]]
    for one, adjusted in zip(comparisons, holm([c["p_value"] for c in comparisons]), strict=True):
        one["p_value_holm"] = adjusted
    return {"comparisons": len(comparisons), "values": values}
