"""How long experiments take: for one that runs, and for one that is only thought of."""

import math

from jobs.experiment_arms import Json, Totals, arm_of, exposed_to, totals_of
from jobs.statistics import (
    Arm,
    Mean,
    Proportion,
    days_needed,
    minimum_detectable_lift,
    sample_size,
)
from sql.experiment_definitions import METRICS, Definition, Goal
from sql.experiment_plans import Baselines
from sql.experiment_results import EventTotals, Pace

PLANNED_LIFTS = (0.01, 0.02, 0.05, 0.1, 0.2)
PLANNED_DAYS = (7, 14, 28)
PLANNED_ARMS = (2, 3, 4)


def outlook(definition: Definition, totals: Totals, pace: Pace) -> Json:
    """What a running experiment's traffic can still show, with the primary goal.

    `days` from the first exposure until a lift is detected with 80 % power, looked at daily;
    `days_left` of them; `detectable_lift` with the visitors of today. None where unknown.
    """
    goal, arms = definition.primary, len(definition.variants)
    control = arm_of(goal, totals_of(totals, definition.control, goal.event))
    plan = planning_arguments(control, arms)
    sizes = [exposed_to(totals, variant.key) for variant in definition.variants]
    smallest = min(sizes)
    return {
        "visitors_per_day": pace.visitors_per_day,
        "first_day": pace.first_day and pace.first_day.isoformat(),
        "last_day": pace.last_day and pace.last_day.isoformat(),
        "detectable_lift": minimum_detectable_lift(n=smallest, **plan) if plan else None,
        "lifts": [_lift(lift, plan, pace.visitors_per_day, sum(sizes)) for lift in PLANNED_LIFTS],
    }


def _lift(lift: float, plan: Json | None, per_day: float | None, exposed: int) -> Json:
    days = left = None
    if plan is not None and per_day:
        days = days_needed(relative_lift=lift, visitors_per_day=per_day, **plan)
        missing = (sample_size(relative_lift=lift, **plan) or 0) * plan["arms"] - exposed
        left = None if days is None else max(0, math.ceil(missing / per_day))
    return {"relative_lift": lift, "days": days, "days_left": left}


def planning_arguments(control: Arm, arms: int) -> Json | None:
    """A baseline, for the peek-safe test with 80 % power; None where there is none yet."""
    common: Json = {"arms": arms, "peek_safe": True}
    if isinstance(control, Proportion):
        if not control.conversions:
            return None
        return {**common, "baseline": control.conversions / control.n}
    if not isinstance(control, Mean) or control.n < 2 or control.mean <= 0:
        return None
    deviation = math.sqrt(control.m2 / (control.n - 1))
    return {**common, "baseline": control.mean, "standard_deviation": deviation}


def plans_by_goal(found: Baselines) -> dict[tuple[str, str], Json]:
    """A plan for each event and metric of a site; value only where there was any."""
    plans: dict[tuple[str, str], Json] = {}
    for totals in found.events:
        assert totals.event is not None
        for metric in METRICS:
            if metric != "value" or totals.value:
                plans[totals.event, metric] = _plan(Goal(totals.event, metric), totals, found.days)
    return plans


def _plan(goal: Goal, totals: EventTotals, days: int) -> Json:
    arm = arm_of(goal, totals)
    per_day = totals.exposed / days
    baseline = planning_arguments(arm, 2)
    return {
        "baseline": baseline and baseline["baseline"],
        "standard_deviation": baseline and baseline.get("standard_deviation"),
        "visitors": totals.exposed,
        "days": days,
        "visitors_per_day": per_day,
        "arms": {str(arms): _plan_of_arms(arm, arms, per_day) for arms in PLANNED_ARMS},
    }


def _plan_of_arms(arm: Arm, arms: int, per_day: float) -> Json:
    plan = planning_arguments(arm, arms)
    if plan is None:
        return {"lifts": [], "detectable": []}
    return {
        "lifts": [_needs(lift, plan, per_day) for lift in PLANNED_LIFTS],
        "detectable": [_detects(days, plan, per_day) for days in PLANNED_DAYS],
    }


def _needs(lift: float, plan: Json, per_day: float) -> Json:
    one_look = {**plan, "peek_safe": False}
    return {
        "relative_lift": lift,
        "sample_size_per_arm": sample_size(relative_lift=lift, **plan),
        "days": days_needed(relative_lift=lift, visitors_per_day=per_day, **plan),
        "sample_size_per_arm_one_look": sample_size(relative_lift=lift, **one_look),
        "days_one_look": days_needed(relative_lift=lift, visitors_per_day=per_day, **one_look),
    }


def _detects(days: int, plan: Json, per_day: float) -> Json:
    n = int(days * per_day / plan["arms"])
    return {"days": days, "relative_lift": minimum_detectable_lift(n=n, **plan)}
