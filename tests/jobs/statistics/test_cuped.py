"""CUPED against a regression, and on moments by hand."""

import numpy as np
import pytest
import statsmodels.api as sm

from jobs.statistics import Mean, PrePost, compare, cuped, cuped_theta


def raw_arms() -> list[tuple[list[float], list[float]]]:
    rng = np.random.default_rng(2)
    arms = []
    for n, effect in ((900, 0.0), (1_100, 0.6), (400, 1.0)):
        before = rng.gamma(2, 3, n)
        after = 0.8 * before + rng.normal(effect, 2, n)
        arms.append((list(map(float, before)), list(map(float, after))))
    return arms


def test_theta_is_the_slope_of_a_regression_with_the_arms_in_it() -> None:
    raw = raw_arms()
    before = np.concatenate([b for b, _ in raw])
    after = np.concatenate([a for _, a in raw])
    arm = np.repeat(np.arange(3), [len(b) for b, _ in raw])
    design = np.column_stack([before, *(arm == i for i in range(3))]).astype(float)
    theta = sm.OLS(after, design).fit().params[0]
    assert cuped_theta(arms=[PrePost.of(*r) for r in raw]) == pytest.approx(theta, rel=1e-10, abs=0)


def test_adjusted_moments_are_those_of_adjusted_values() -> None:
    raw = raw_arms()
    arms = [PrePost.of(*r) for r in raw]
    theta = cuped_theta(arms=arms)
    centre = np.mean(np.concatenate([b for b, _ in raw]))
    for (before, after), ours in zip(raw, cuped(arms=arms), strict=True):
        values = np.array(after) - theta * (np.array(before) - centre)
        expected = Mean.of(list(values))
        assert ours.n == expected.n
        assert ours.mean == pytest.approx(expected.mean, rel=1e-12, abs=0)
        assert ours.m2 == pytest.approx(expected.m2, rel=1e-10, abs=0)


def test_adjusting_narrows_the_interval() -> None:
    raw = raw_arms()
    control, variant, _ = cuped(arms=[PrePost.of(*r) for r in raw])
    plain = compare(control=Mean.of(raw[0][1]), variant=Mean.of(raw[1][1]))
    adjusted = compare(control=control, variant=variant)
    assert plain.difference_ci is not None
    assert adjusted.difference_ci is not None
    width = plain.difference_ci[1] - plain.difference_ci[0]
    assert adjusted.difference_ci[1] - adjusted.difference_ci[0] < 0.7 * width


def test_cuped_by_hand() -> None:
    arms = [PrePost(10, 2.0, 5.0, 20.0, 40.0, 10.0), PrePost(30, 4.0, 7.0, 60.0, 90.0, 30.0)]
    assert cuped_theta(arms=arms) == 0.5
    control, variant = cuped(arms=arms)
    assert control == Mean(10, 5.0 - 0.5 * (2.0 - 3.5), 40 - 10 + 5)
    assert variant == Mean(30, 7.0 - 0.5 * (4.0 - 3.5), 90 - 30 + 15)


def test_a_covariate_that_does_not_vary_changes_nothing() -> None:
    arms = [PrePost(10, 2.0, 5.0, 0.0, 40.0, 0.0), PrePost(0, 0.0, 0.0, 0.0, 0.0, 0.0)]
    assert cuped(arms=arms) == [Mean(10, 5.0, 40.0), Mean(0, 0.0, 0.0)]
    assert cuped(arms=[]) == []
