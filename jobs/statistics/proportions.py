"""Two proportions: intervals for a rate, a difference and a lift, and the pooled z test."""

import math

from jobs.statistics.domain import Interval, defined, share
from jobs.statistics.moments import Proportion
from jobs.statistics.special import normal_critical, normal_two_sided


@defined
def wilson(arm: Proportion, alpha: float = 0.05) -> Interval | None:
    """The score interval of one rate; None without visitors.

    Wilson (1927), JASA 22, 209–212, without continuity correction. The outer root of the
    quadratic is computed directly and the inner one from the product of the roots, so that the
    ends are exactly 0 at 0 % and exactly 1 at 100 % and small rates keep their digits.
    """
    z = normal_critical(share("alpha", alpha))
    n, hits = arm.n, arm.conversions
    if n == 0:
        return None
    return _score_lower(hits, n, z), 1 - _score_lower(n - hits, n, z)


@defined
def newcombe(*, control: Proportion, variant: Proportion, alpha: float = 0.05) -> Interval | None:
    """The hybrid score interval of variant − control; None when an arm has no visitors.

    Newcombe (1998), Statistics in Medicine 17, 873–890, method 10. Defined at 0 % and 100 %.
    """
    z = normal_critical(share("alpha", alpha))
    if not control.n or not variant.n:
        return None
    difference = variant.conversions / variant.n - control.conversions / control.n
    below = math.hypot(_reach_below(variant, z), _reach_above(control, z))
    above = math.hypot(_reach_above(variant, z), _reach_below(control, z))
    return difference - below, difference + above


@defined
def pooled_z_p_value(*, control: Proportion, variant: Proportion) -> float | None:
    """Two-sided p of equal rates, both variances from the pooled rate, no continuity correction.

    Fleiss, Levin & Paik (2003), "Statistical Methods for Rates and Proportions", ch. 3. None
    when nobody or everybody converted, or an arm has no visitors.
    """
    hits = control.conversions + variant.conversions
    n = control.n + variant.n
    if not control.n or not variant.n or hits in (0, n):
        return None
    difference = variant.conversions / variant.n - control.conversions / control.n
    variance = (hits / n) * ((n - hits) / n) * (1 / control.n + 1 / variant.n)
    return normal_two_sided(difference / math.sqrt(variance))


@defined
def katz_log_interval(
    *, control: Proportion, variant: Proportion, alpha: float = 0.05
) -> Interval | None:
    """The interval of the lift p_variant / p_control − 1; None unless both have conversions.

    Katz, Baptista, Azen & Pike (1978), Biometrics 34, 469–474: ln of the risk ratio is nearly
    normal with variance 1/x_b − 1/n_b + 1/x_a − 1/n_a. Covers where the delta method misses.
    """
    z = normal_critical(share("alpha", alpha))
    if not control.conversions or not variant.conversions:
        return None
    log_ratio = math.log(variant.conversions / variant.n) - math.log(
        control.conversions / control.n
    )
    half = z * math.sqrt(_log_variance(control) + _log_variance(variant))
    return math.expm1(log_ratio - half), math.expm1(log_ratio + half)


def _log_variance(arm: Proportion) -> float:
    """1/x − 1/n, as one fraction because the two cancel near 100 %."""
    return (arm.n - arm.conversions) / arm.n / arm.conversions


def _score_lower(hits: int, n: int, z: float) -> float:
    """The lower Wilson limit of hits / n: product of the roots over the upper root."""
    rate = hits / n
    spread = z * math.sqrt(rate * ((n - hits) / n) / n + z * z / (4 * n * n))
    return rate * rate / (rate + z * z / (2 * n) + spread)


def _reach_below(arm: Proportion, z: float) -> float:
    """How far the Wilson interval reaches below the rate."""
    return arm.conversions / arm.n - _score_lower(arm.conversions, arm.n, z)


def _reach_above(arm: Proportion, z: float) -> float:
    """How far the Wilson interval reaches above the rate."""
    missed = arm.n - arm.conversions
    return missed / arm.n - _score_lower(missed, arm.n, z)
