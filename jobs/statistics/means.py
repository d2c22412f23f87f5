"""Differences of two estimates: Welch's t for means, z for ratios, the normal lift interval."""

import math

from jobs.statistics.domain import Interval, defined, share
from jobs.statistics.estimates import Estimate, total_variance
from jobs.statistics.special import (
    normal_critical,
    normal_two_sided,
    student_critical,
    student_two_sided,
)


@defined
def difference(control: Estimate, variant: Estimate) -> float | None:
    """variant − control."""
    return variant.value - control.value


@defined
def welch_degrees_of_freedom(control: Estimate, variant: Estimate) -> float | None:
    """V² / (V_a²/(n_a − 1) + V_b²/(n_b − 1)): Welch (1947), Biometrika 34; Satterthwaite (1946).

    Written with shares of V, which neither under- nor overflow. None when V is 0 or unknown.
    """
    total = total_variance(control, variant)
    if not total or control.variance is None or variant.variance is None:
        return None
    a, b = control.variance / total, variant.variance / total
    return 1 / (a * a / (control.n - 1) + b * b / (variant.n - 1))


@defined
def welch_p_value(control: Estimate, variant: Estimate) -> float | None:
    """Two-sided p of equal means, variances not assumed equal. Welch (1947), Biometrika 34."""
    df, total = welch_degrees_of_freedom(control, variant), total_variance(control, variant)
    if df is None or not total:
        return None
    return student_two_sided((variant.value - control.value) / math.sqrt(total), df)


@defined
def welch_interval(control: Estimate, variant: Estimate, alpha: float = 0.05) -> Interval | None:
    """Welch's t interval of variant − control. Welch (1947), Biometrika 34, 28–35."""
    share("alpha", alpha)
    df, total = welch_degrees_of_freedom(control, variant), total_variance(control, variant)
    if df is None or not total:
        return None
    return _around(variant.value - control.value, student_critical(alpha, df) * math.sqrt(total))


@defined
def z_p_value(control: Estimate, variant: Estimate) -> float | None:
    """Two-sided p of equal values by the normal approximation: ratios, after the delta method.

    Deng, Knoblich & Lu (2018), "Applying the Delta Method in Metric Analytics".
    """
    total = total_variance(control, variant)
    if not total:
        return None
    return normal_two_sided((variant.value - control.value) / math.sqrt(total))


@defined
def wald_interval(control: Estimate, variant: Estimate, alpha: float = 0.05) -> Interval | None:
    """difference ± z·√V, each arm with its own variance (Wald 1943). A point when V is 0."""
    z = normal_critical(share("alpha", alpha))
    total = total_variance(control, variant)
    if total is None:
        return None
    return _around(variant.value - control.value, z * math.sqrt(total))


@defined
def lift(control: Estimate, variant: Estimate) -> float | None:
    """(b − a) / |a|: positive when the variant is higher, whatever the sign of a. None at a = 0."""
    return (variant.value - control.value) / abs(control.value)


@defined
def delta_lift_interval(
    control: Estimate, variant: Estimate, alpha: float = 0.05
) -> Interval | None:
    """lift ± z·√(V_b + (b/a)²·V_a) / |a|; None at a = 0 or with an unknown variance.

    Delta method for a ratio of independent means: Deng, Knoblich & Lu (2018).
    """
    z = normal_critical(share("alpha", alpha))
    middle = lift(control, variant)
    if middle is None or control.variance is None or variant.variance is None:
        return None
    times = variant.value / control.value
    variance = variant.variance + times * times * control.variance
    return _around(middle, z * math.sqrt(variance) / abs(control.value))


def is_lift_rough(control: Estimate) -> bool:
    """Whether the control is known too badly for a delta-method lift: SE(a) / |a| ≥ 0.1.

    The ratio's own skewness is then no longer small (Kohavi, Tang & Xu 2020, ch. 18).
    """
    if not control.variance:
        return False
    return math.sqrt(control.variance) >= 0.1 * abs(control.value)


def _around(middle: float, half: float) -> Interval:
    return middle - half, middle + half
