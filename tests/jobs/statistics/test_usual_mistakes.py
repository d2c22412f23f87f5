"""Each usual mistake, written out: it gives another number than the oracle, and ours does not.

If a formula here were replaced by its mistaken sibling, its test would fail.
"""

import math
from functools import reduce
from operator import add

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from jobs.statistics import (
    Mean,
    Proportion,
    benjamini_hochberg,
    chance_to_be_best,
    compare,
    holm,
    srm,
)


def is_other(mistaken: float, ours: float | None) -> bool:
    """Whether the mistake would be seen at the precision the oracles are compared with."""
    assert ours is not None
    return mistaken != pytest.approx(ours, rel=1e-6, abs=0)


def test_unpooled_instead_of_pooled() -> None:
    ours = compare(control=Proportion(900, 30), variant=Proportion(400, 25)).p_value
    _, oracle = proportions_ztest([25, 30], [400, 900])
    a, b = 30 / 900, 25 / 400
    unpooled = 2 * stats.norm.sf((b - a) / math.sqrt(a * (1 - a) / 900 + b * (1 - b) / 400))
    assert ours == pytest.approx(oracle, rel=1e-9, abs=0)
    assert is_other(unpooled, ours)


def test_continuity_correction() -> None:
    ours = compare(control=Proportion(900, 30), variant=Proportion(400, 25)).p_value
    table = [[25, 375], [30, 870]]
    assert ours == pytest.approx(
        stats.chi2_contingency(table, correction=False)[1], rel=1e-9, abs=0
    )
    assert is_other(stats.chi2_contingency(table, correction=True)[1], ours)


def test_student_instead_of_welch() -> None:
    control, variant = Mean(200, 10.0, 199 * 4.0), Mean(40, 11.0, 39 * 25.0)
    ours = compare(control=control, variant=variant).p_value
    summary = (11.0, 5.0, 40, 10.0, 2.0, 200)
    welch = stats.ttest_ind_from_stats(*summary, equal_var=False).pvalue
    student = stats.ttest_ind_from_stats(*summary, equal_var=True).pvalue
    assert ours == pytest.approx(welch, rel=1e-9, abs=0)
    assert is_other(student, ours)


def test_normal_instead_of_t() -> None:
    ours = compare(control=Mean(12, 10.0, 44.0), variant=Mean(9, 12.0, 30.0))
    t = 2 / math.sqrt(44 / 11 / 12 + 30 / 8 / 9)
    assert is_other(2 * stats.norm.sf(t), ours.p_value)


def test_n_instead_of_n_minus_one() -> None:
    values = [[3.0, 5.0, 4.0, 9.0], [6.0, 9.0, 8.0, 8.5, 12.0]]
    ours = compare(control=Mean.of(values[0]), variant=Mean.of(values[1])).p_value
    oracle = stats.ttest_ind(values[1], values[0], equal_var=False).pvalue
    biased = stats.ttest_ind_from_stats(
        *(f(v) for v in reversed(values) for f in (np.mean, np.std, len)), equal_var=False
    ).pvalue
    assert ours == pytest.approx(oracle, rel=1e-9, abs=0)
    assert is_other(biased, ours)


def test_holm_without_the_running_maximum() -> None:
    p_values = [0.01, 0.02, 0.022, 0.04]
    naive = [(4 - rank) * p for rank, p in enumerate(p_values)]
    assert naive == pytest.approx([0.04, 0.06, 0.044, 0.04])
    ours = holm(p_values)
    assert ours == pytest.approx(multipletests(p_values, method="holm")[1], rel=1e-12, abs=0)
    assert ours == pytest.approx([0.04, 0.06, 0.06, 0.06])


def test_benjamini_hochberg_without_the_running_minimum() -> None:
    p_values = [0.01, 0.04, 0.041]
    naive = [p * 3 / (rank + 1) for rank, p in enumerate(p_values)]
    ours = benjamini_hochberg(p_values)
    assert ours == pytest.approx(multipletests(p_values, method="fdr_bh")[1], rel=1e-12, abs=0)
    assert is_other(naive[1], ours[1])


def test_srm_against_an_equal_split() -> None:
    ours = srm(observed=[9_020, 980], weights=[0.9, 0.1])
    assert ours == pytest.approx(
        stats.chisquare([9_020, 980], [9_000, 1_000]).pvalue, rel=1e-9, abs=0
    )
    assert ours is not None
    assert ours > 0.5
    assert stats.chisquare([9_020, 980]).pvalue < 1e-300


def test_variance_from_the_sum_of_squares() -> None:
    values = [1e9 + 0.1 * (i % 3) for i in range(3_000)]
    merged = reduce(add, (Mean.of(values[i : i + 100]) for i in range(0, 3_000, 100)))
    oracle = math.fsum((x - math.fsum(values) / 3_000) ** 2 for x in values)
    naive = sum(x * x for x in values) - sum(values) ** 2 / 3_000
    assert merged.m2 == pytest.approx(oracle, rel=1e-6, abs=0)
    assert is_other(naive, merged.m2)


def test_one_minus_cdf_underflows() -> None:
    ours = compare(control=Proportion(10_000, 500), variant=Proportion(10_000, 800)).p_value
    z, oracle = proportions_ztest([800, 500], [10_000, 10_000])
    mistaken = 2 * (1 - stats.norm.cdf(z))
    assert ours == pytest.approx(oracle, rel=1e-9, abs=0)
    assert mistaken == 0.0 != ours
    welch = compare(control=Mean(500, 0.0, 499.0), variant=Mean(500, 0.8, 499.0)).p_value
    t = 0.8 / math.sqrt(2 / 500)
    assert welch == pytest.approx(2 * stats.t.sf(t, 998), rel=1e-9, abs=0)
    assert is_other(2 * (1 - stats.t.cdf(t, 998)), welch)
    mismatch = srm(observed=[5_600, 4_400], weights=[1, 1])
    assert 1 - stats.chi2.cdf(144, 1) == 0.0
    assert mismatch == pytest.approx(stats.chi2.sf(144, 1), rel=1e-9, abs=0)


def test_lift_over_a_signed_control() -> None:
    ours = compare(control=Mean(100, -5.0, 300.0), variant=Mean(100, -4.0, 300.0)).lift
    assert ours == 0.2
    assert is_other((-4 - -5) / -5, ours)


def test_delta_interval_where_katz_is_meant() -> None:
    ours = compare(control=Proportion(300, 6), variant=Proportion(300, 9))
    assert ours.lift_ci is not None
    assert ours.lift_ci_delta is not None
    assert is_other(ours.lift_ci_delta[0], ours.lift_ci[0])
    low, high = (math.log1p(end) for end in ours.lift_ci)
    assert (low + high) / 2 == pytest.approx(
        math.log(1.5), rel=1e-12, abs=0
    )  # symmetric in the log


def test_simulated_chance_is_not_accurate_enough() -> None:
    arms = [Proportion(1_000, 100), Proportion(1_000, 130)]
    rng = np.random.default_rng(1)
    draws = [rng.beta(1 + a.conversions, 1 + a.n - a.conversions, 10_000) for a in arms]
    ours = chance_to_be_best(arms=arms)[1]
    assert is_other(float(np.mean(draws[1] > draws[0])), ours)
