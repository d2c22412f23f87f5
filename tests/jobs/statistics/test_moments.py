"""Moments merge to what one pass over all values finds, and impossible ones are refused."""

import math
from functools import reduce
from operator import add

import pytest

from jobs.statistics import Mean, PrePost, Proportion, Ratio


def test_mean_of_values_is_n_mean_and_squared_deviations() -> None:
    assert Mean.of([2.0, 4.0, 9.0]) == Mean(n=3, mean=5.0, m2=26.0)


def test_ratio_of_pairs_has_the_cross_moment() -> None:
    assert Ratio.of([2.0, 4.0, 9.0], [1.0, 1.0, 4.0]) == Ratio(3, 5.0, 2.0, 26.0, 6.0, 12.0)


def test_merged_means_equal_one_pass() -> None:
    parts = [[2.0, 4.0, 9.0], [1.0], [], [7.0, 7.5]]
    merged = reduce(add, map(Mean.of, parts))
    whole = Mean.of([x for part in parts for x in part])
    assert merged.n == 6
    assert merged.mean == pytest.approx(whole.mean, rel=1e-14, abs=0)
    assert merged.m2 == pytest.approx(whole.m2, rel=1e-14, abs=0)


def test_merged_ratios_equal_one_pass_and_stay_ratios() -> None:
    left, right = ([2.0, 4.0, 9.0], [1.0, 1.0, 4.0]), ([5.0, 0.0], [2.0, 3.0])
    merged = Ratio.of(*left) + Ratio.of(*right)
    whole = Ratio.of(left[0] + right[0], left[1] + right[1])
    assert isinstance(merged, Ratio)
    assert merged.m_xy == pytest.approx(whole.m_xy, rel=1e-14, abs=0)
    assert merged.m2_x == pytest.approx(whole.m2_x, rel=1e-14, abs=0)
    assert merged.m2_y == pytest.approx(whole.m2_y, rel=1e-14, abs=0)
    assert (merged.mean_x, merged.mean_y) == pytest.approx((whole.mean_x, whole.mean_y))


def test_merged_proportions_add_up() -> None:
    assert Proportion(10, 3) + Proportion(5, 1) == Proportion(15, 4)


def test_merging_with_an_empty_arm_changes_nothing() -> None:
    some, none = Mean(3, 5.0, 26.0), Mean(0, 0.0, 0.0)
    assert some + none == none + some == some
    joint, empty = Ratio(3, 5.0, 2.0, 26.0, 6.0, 12.0), Ratio(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert joint + empty == empty + joint == joint


def test_merging_many_large_values_keeps_the_small_variance() -> None:
    values = [1e9 + (i % 2) for i in range(1000)]
    merged = reduce(add, (Mean.of([x]) for x in values))
    assert merged.m2 == pytest.approx(250.0, rel=1e-8, abs=0)


@pytest.mark.parametrize(
    ("build", "named"),
    [
        (lambda: Proportion(-1, 0), "n must"),
        (lambda: Proportion(10, -2), "conversions must"),
        (lambda: Proportion(10, 11), "conversions"),
        (lambda: Proportion(10.5, 2), "n must"),  # type: ignore[arg-type]
        (lambda: Proportion(math.nan, 2), "n must"),  # type: ignore[arg-type]
        (lambda: Proportion(math.inf, 2), "n must"),  # type: ignore[arg-type]
        (lambda: Proportion(10**400, 2), "n must"),
        (lambda: Mean(-1, 0.0, 0.0), "n must"),
        (lambda: Mean(2, math.nan, 0.0), "mean must"),
        (lambda: Mean(2, 10**400, 0.0), "mean must"),
        (lambda: Mean(2, 1.0, -0.1), "m2 must"),
        (lambda: Mean(2, 1.0, math.inf), "m2 must"),
        (lambda: Ratio(2, math.nan, 1.0, 0.0, 0.0, 0.0), "mean_x must"),
        (lambda: Ratio(2, 1.0, 1.0, -1.0, 0.0, 0.0), "m2_x must"),
        (lambda: Ratio(2, 1.0, 1.0, 4.0, 9.0, 6.1), "m_xy"),
        (lambda: PrePost(2, 1.0, math.inf, 4.0, 9.0, 6.0), "mean_y must"),
    ],
)
def test_impossible_moments_are_refused_by_name(build: object, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        build()  # type: ignore[operator]


def test_perfectly_correlated_moments_are_possible() -> None:
    assert Ratio(3, 1.0, 1.0, 4.0, 9.0, 6.0).m_xy == 6.0
