"""Arms of an experiment: from stored totals to sufficient statistics and to JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from jobs.statistics import Arm, Mean, Proportion
from sql.experiment_definitions import Definition, Goal
from sql.experiment_results import ArmDay, ArmSegment, EventTotals

Json = dict[str, Any]
Totals = Mapping[tuple[str, str | None], EventTotals]
"""By (variant, event); event None: the visitors alone."""


def by_variant(rows: Iterable[ArmDay | ArmSegment]) -> dict[tuple[str, str | None], EventTotals]:
    """Rows of one day, or of one segment, by (variant, event)."""
    return {(row.variant, row.event): row for row in rows}


def totals_of(totals: Totals, variant: str, event: str | None) -> EventTotals:
    """What an arm did of an event; zeros where it did nothing."""
    found = totals.get((variant, event))
    if found is not None:
        return found
    exposed = exposed_to(totals, variant)
    no_variance = 0.0 if exposed else None
    return EventTotals(event, exposed, 0, 0, no_variance, Decimal(0), no_variance)


def exposed_to(totals: Totals, variant: str) -> int:
    """Visitors of an arm; "" for those who saw several."""
    alone = totals.get((variant, None))
    return alone.exposed if alone else 0


def arm_of(goal: Goal, totals: EventTotals) -> Arm:
    """The sufficient statistics of a goal's metric; who did nothing counts with 0."""
    if goal.metric == "conversion":
        return Proportion(totals.exposed, totals.converters)
    return _mean(totals, is_value=goal.metric == "value")


def _mean(totals: EventTotals, *, is_value: bool) -> Mean:
    total = totals.value if is_value else Decimal(totals.conversions)
    m2 = totals.value_m2 if is_value else totals.conversions_m2
    n = totals.exposed
    return Mean(n, float(total / n) if n else 0.0, max(0.0, m2 or 0.0))


def goal_label(goal: Goal) -> str:
    """A goal in a sentence."""
    return {
        "conversion": f"{goal.event} rate",
        "count": f"{goal.event} count per visitor",
        "value": f"{goal.event} value per visitor",
    }[goal.metric]


def arm_json(definition: Definition, totals: Totals, variant: str) -> Json:
    """An arm: its visitors, the primary goal's event, and every goal."""
    primary = _outcome_json(totals_of(totals, variant, definition.primary.event))
    goals = [
        {**asdict(goal), **_outcome_json(totals_of(totals, variant, goal.event))}
        for goal in definition.goals
    ]
    return {
        "variant": variant,
        "exposed": exposed_to(totals, variant),
        **primary,
        "goals": goals,
    }


def _outcome_json(totals: EventTotals) -> Json:
    n = totals.exposed
    return {
        "converters": totals.converters,
        "conversion_rate": totals.converters / n if n else None,
        "conversions": totals.conversions,
        "count_mean": totals.conversions / n if n else None,
        "count_variance": _variance(totals.conversions_m2, n),
        "value_sum": float(totals.value),
        "value_mean": float(totals.value / n) if n else None,
        "value_variance": _variance(totals.value_m2, n),
    }


def _variance(m2: float | None, n: int) -> float | None:
    return None if m2 is None or n < 2 else max(0.0, m2) / (n - 1)
