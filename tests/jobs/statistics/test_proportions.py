"""Two proportions against statsmodels and 40-digit arithmetic."""

from itertools import product

import mpmath
import pytest
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)

from jobs.statistics import Proportion, compare, wilson

ARMS = [
    Proportion(1, 0),
    Proportion(1, 1),
    Proportion(7, 3),
    Proportion(500, 0),
    Proportion(500, 7),
    Proportion(520, 520),
    Proportion(1_000, 101),
    Proportion(40_000, 39_990),
    Proportion(1_000_000, 113),
]
GRID = list(product(ARMS, ARMS, [0.05, 0.001, 0.2]))


def counts(control: Proportion, variant: Proportion) -> tuple[int, int, int, int]:
    return variant.conversions, variant.n, control.conversions, control.n


@pytest.mark.parametrize(("control", "variant", "alpha"), GRID)
def test_differences_agree_with_statsmodels(
    control: Proportion, variant: Proportion, alpha: float
) -> None:
    ours = compare(control=control, variant=variant, alpha=alpha)
    args = counts(control, variant)
    assert ours.difference_ci == pytest.approx(
        confint_proportions_2indep(*args, method="newcomb", compare="diff", alpha=alpha),
        rel=1e-9,
        abs=1e-13,
    )
    assert ours.difference_ci_wald == pytest.approx(
        confint_proportions_2indep(*args, method="wald", compare="diff", alpha=alpha),
        rel=1e-9,
        abs=1e-15,
    )


@pytest.mark.parametrize(("control", "variant", "alpha"), GRID[::3])
def test_pooled_z_agrees_with_statsmodels_wherever_anybody_differs(
    control: Proportion, variant: Proportion, alpha: float
) -> None:
    hits, n = control.conversions + variant.conversions, control.n + variant.n
    p_value = compare(control=control, variant=variant).p_value
    if hits in (0, n):
        assert p_value is None
    else:
        sizes = [variant.n, control.n]
        _, expected = proportions_ztest([variant.conversions, control.conversions], sizes)
        assert p_value == pytest.approx(expected, rel=1e-8, abs=1e-300)


@pytest.mark.parametrize(("control", "variant", "alpha"), GRID)
def test_katz_interval_agrees_with_statsmodels_where_both_converted(
    control: Proportion, variant: Proportion, alpha: float
) -> None:
    ours = compare(control=control, variant=variant, alpha=alpha).lift_ci
    if not control.conversions or not variant.conversions:
        assert ours is None
        return
    low, high = confint_proportions_2indep(
        *counts(control, variant), method="log", compare="ratio", alpha=alpha, correction=False
    )
    assert ours == pytest.approx((low - 1, high - 1), rel=1e-8, abs=1e-11)


@pytest.mark.parametrize(("arm", "alpha"), list(product(ARMS, [0.05, 0.001])))
def test_wilson_agrees_with_statsmodels(arm: Proportion, alpha: float) -> None:
    expected = proportion_confint(arm.conversions, arm.n, alpha=alpha, method="wilson")
    assert wilson(arm, alpha) == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_wilson_is_exact_at_the_ends_and_none_without_visitors() -> None:
    nobody, everybody = wilson(Proportion(30, 0)), wilson(Proportion(30, 30))
    assert nobody is not None
    assert everybody is not None
    assert nobody[0] == 0.0
    assert everybody[1] == 1.0
    assert wilson(Proportion(0, 0)) is None


@pytest.mark.parametrize(
    ("control", "variant"),
    [((1_000, 100), (900, 400)), ((50_000, 900), (50_000, 2_700)), ((600, 2), (650, 640))],
)
def test_small_p_values_keep_their_digits(
    control: tuple[int, int], variant: tuple[int, int]
) -> None:
    (na, xa), (nb, xb) = control, variant
    with mpmath.workdps(40):
        pooled = mpmath.mpf(xa + xb) / (na + nb)
        spread = pooled * (1 - pooled) * (mpmath.mpf(1) / na + mpmath.mpf(1) / nb)
        z = (mpmath.mpf(xb) / nb - mpmath.mpf(xa) / na) / mpmath.sqrt(spread)
        expected = float(mpmath.erfc(abs(z) / mpmath.sqrt(2)))
    assert 0 < expected < 1e-20
    ours = compare(control=Proportion(*control), variant=Proportion(*variant)).p_value
    assert ours == pytest.approx(expected, rel=1e-9, abs=0)


@pytest.mark.parametrize(("control", "variant"), list(product(ARMS, ARMS)))
def test_delta_interval_of_the_lift_is_the_textbook_sum(
    control: Proportion, variant: Proportion
) -> None:
    ours = compare(control=control, variant=variant).lift_ci_delta
    if not control.conversions:
        assert ours is None
        return
    with mpmath.workdps(40):
        a, b = (mpmath.mpf(arm.conversions) / arm.n for arm in (control, variant))
        va, vb = a * (1 - a) / control.n, b * (1 - b) / variant.n
        half = mpmath.sqrt(vb / a**2 + b**2 * va / a**4) * mpmath.mpf("1.959963984540054235524")
        expected = (float((b - a) / a - half), float((b - a) / a + half))
    assert ours == pytest.approx(expected, rel=1e-9, abs=1e-14)


def test_control_without_conversions_has_all_but_a_lift() -> None:
    ours = compare(control=Proportion(500, 0), variant=Proportion(500, 7))
    assert ours.difference == pytest.approx(0.014)
    assert ours.difference_ci == pytest.approx((0.0035117971, 0.0286130691), rel=1e-8, abs=0)
    assert ours.p_value == pytest.approx(0.007929422297591835)
    assert ours.sequential_ci is not None
    assert (ours.lift, ours.lift_ci, ours.lift_ci_delta) == (None, None, None)
    assert ours.reason is not None
    assert "no lift" in ours.reason


def test_variant_without_conversions_has_a_lift_but_no_log_interval() -> None:
    ours = compare(control=Proportion(500, 7), variant=Proportion(500, 0))
    assert ours.lift == -1.0
    assert ours.lift_ci is None
    assert ours.reason == "the variant has no conversions, so no lift interval"


def test_an_arm_without_visitors_leaves_only_what_the_prior_says() -> None:
    ours = compare(control=Proportion(0, 0), variant=Proportion(0, 0))
    assert ours.difference is None
    assert ours.difference_ci is None
    assert ours.p_value is None
    assert ours.chance_to_beat_control == pytest.approx(0.5)
    assert ours.expected_loss_variant == pytest.approx(1 / 6)
    assert ours.reason == "the control has no visitors; the variant has no visitors"


def test_everything_given_has_no_reason() -> None:
    assert compare(control=Proportion(1000, 100), variant=Proportion(1000, 130)).reason is None


def test_a_control_known_to_a_tenth_or_worse_makes_the_lift_rough() -> None:
    assert compare(control=Proportion(900, 89), variant=Proportion(900, 90)).is_lift_rough
    assert not compare(control=Proportion(901, 91), variant=Proportion(900, 90)).is_lift_rough
