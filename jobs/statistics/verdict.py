"""What a product manager may conclude from an experiment, in one word and one sentence.

The peek-safe p-value decides, so the verdict may be read on any day. Guards only ever withhold a
verdict: the statistics themselves stay visible.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jobs.statistics.comparison import Comparison
from jobs.statistics.domain import share
from jobs.statistics.estimates import Arm, estimate
from jobs.statistics.moments import Proportion
from jobs.statistics.multiplicity import holm
from jobs.statistics.wording import describe

Outcome = Literal["win", "loss", "no difference detected", "not enough data", "do not trust"]
Role = Literal["primary", "secondary", "guardrail"]

FEWEST_VISITORS = 100
FEWEST_CONVERSIONS = 10
FEWEST_MISSES = 6  # n(1 − p) > 5, for the normal approximation

SRM_REASON = (
    "Visitors did not arrive in the planned proportions (sample ratio mismatch), so the arms "
    "are not comparable; find the cause before reading any result"
)


@dataclass(frozen=True, slots=True)
class GoalResult:
    """One goal of one variant against control, with the arms it was computed from.

    `conversions`: (control's, variant's) visitors with the goal's event, where the arms are means
    or ratios; None skips that guard. `comparison` is `compare` of the two arms.
    """

    goal: str
    variant: str
    control: Arm
    treated: Arm
    comparison: Comparison
    role: Role = "primary"
    higher_is_better: bool = True
    conversions: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class GoalVerdict:
    """The verdict of one goal of one variant.

    `adjusted_p_value` is the peek-safe one after Holm's correction (a guardrail's own), None
    where there is not enough data.
    """

    result: GoalResult
    outcome: Outcome
    reason: str
    adjusted_p_value: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The experiment's verdict; `variant` is the winner, or None. `goals` in the order given.

    `reasons`: one sentence for each variant, those that the outcome rests on first.
    """

    outcome: Outcome
    reasons: tuple[str, ...]
    variant: str | None
    goals: tuple[GoalVerdict, ...]

    @property
    def reason(self) -> str:
        """All the sentences."""
        return ". ".join(self.reasons)


def verdict(*, results: Sequence[GoalResult], srm_alarm: bool, alpha: float = 0.05) -> Verdict:
    """Conclude from all goals of all variants of one experiment.

    - "do not trust" when `srm_alarm` (see `srm.srm_alarm`), whatever else.
    - A goal has "not enough data" with fewer than 100 visitors or 10 conversions in an arm, or
      5 or fewer visitors who did not convert; otherwise it wins or loses when its peek-safe
      p-value, after Holm over goals × variants, is below alpha.
    - A variant follows its primary goal, but loses when a guardrail gets worse. Guardrails are
      outside the Holm family: a correction would only blind them.
    - The experiment wins with its best winning variant; it loses when every variant does. What
      is said of it says something of every variant.

    ValueError when a variant has not exactly one primary goal.
    """
    share("alpha", alpha)
    goals = _goal_verdicts(results, alpha)
    if srm_alarm:
        goals = [GoalVerdict(g.result, "do not trust", SRM_REASON, None) for g in goals]
        return Verdict("do not trust", (SRM_REASON,), None, tuple(goals))
    variants = list(dict.fromkeys(r.variant for r in results))
    decided = [_of_variant([g for g in goals if g.result.variant == v]) for v in variants]
    return _overall(decided, tuple(goals))


def shortage(result: GoalResult) -> str | None:
    """Why the goal has not enough data, in words; None when it has."""
    arms = (("control", result.control), (result.variant, result.treated))
    for name, arm in arms:
        if arm.n < FEWEST_VISITORS:
            return f"{name} has {arm.n} visitors; a verdict needs {FEWEST_VISITORS} in every arm"
    for (name, arm), hits in zip(arms, _conversions(result), strict=True):
        if hits is not None and hits < FEWEST_CONVERSIONS:
            return f"{name} has {hits} conversions; a verdict needs {FEWEST_CONVERSIONS} per arm"
        if isinstance(arm, Proportion) and arm.n - arm.conversions < FEWEST_MISSES:
            return f"nearly everybody in {name} converted; too few did not to tell a difference"
    if result.comparison.sequential_p_value is None:
        return result.comparison.reason or "the difference cannot be tested"
    return None


def _conversions(result: GoalResult) -> tuple[int | None, int | None]:
    if isinstance(result.control, Proportion) and isinstance(result.treated, Proportion):
        return result.control.conversions, result.treated.conversions
    return result.conversions or (None, None)


def _goal_verdicts(results: Sequence[GoalResult], alpha: float) -> list[GoalVerdict]:
    """Goals without enough data count in the family as p = 1, so that it does not change size."""
    shortages = [shortage(r) for r in results]
    family = [
        None if r.role == "guardrail" else 1.0 if short else r.comparison.sequential_p_value
        for r, short in zip(results, shortages, strict=True)
    ]
    size = sum(p is not None for p in family)
    judged = []
    for result, short, adjusted in zip(results, shortages, holm(family), strict=True):
        is_guardrail = result.role == "guardrail"
        p_value = result.comparison.sequential_p_value if is_guardrail else adjusted
        judged.append(_goal_verdict(result, short, p_value, alpha, 1 if is_guardrail else size))
    return judged


def _goal_verdict(
    result: GoalResult, short: str | None, p_value: float | None, alpha: float, family: int
) -> GoalVerdict:
    if short is not None or p_value is None:
        return GoalVerdict(result, "not enough data", short or "the goal has no p-value", None)
    outcome: Outcome = "no difference detected"
    if p_value <= alpha:
        is_higher = (result.comparison.difference or 0.0) > 0
        outcome = "win" if is_higher == result.higher_is_better else "loss"
    reason = describe(
        goal=result.goal,
        variant=result.variant,
        comparison=result.comparison,
        is_rate=isinstance(result.control, Proportion),
        is_better=None if outcome == "no difference detected" else outcome == "win",
        alpha=alpha,
        family=family,
    )
    return GoalVerdict(result, outcome, reason, p_value)


def _of_variant(goals: Sequence[GoalVerdict]) -> GoalVerdict:
    """The variant's primary verdict, unless a guardrail vetoes it."""
    primary = [g for g in goals if g.result.role == "primary"]
    if len(primary) != 1:
        raise ValueError(f"{goals[0].result.variant} has {len(primary)} primary goals, not one")
    broken = [g for g in goals if g.result.role == "guardrail" and g.outcome == "loss"]
    if not broken:
        return primary[0]
    worse = "a guardrail got worse" if len(broken) == 1 else f"{len(broken)} guardrails got worse"
    reason = f"{worse}: {'; '.join(g.reason for g in broken)}"
    return GoalVerdict(primary[0].result, "loss", reason, primary[0].adjusted_p_value)


def _overall(variants: Sequence[GoalVerdict], goals: tuple[GoalVerdict, ...]) -> Verdict:
    """A win of any variant; otherwise what leaves the most open, since it may still turn out."""
    if not variants:
        nobody = "there is no variant to compare with control"
        return Verdict("not enough data", (nobody,), None, goals)
    openness: tuple[Outcome, ...] = ("win", "not enough data", "no difference detected", "loss")
    told = sorted(variants, key=lambda v: (openness.index(v.outcome), -_improvement(v)))
    first = told[0]
    winner = first.result.variant if first.outcome == "win" else None
    return Verdict(first.outcome, tuple(v.reason for v in told), winner, goals)


def _improvement(goal: GoalVerdict) -> float:
    value = estimate(goal.result.treated)
    sign = 1 if goal.result.higher_is_better else -1
    return sign * value.value if value else 0.0
