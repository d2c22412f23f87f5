"""An arm's point estimate with its variance: the common ground of proportions, means, ratios."""

import sys
from dataclasses import dataclass

from jobs.statistics.moments import Mean, Proportion, Ratio
from jobs.statistics.ratios import ratio, ratio_variance

Arm = Proportion | Mean | Ratio

ROUNDING = sys.float_info.epsilon  # what the rounding of a sum and of a division add up to


@dataclass(frozen=True, slots=True)
class Estimate:
    """`value` estimates the arm's rate, mean or ratio; `variance` is its squared standard error.

    `variance` is None where one visitor, or none, leaves it unknown.
    """

    n: int
    value: float
    variance: float | None


def estimate(arm: Arm) -> Estimate | None:
    """The arm's estimate; None without visitors or with a ratio whose denominator is 0.

    Variances: p(1 − p)/n for a proportion, m2/((n − 1)n) for a mean, the delta method for a
    ratio. A mean's m2 below what rounding alone leaves in a constant counts as 0.
    """
    if arm.n == 0:
        return None
    if isinstance(arm, Proportion):
        missed = arm.n - arm.conversions
        rate = arm.conversions / arm.n
        return Estimate(arm.n, rate, rate * (missed / arm.n) / arm.n)
    if isinstance(arm, Mean):
        return Estimate(arm.n, arm.mean, _variance_of_mean(arm))
    value = ratio(arm)
    return None if value is None else Estimate(arm.n, value, ratio_variance(arm))


def total_variance(control: Estimate, variant: Estimate) -> float | None:
    """The variance of the difference of two independent arms; None when either is unknown."""
    if control.variance is None or variant.variance is None:
        return None
    return control.variance + variant.variance


def _variance_of_mean(arm: Mean) -> float | None:
    if arm.n < 2:
        return None
    noise = arm.n * (ROUNDING * arm.mean) * (ROUNDING * arm.mean)
    return arm.m2 / (arm.n - 1) / arm.n if arm.m2 > noise else 0.0
