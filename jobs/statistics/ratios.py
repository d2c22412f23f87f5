"""Ratio metrics, such as revenue per order: a ratio of two means over the same visitors."""

from jobs.statistics.domain import defined
from jobs.statistics.moments import Ratio

ROUNDING = 1e-14  # what is left of a variance that is 0 in exact arithmetic


@defined
def ratio(arm: Ratio) -> float | None:
    """R = mean_x / mean_y; None without visitors or when mean_y is 0."""
    return arm.mean_x / arm.mean_y if arm.n else None


@defined
def ratio_variance(arm: Ratio) -> float | None:
    """The variance of R: (s²x − 2R·s_xy + R²·s²y) / (n · mean_y²), None below two visitors.

    Delta method with the covariance of numerator and denominator: Deng, Knoblich & Lu (2018),
    "Applying the Delta Method in Metric Analytics" (KDD); s² and s_xy divide by n − 1.
    """
    value = ratio(arm)
    if arm.n < 2 or value is None:
        return None
    terms = (arm.m2_x, -2 * value * arm.m_xy, value * value * arm.m2_y)
    spread = sum(terms)
    if spread <= ROUNDING * sum(map(abs, terms)):
        return 0.0
    return spread / (arm.n - 1) / arm.n / arm.mean_y / arm.mean_y
