"""One variant against control: every statistic that is defined, and why the others are not."""

from dataclasses import dataclass, fields, replace

from jobs.statistics import bayes, means, proportions, sequential
from jobs.statistics.domain import Interval, share
from jobs.statistics.estimates import Arm, Estimate, estimate, total_variance
from jobs.statistics.moments import Mean, Proportion


@dataclass(frozen=True, slots=True)
class Comparison:
    """Variant against control; differences are variant − control in the metric's own unit.

    Every number is finite; a statistic whose formula is not defined on the data is None, and
    `reason` then says why. Intervals are (low, high) at level 1 − alpha.
    """

    difference: float | None = None
    difference_ci: Interval | None = None
    """Proportions: Newcombe. Means: Welch. Ratios: delta method, normal."""
    difference_ci_wald: Interval | None = None
    p_value: float | None = None
    """Fixed horizon, two-sided: pooled z; Welch's t; delta-method z. Wrong when peeked at."""
    lift: float | None = None
    """(variant − control) / |control|."""
    lift_ci: Interval | None = None
    """Proportions: Katz log. Means and ratios: delta method."""
    lift_ci_delta: Interval | None = None
    chance_to_beat_control: float | None = None
    expected_loss_variant: float | None = None
    """What choosing the variant is expected to cost if control is better."""
    expected_loss_control: float | None = None
    sequential_ci: Interval | None = None
    """On the difference; holds at all looks together."""
    sequential_p_value: float | None = None
    reason: str | None = None
    """Why something above is None; None when everything is given."""
    is_lift_rough: bool = False
    """The control is known to ±10 % or worse: distrust the delta-method interval of the lift."""


def compare(*, control: Arm, variant: Arm, alpha: float = 0.05) -> Comparison:
    """Compare two arms of one kind, `Proportion`, `Mean` or `Ratio`, at level 1 − alpha.

    The sources are in the docstrings of the functions named in `Comparison`. TypeError when the
    arms are of different kinds; ValueError when alpha is not between 0 and 1.
    """
    share("alpha", alpha)
    if type(control) is not type(variant):
        raise TypeError(f"{type(control).__name__} against {type(variant).__name__}")
    a, b = estimate(control), estimate(variant)
    result = Comparison() if a is None or b is None else _common(a, b, alpha)
    if isinstance(control, Proportion) and isinstance(variant, Proportion):
        result = _with_proportions(result, control, variant, alpha)
    elif a is not None and b is not None:
        result = _with_normal(result, a, b, alpha, is_mean=isinstance(control, Mean))
    return replace(result, reason=_reason(result, control, variant))


def _common(a: Estimate, b: Estimate, alpha: float) -> Comparison:
    return Comparison(
        difference=means.difference(a, b),
        difference_ci_wald=means.wald_interval(a, b, alpha),
        lift=means.lift(a, b),
        lift_ci_delta=means.delta_lift_interval(a, b, alpha),
        sequential_ci=sequential.sequential_interval(a, b, alpha),
        sequential_p_value=sequential.sequential_p_value(a, b, alpha),
        is_lift_rough=means.is_lift_rough(a),
    )


def _with_proportions(
    common: Comparison, control: Proportion, variant: Proportion, alpha: float
) -> Comparison:
    loss_variant, loss_control = bayes.beta_losses(control=control, variant=variant)
    return replace(
        common,
        difference_ci=proportions.newcombe(control=control, variant=variant, alpha=alpha),
        p_value=proportions.pooled_z_p_value(control=control, variant=variant),
        lift_ci=proportions.katz_log_interval(control=control, variant=variant, alpha=alpha),
        chance_to_beat_control=bayes.beta_chance(control=control, variant=variant),
        expected_loss_variant=loss_variant,
        expected_loss_control=loss_control,
    )


def _with_normal(
    common: Comparison, a: Estimate, b: Estimate, alpha: float, *, is_mean: bool
) -> Comparison:
    losses = bayes.normal_losses(a, b)
    wald = common.difference_ci_wald if total_variance(a, b) else None
    return replace(
        common,
        difference_ci=means.welch_interval(a, b, alpha) if is_mean else wald,
        p_value=means.welch_p_value(a, b) if is_mean else means.z_p_value(a, b),
        lift_ci=common.lift_ci_delta,
        chance_to_beat_control=bayes.normal_chance(a, b),
        expected_loss_variant=losses and losses[0],
        expected_loss_control=losses and losses[1],
    )


def _reason(result: Comparison, control: Arm, variant: Arm) -> str | None:
    """Plain words for what is None, or None."""
    optional = [f.name for f in fields(result) if f.name != "reason"]
    if all(getattr(result, name) is not None for name in optional):
        return None
    causes = [*_arm_causes("control", control), *_arm_causes("variant", variant)]
    a, b = estimate(control), estimate(variant)
    if a is not None and b is not None:
        causes += _pair_causes(a, b)
    return "; ".join(causes) or "a result lies outside the range of a double"


def _arm_causes(name: str, arm: Arm) -> list[str]:
    if arm.n == 0:
        return [f"the {name} has no visitors"]
    if isinstance(arm, Proportion):
        return [] if arm.conversions else [f"the {name} has no conversions, so no lift interval"]
    if estimate(arm) is None:
        return [f"the {name}'s denominator is 0"]
    return [f"the {name} has one visitor, so no variance"] if arm.n == 1 else []


def _pair_causes(a: Estimate, b: Estimate) -> list[str]:
    causes = []
    if a.value == 0:
        causes.append("the control is 0, so no lift")
    if total_variance(a, b) == 0:
        causes.append("neither arm varies, so no test")
    return causes
