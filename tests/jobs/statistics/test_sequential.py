"""The confidence sequence against its formula in 40 digits."""

import math
from itertools import product

import mpmath
import pytest

from jobs.statistics import Mean, Proportion, compare

CASES = [
    (Proportion(1_000, 100), Proportion(1_100, 143), 100 * 900 / 1e9 + 143 * 957 / 1100**3),
    (Proportion(500, 0), Proportion(500, 7), 7 * 493 / 500**3),
    (Proportion(1_000_000, 100), Proportion(1_000_000, 170), (1e8 - 1e4 + 1.7e8 - 28900) / 1e18),
    (Mean(800, 12.5, 81_000.0), Mean(790, 9.5, 70_000.0), 81e3 / 799 / 800 + 7e4 / 789 / 790),
    (Mean(50, 4.0, 0.0), Mean(60, 5.0, 90.0), 90 / 59 / 60),
]


@pytest.mark.parametrize(("case", "alpha"), list(product(CASES, [0.05, 0.01, 0.3])))
def test_interval_and_p_value_follow_the_paper(
    case: tuple[Mean, Mean, float], alpha: float
) -> None:
    control, variant, variance = case
    ours = compare(control=control, variant=variant, alpha=alpha)
    assert ours.difference is not None
    with mpmath.workdps(40):
        level, n = mpmath.mpf(alpha), control.n + variant.n
        rho2 = (-2 * mpmath.log(level) + mpmath.log(1 - 2 * mpmath.log(level))) / 5000
        grown = n * rho2 + 1
        width = mpmath.sqrt(2 * grown / (n**2 * rho2) * mpmath.log(mpmath.sqrt(grown) / level))
        half = mpmath.sqrt(mpmath.mpf(variance) * n) * width
        z2 = mpmath.mpf(ours.difference) ** 2 / variance
        p_value = mpmath.sqrt(grown) * mpmath.exp(-z2 * n * rho2 / (2 * grown))
        low, high = float(ours.difference - half), float(ours.difference + half)
    assert ours.sequential_ci == pytest.approx((low, high), rel=1e-9, abs=0)
    assert ours.sequential_p_value == pytest.approx(min(1.0, float(p_value)), rel=1e-9, abs=0)


def test_interval_by_hand() -> None:
    ours = compare(control=Proportion(2_500, 250), variant=Proportion(2_500, 300))
    rho2 = (2 * math.log(20) + math.log(1 + 2 * math.log(20))) / 5000
    variance = 0.1 * 0.9 / 2500 + 0.12 * 0.88 / 2500
    grown = 5000 * rho2 + 1
    half = math.sqrt(
        variance * 5000 * 2 * grown / (5000**2 * rho2) * math.log(math.sqrt(grown) * 20)
    )
    assert half == pytest.approx(0.026847, rel=1e-4, abs=0)
    assert ours.sequential_ci == pytest.approx((0.02 - half, 0.02 + half), rel=1e-12, abs=0)


@pytest.mark.parametrize("conversions", range(100, 260, 10))
def test_p_value_and_interval_agree_on_what_is_significant(conversions: int) -> None:
    ours = compare(control=Proportion(1_000, 100), variant=Proportion(1_000, conversions))
    assert ours.sequential_ci is not None
    assert ours.sequential_p_value is not None
    assert (ours.sequential_p_value <= 0.05) == (ours.sequential_ci[0] >= 0)


def test_tiny_p_values_do_not_vanish_early() -> None:
    ours = compare(control=Proportion(10_000, 100), variant=Proportion(10_000, 1_500))
    assert ours.sequential_p_value is not None
    assert 0 < ours.sequential_p_value < 1e-200


def test_arms_without_variance_have_no_sequence() -> None:
    ours = compare(control=Proportion(500, 0), variant=Proportion(500, 500))
    assert (ours.sequential_ci, ours.sequential_p_value) == (None, None)
