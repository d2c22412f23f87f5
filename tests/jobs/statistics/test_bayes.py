"""Posterior chances and losses against finite sums and integrals in 40 digits."""

from itertools import product

import mpmath
import pytest
from scipy import integrate, stats

from jobs.statistics import Mean, Proportion, Ratio, chance_to_be_best, compare

PAIRS = [
    ((0, 0), (0, 0)),
    ((1, 0), (1, 1)),
    ((500, 0), (500, 7)),
    ((100, 0), (100, 100)),
    ((1_000, 100), (1_000, 130)),
    ((1_000, 130), (1_000, 100)),
    ((40, 39), (35, 35)),
    ((1_000_000, 100), (1_000_000, 140)),
    ((1_000_000, 180), (1_000_000, 60)),
    ((1_000_000, 999_900), (900_000, 899_880)),
    ((30, 3), (1_000_000, 130)),
    ((2_000, 160), (1_000_000, 85)),
    ((100_000, 300), (100_000, 700)),
]


def log_beta(a: int, b: int) -> mpmath.mpf:
    return mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)


def chance_above(a: tuple[int, int], b: tuple[int, int]) -> mpmath.mpf:
    """P(Beta(b) > Beta(a)): Miller (2015), a sum of b[0] terms."""
    (aa, ab), (ba, bb) = a, b
    return mpmath.fsum(
        mpmath.exp(log_beta(aa + i, bb + ab) - log_beta(1 + i, bb) - log_beta(aa, ab)) / (bb + i)
        for i in range(ba)
    )


def exact(control: tuple[int, int], variant: tuple[int, int]) -> tuple[float, float, float]:
    """Chance to beat control, loss of choosing the variant, loss of choosing control."""
    (na, xa), (nb, xb) = control, variant
    if xb > nb / 2 and nb > 1_000:  # fewer terms when counting who did not convert
        chance, gain, loss = exact((na, na - xa), (nb, nb - xb))
        return 1 - chance, loss, gain
    with mpmath.workdps(150):
        a, b = (1 + xa, 1 + na - xa), (1 + xb, 1 + nb - xb)
        mean_a, mean_b = mpmath.mpf(a[0]) / sum(a), mpmath.mpf(b[0]) / sum(b)
        chance = chance_above(a, b)
        gain = mean_b * chance_above(a, (b[0] + 1, b[1])) - mean_a * chance_above(
            (a[0] + 1, a[1]), b
        )
        return float(chance), float(gain - (mean_b - mean_a)), float(gain)


@pytest.mark.parametrize(("control", "variant"), PAIRS)
def test_proportions_agree_with_the_closed_form(
    control: tuple[int, int], variant: tuple[int, int]
) -> None:
    ours = compare(control=Proportion(*control), variant=Proportion(*variant))
    chance, loss_variant, loss_control = exact(control, variant)
    assert ours.chance_to_beat_control == pytest.approx(chance, rel=1e-10, abs=0)
    assert ours.expected_loss_variant == pytest.approx(loss_variant, rel=1e-10, abs=0)
    assert ours.expected_loss_control == pytest.approx(loss_control, rel=1e-10, abs=0)


def test_two_empty_arms_are_a_coin_flip() -> None:
    ours = compare(control=Proportion(0, 0), variant=Proportion(0, 0))
    assert ours.chance_to_beat_control == pytest.approx(1 / 2, rel=1e-14, abs=0)
    assert ours.expected_loss_variant == pytest.approx(1 / 6, rel=1e-14, abs=0)
    assert ours.expected_loss_control == pytest.approx(1 / 6, rel=1e-14, abs=0)


def test_small_chances_and_losses_keep_their_digits() -> None:
    control, variant = (4_000, 400), (4_000, 150)
    ours = compare(control=Proportion(*control), variant=Proportion(*variant))
    chance, _, loss_control = exact(control, variant)
    assert 0 < chance < 1e-25
    assert ours.chance_to_beat_control == pytest.approx(chance, rel=1e-9, abs=0)
    assert ours.expected_loss_control == pytest.approx(loss_control, rel=1e-9, abs=0)


def test_hopeless_variant_has_no_chance_left() -> None:
    far = compare(control=Proportion(225_154, 220_263), variant=Proportion(5_395_851, 1_616_378))
    assert far.chance_to_beat_control == 0.0
    assert far.expected_loss_control == 0.0


MEANS = [
    Mean(100, 12.0, 900.0),
    Mean(80, 12.4, 2_500.0),
    Mean(5_000, 14.0, 700.0),
    Mean(50, -3.0, 40.0),
]


@pytest.mark.parametrize(("control", "variant"), list(product(MEANS, MEANS)))
def test_means_agree_with_the_normal_integral(control: Mean, variant: Mean) -> None:
    ours = compare(control=control, variant=variant)
    with mpmath.workdps(60):
        scale = mpmath.sqrt(
            sum(mpmath.mpf(arm.m2) / (arm.n - 1) / arm.n for arm in (control, variant))
        )
        gap = mpmath.mpf(variant.mean) - control.mean
        z = gap / scale
        density = mpmath.npdf(z)
        loss_variant = scale * (density - z * mpmath.ncdf(-z))
        loss_control = scale * (density + z * mpmath.ncdf(z))
        chance = mpmath.ncdf(z)
    assert ours.chance_to_beat_control == pytest.approx(float(chance), rel=1e-9, abs=1e-300)
    assert ours.expected_loss_variant == pytest.approx(float(loss_variant), rel=1e-9, abs=1e-300)
    assert ours.expected_loss_control == pytest.approx(float(loss_control), rel=1e-9, abs=1e-300)


