"""The result of an experiment, assembled from its arms: pure, from totals to what is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from jobs.experiment_arms import (
    Json,
    Totals,
    arm_json,
    arm_of,
    exposed_to,
    goal_label,
    totals_of,
)
from jobs.experiment_estimates import splits
from jobs.experiment_plans import outlook
from jobs.statistics import GoalResult, GoalVerdict, compare, holm, srm, srm_alarm, verdict
from jobs.statistics.verdict import Role
from sql.experiment_definitions import Definition, Goal
from sql.experiment_results import ArmSegment, Pace


@dataclass(frozen=True)
class Observed:
    """Everything a result is made of."""

    totals: Totals
    segments: Sequence[ArmSegment]
    planned: Mapping[str, float]
    """Visitors that each variant should have, up to a factor."""
    pace: Pace


def result_of(definition: Definition, observed: Observed) -> Json:
    """The newest result as it is stored; the fields are those of the API."""
    keys = [variant.key for variant in definition.variants]
    totals = observed.totals
    counts = [exposed_to(totals, key) for key in keys]
    weights = [observed.planned.get(key, 0.0) for key in keys]
    alarm = srm_alarm(observed=counts, weights=weights)
    results = _goal_results(definition, totals)
    decided = verdict(results=results, srm_alarm=alarm)
    return {
        "exposed": sum(counts),
        "arms": [arm_json(definition, totals, key) for key in keys],
        "multi_exposed_excluded": exposed_to(totals, ""),
        "srm": {
            "p_value": srm(observed=counts, weights=weights),
            "alarm": alarm,
            "expected": dict(zip(keys, _expected(counts, weights), strict=True)),
        },
        "comparisons": _comparisons(definition, decided.goals),
        "verdict": decided.outcome,
        "reason": decided.reason,
        "reasons": list(decided.reasons),
        "winner": decided.variant,
        "outlook": outlook(definition, totals, observed.pace),
        "splits": splits(definition, observed.segments),
    }


def _expected(counts: Sequence[int], weights: Sequence[float]) -> list[float]:
    total = sum(weights)
    return [sum(counts) * weight / total if total else 0.0 for weight in weights]


def _goal_results(definition: Definition, totals: Totals) -> list[GoalResult]:
    return [
        _goal_result(definition, totals, variant, goal)
        for variant in definition.treatments
        for goal in definition.goals
    ]


def _goal_result(definition: Definition, totals: Totals, variant: str, goal: Goal) -> GoalResult:
    ours = totals_of(totals, definition.control, goal.event)
    theirs = totals_of(totals, variant, goal.event)
    control, treated = arm_of(goal, ours), arm_of(goal, theirs)
    role: Role = goal.role  # type: ignore[assignment]
    return GoalResult(
        goal=goal_label(goal),
        variant=variant,
        control=control,
        treated=treated,
        comparison=compare(control=control, variant=treated),
        role=role,
        higher_is_better=goal.direction == "increase",
        conversions=(ours.converters, theirs.converters),
    )


def _comparisons(definition: Definition, judged: Sequence[GoalVerdict]) -> list[Json]:
    """Fixed-horizon p-values are adjusted over goals × variants; a guardrail's is its own."""
    family = [
        None if one.result.role == "guardrail" else one.result.comparison.p_value for one in judged
    ]
    goals = [goal for _ in definition.treatments for goal in definition.goals]
    return [
        _comparison_json(goal, one, adjusted)
        for goal, one, adjusted in zip(goals, judged, holm(family), strict=True)
    ]


def _comparison_json(goal: Goal, judged: GoalVerdict, adjusted: float | None) -> Json:
    found = judged.result.comparison
    is_guardrail = goal.role == "guardrail"
    why = [judged.reason]
    if found.reason and found.reason not in judged.reason:
        why.append(found.reason)
    return {
        "variant": judged.result.variant,
        "goal": asdict(goal),
        "difference": found.difference,
        "difference_ci": found.difference_ci,
        "lift": found.lift,
        "lift_ci": found.lift_ci,
        "is_lift_rough": found.is_lift_rough,
        "p_value": found.p_value,
        "p_value_holm": found.p_value if is_guardrail else adjusted,
        "chance_to_beat_control": found.chance_to_beat_control,
        "expected_loss": found.expected_loss_variant,
        "sequential_ci": found.sequential_ci,
        "sequential_p_value": found.sequential_p_value,
        "sequential_p_value_adjusted": judged.adjusted_p_value,
        "verdict": judged.outcome,
        "reason": "; ".join(why),
    }
