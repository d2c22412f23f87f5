"""Welch's t against scipy, statsmodels and 40-digit arithmetic; the delta method for ratios."""

import math
from itertools import product

import mpmath
import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from jobs.statistics import Mean, Proportion, Ratio, compare

Z = 1.959963984540054

ARMS = [
    Mean(2, 3.0, 0.5),
    Mean(2, -3.0, 12.5),
    Mean(17, 0.4, 90.0),
    Mean(800, 12.5, 81_000.0),
    Mean(1_000_000, 12.6, 6.4e8),
    Mean(90, 12.6, 0.0),
]
PAIRS = [(a, b) for a, b in product(ARMS, ARMS) if a.m2 or b.m2]


@pytest.mark.parametrize(("control", "variant"), PAIRS)
def test_welch_agrees_with_scipy(control: Mean, variant: Mean) -> None:
    ours = compare(control=control, variant=variant, alpha=0.01)
    deviations = [math.sqrt(arm.m2 / (arm.n - 1)) for arm in (variant, control)]
    expected = stats.ttest_ind_from_stats(
        variant.mean, deviations[0], variant.n, control.mean, deviations[1], control.n, False
    )
    assert ours.p_value == pytest.approx(expected.pvalue, rel=1e-9, abs=0)
    share_a = control.m2 / (control.n - 1) / control.n
    share_b = variant.m2 / (variant.n - 1) / variant.n
    df = (share_a + share_b) ** 2 / (share_a**2 / (control.n - 1) + share_b**2 / (variant.n - 1))
    half = stats.t.isf(0.005, df) * math.sqrt(share_a + share_b)
    gap = variant.mean - control.mean
    assert ours.difference_ci == pytest.approx((gap - half, gap + half), rel=1e-9, abs=1e-12)


def test_welch_agrees_with_statsmodels_on_raw_values() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.gamma(0.4, 30, 310), rng.gamma(0.5, 33, 275)
    ours = compare(control=Mean.of(list(a)), variant=Mean.of(list(b)))
    theirs = CompareMeans(DescrStatsW(b), DescrStatsW(a))
    assert ours.p_value == pytest.approx(theirs.ttest_ind(usevar="unequal")[1], rel=1e-9, abs=0)
    assert ours.difference_ci == pytest.approx(
        theirs.tconfint_diff(usevar="unequal"), rel=1e-9, abs=0
    )


@pytest.mark.parametrize(("gap", "n"), [(0.5, 4_000), (9.0, 12), (1.2, 600)])
def test_small_welch_p_values_keep_their_digits(gap: float, n: int) -> None:
    ours = compare(control=Mean(n, 0.0, n - 1.0), variant=Mean(n, gap, n - 1.0))
    with mpmath.workdps(40):
        df = mpmath.mpf(2 * n - 2)
        t2 = mpmath.mpf(gap) ** 2 * n / 2
        expected = mpmath.betainc(df / 2, mpmath.mpf(1) / 2, 0, df / (df + t2), regularized=True)
    assert expected < 1e-12
    assert ours.p_value == pytest.approx(float(expected), rel=1e-8, abs=0)


def test_lift_has_the_sign_of_the_change_when_control_is_negative() -> None:
    ours = compare(control=Mean(100, -5.0, 300.0), variant=Mean(120, -4.0, 500.0))
    assert ours.lift == pytest.approx(0.2)
    va, vb = 300 / 99 / 100, 500 / 119 / 120
    half = Z * math.sqrt(vb / 25 + 16 * va / 625)
    assert ours.lift_ci == pytest.approx((0.2 - half, 0.2 + half), rel=1e-12, abs=0)
    assert ours.lift_ci == ours.lift_ci_delta


def test_one_visitor_has_a_difference_and_a_lift_only() -> None:
    ours = compare(control=Mean(1, 5.0, 0.0), variant=Mean(40, 6.0, 80.0))
    assert (ours.difference, ours.lift) == (1.0, pytest.approx(0.2))
    assert ours.difference_ci is None
    assert ours.p_value is None
    assert ours.lift_ci is None
    assert ours.sequential_ci is None
    assert ours.chance_to_beat_control is None
    assert ours.reason == "the control has one visitor, so no variance"


def test_no_visitors_have_nothing() -> None:
    ours = compare(control=Mean(0, 0.0, 0.0), variant=Mean(40, 6.0, 80.0))
    assert (ours.difference, ours.lift, ours.p_value) == (None, None, None)
    assert ours.reason == "the control has no visitors"


def test_arms_that_do_not_vary_have_no_test() -> None:
    ours = compare(control=Mean(50, 4.0, 0.0), variant=Mean(60, 5.0, 0.0))
    assert (ours.difference, ours.lift) == (1.0, 0.25)
    assert ours.difference_ci_wald == (1.0, 1.0)
    assert (ours.difference_ci, ours.p_value, ours.sequential_ci) == (None, None, None)
    assert ours.reason == "neither arm varies, so no test"