def test_best_of_two_is_the_chance_to_beat_control() -> None:
    arms = [Proportion(1_000, 100), Proportion(1_000, 130)]
    chance = compare(control=arms[0], variant=arms[1]).chance_to_beat_control
    assert chance is not None
    assert chance_to_be_best(arms=arms) == pytest.approx([1 - chance, chance], rel=1e-11, abs=0)


@pytest.mark.parametrize(
    "arms",
    [
        [(100, 10), (100, 12), (50, 9)],
        [(0, 0), (20, 20), (1_000, 980), (10, 9)],
        [(100_000, 120), (90_000, 130), (110_000, 118), (3_000, 2)],
    ],
)
def test_best_of_several_proportions_agrees_with_scipy(arms: list[tuple[int, int]]) -> None:
    posteriors = [stats.beta(1 + x, 1 + n - x) for n, x in arms]
    ours = chance_to_be_best(arms=[Proportion(*arm) for arm in arms])
    for i, one in enumerate(posteriors):
        rivals = [p for j, p in enumerate(posteriors) if j != i]

        def integrand(t: float, one=one, rivals=rivals) -> float:  # type: ignore[no-untyped-def]
            value = one.pdf(t)
            for rival in rivals:
                value *= rival.cdf(t)
            return float(value)

        points = [one.ppf(q) for q in (1e-9, 0.01, 0.5, 0.99, 1 - 1e-9)]
        expected = integrate.quad(
            integrand, 0, min(1, 2 * points[-1]), points=points, epsrel=1e-11, limit=500
        )
        assert ours[i] == pytest.approx(expected[0], rel=1e-8, abs=1e-12)


def test_chances_to_be_best_sum_to_one() -> None:
    chances = chance_to_be_best(arms=[*MEANS, Mean(3, 30.0, 900.0)])
    assert sum(c for c in chances if c is not None) == pytest.approx(1, rel=1e-12, abs=0)


def test_best_of_ratios_uses_their_delta_variance() -> None:
    arms = [Ratio(101, 6.0, 2.0, 900.0, 100.0, 200.0), Ratio(101, 7.0, 2.0, 900.0, 100.0, 200.0)]
    expected = compare(control=arms[0], variant=arms[1]).chance_to_beat_control
    assert chance_to_be_best(arms=arms)[1] == pytest.approx(expected, rel=1e-12, abs=0)


def test_an_arm_that_does_not_vary_is_a_point() -> None:
    arms = [Mean(100, 1.0, 10.0), Mean(100, 1.01, 0.0), Mean(50, 1.02, 30.0)]
    errors = [(10 / 99 / 100) ** 0.5, (30 / 49 / 50) ** 0.5]
    below = stats.norm.cdf((1.01 - 1.0) / errors[0]) * stats.norm.cdf((1.01 - 1.02) / errors[1])
    chances = chance_to_be_best(arms=arms)
    assert chances[1] == pytest.approx(below, rel=1e-12, abs=0)
    assert sum(c for c in chances if c is not None) == pytest.approx(1, rel=1e-11, abs=0)
    hopeless = [Mean(9, 0.0, 0.0), *arms]
    assert chance_to_be_best(arms=hopeless) == pytest.approx([0.0, *chances], rel=1e-12, abs=0)


def test_arms_of_very_different_certainty() -> None:
    arms = [Mean(10, 5.0, 1e-14), Mean(10, 5.0, 1e300)]
    assert chance_to_be_best(arms=arms) == pytest.approx([0.5, 0.5], rel=1e-9, abs=0)


@pytest.mark.parametrize("m2", [1e-12, 1e-40, 1e-237, 1e-310])
def test_an_arm_that_hardly_varies_is_nearly_a_point(m2: float) -> None:
    chances = chance_to_be_best(arms=[Mean(2, 0.0, m2), Mean(2, 1.0, 1.0)])
    below = stats.norm.cdf(-(2**0.5))
    assert chances == pytest.approx([below, 1 - below], rel=1e-6, abs=0)


def test_best_is_unknown_when_an_arm_has_no_posterior() -> None:
    assert chance_to_be_best(arms=[Mean(1, 5.0, 0.0), Mean(9, 5.0, 3.0)]) == [None, None]
    assert chance_to_be_best(arms=[Mean(9, 5.0, 0.0), Mean(9, 5.0, 0.0)]) == [None, None]


def test_one_arm_is_best_and_none_is_nothing() -> None:
    assert chance_to_be_best(arms=[Proportion(10, 2)]) == pytest.approx([1.0], rel=1e-12, abs=0)
    assert chance_to_be_best(arms=[Mean(10, 2.0, 3.0)]) == pytest.approx([1.0], rel=1e-12, abs=0)
    assert chance_to_be_best(arms=[]) == []


def test_mixed_arms_are_refused() -> None:
    with pytest.raises(TypeError, match="one kind"):
        chance_to_be_best(arms=[Proportion(10, 2), Mean(10, 2.0, 3.0)])