def test_a_constant_with_rounding_noise_does_not_vary() -> None:
    a, b = Mean.of([0.1]), Mean.of([0.3 - 0.2])
    for _ in range(9):
        a, b = a + a, b + b
    noisy = Mean(a.n, a.mean, 1e-31)
    assert compare(control=noisy, variant=b).p_value is None


def test_one_arm_that_does_not_vary_still_has_a_test() -> None:
    ours = compare(control=Mean(50, 4.0, 0.0), variant=Mean(60, 5.0, 600.0))
    t = 1 / math.sqrt(600 / 59 / 60)
    assert ours.p_value == pytest.approx(2 * stats.t.sf(t, 59), rel=1e-10, abs=0)


def test_zero_control_has_a_difference_but_no_lift() -> None:
    ours = compare(control=Mean(50, 0.0, 20.0), variant=Mean(60, 0.3, 30.0))
    assert ours.difference == 0.3
    assert ours.p_value is not None
    assert (ours.lift, ours.lift_ci) == (None, None)
    assert ours.reason == "the control is 0, so no lift"


def raw_ratio_arms() -> list[tuple[list[float], list[float]]]:
    rng = np.random.default_rng(11)
    arms = []
    for n, price in ((400, 20.0), (350, 23.0)):
        orders = rng.poisson(1.3, n)
        revenue = orders * rng.gamma(4, price / 4, n)
        arms.append((list(map(float, revenue)), list(map(float, orders))))
    return arms


def test_ratio_is_x_over_y_with_the_variance_of_its_linearisation() -> None:
    (xa, ya), (xb, yb) = raw_ratio_arms()
    ours = compare(control=Ratio.of(xa, ya), variant=Ratio.of(xb, yb))

    def linear(xs: list[float], ys: list[float]) -> tuple[float, float]:
        ratio = sum(xs) / sum(ys)
        rest = (np.array(xs) - ratio * np.array(ys)) / np.mean(ys)
        return ratio, float(np.var(rest, ddof=1)) / len(xs)

    (a, va), (b, vb) = linear(xa, ya), linear(xb, yb)
    error = math.sqrt(va + vb)
    assert ours.difference == pytest.approx(b - a, rel=1e-12, abs=0)
    assert ours.p_value == pytest.approx(2 * stats.norm.sf(abs(b - a) / error), rel=1e-10, abs=0)
    assert ours.difference_ci == pytest.approx(
        (b - a - Z * error, b - a + Z * error), rel=1e-10, abs=0
    )
    half = Z * math.sqrt(vb / a**2 + b**2 * va / a**4)
    assert ours.lift_ci == pytest.approx((b / a - 1 - half, b / a - 1 + half), rel=1e-10, abs=0)
    assert ours.chance_to_beat_control == pytest.approx(stats.norm.cdf((b - a) / error))


def test_ratio_by_hand() -> None:
    arm = Ratio(n=101, mean_x=6.0, mean_y=2.0, m2_x=900.0, m2_y=100.0, m_xy=200.0)
    ours = compare(control=arm, variant=Ratio(101, 7.0, 2.0, 900.0, 100.0, 200.0))
    va = (9 - 2 * 3 * 2 + 9 * 1) / 101 / 4
    vb = (9 - 2 * 3.5 * 2 + 12.25) / 101 / 4
    assert ours.difference == 0.5
    assert ours.p_value == pytest.approx(2 * stats.norm.sf(0.5 / math.sqrt(va + vb)))


def test_ratio_with_a_constant_denominator_is_a_mean() -> None:
    ratio = compare(
        control=Ratio(80, 3.0, 1.0, 70.0, 0.0, 0.0), variant=Ratio(90, 3.4, 1.0, 95.0, 0.0, 0.0)
    )
    mean = compare(control=Mean(80, 3.0, 70.0), variant=Mean(90, 3.4, 95.0))
    assert ratio.lift_ci == pytest.approx(mean.lift_ci, rel=1e-12, abs=0)
    assert ratio.sequential_ci == pytest.approx(mean.sequential_ci, rel=1e-12, abs=0)


def test_ratio_over_zero_is_undefined() -> None:
    ours = compare(
        control=Ratio(80, 3.0, 0.0, 70.0, 0.0, 0.0), variant=Ratio(90, 3.4, 1.0, 95.0, 0.0, 0.0)
    )
    assert ours.difference is None
    assert ours.reason == "the control's denominator is 0"


def test_exactly_proportional_ratio_does_not_vary() -> None:
    xs, ys = [0.3, 0.6, 0.9, 1.5], [0.1, 0.2, 0.3, 0.5]
    assert compare(control=Ratio.of(xs, ys), variant=Ratio.of(xs, ys)).p_value is None


def test_arms_of_different_kinds_are_refused() -> None:
    with pytest.raises(TypeError, match="Mean against Proportion"):
        compare(control=Mean(2, 0.0, 0.0), variant=Proportion(2, 1))


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, math.nan])
def test_impossible_alpha_is_refused(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha"):
        compare(control=Proportion(5, 1), variant=Proportion(5, 2), alpha=alpha)
