"""χ² against planned weights, and corrections for several comparisons."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from jobs.statistics import benjamini_hochberg, holm, srm, srm_alarm


@pytest.mark.parametrize(
    ("observed", "weights"),
    [
        ([500, 600], [1, 1]),
        ([5_000, 5_300], [0.5, 0.5]),
        ([9_100, 900], [0.9, 0.1]),
        ([3, 0, 2], [2, 1, 1]),
        ([120_000, 40_500, 39_000, 1], [60, 20, 20, 0.001]),
        ([100_000, 90_000], [50, 50]),
    ],
)
def test_srm_agrees_with_scipy(observed: list[int], weights: list[float]) -> None:
    expected = np.array(weights) / sum(weights) * sum(observed)
    ours = srm(observed=observed, weights=weights)
    assert ours == pytest.approx(stats.chisquare(observed, expected).pvalue, rel=1e-9, abs=0)


def test_srm_is_one_when_the_plan_is_met_exactly() -> None:
    assert srm(observed=[300, 100], weights=[3, 1]) == 1.0


def test_small_srm_p_values_keep_their_digits() -> None:
    ours = srm(observed=[5_300, 4_700], weights=[1, 1])
    assert ours == pytest.approx(math.erfc(math.sqrt(36 / 2)), rel=1e-12, abs=0)
    assert ours == pytest.approx(1.9731752898e-9, rel=1e-9, abs=0)


@pytest.mark.parametrize(
    ("observed", "weights"),
    [([], []), ([5], [1]), ([0, 0], [1, 1]), ([5, 5], [0, 0]), ([5, 5], [1, 0])],
)
def test_srm_is_undefined(observed: list[int], weights: list[float]) -> None:
    assert srm(observed=observed, weights=weights) is None


def test_an_arm_planned_and_seen_empty_is_left_out() -> None:
    assert srm(observed=[60, 40, 0], weights=[1, 1, 0]) == srm(observed=[60, 40], weights=[1, 1])


@pytest.mark.parametrize(
    ("observed", "weights"),
    [([-1, 5], [1, 1]), ([1, 5], [1, -1]), ([1, 5], [1, math.nan]), ([1, 5], [1, 1, 1])],
)
def test_impossible_srm_input_is_refused(observed: list[int], weights: list[float]) -> None:
    with pytest.raises(ValueError, match=r"observed|weights"):
        srm(observed=observed, weights=weights)


@pytest.mark.parametrize(
    ("observed", "weights", "alarm"),
    [
        ([5_300, 4_700], [1, 1], True),
        ([5_100, 4_900], [1, 1], False),
        ([15, 0], [1, 1], False),  # 7.5 planned per arm
        ([16, 0], [1, 1], True),
        ([5_000, 0], [1, 1], True),
        ([900, 100], [9, 1], False),
        ([5_000, 5_000, 7], [1, 1, 0], False),
        ([5_000, 5_000, 8], [1, 1, 0], True),
        ([8, 8], [0, 0], False),
        ([], [], False),
    ],
)
def test_alarm_needs_certainty_and_eight_planned_per_arm(
    observed: list[int], weights: list[float], alarm: bool
) -> None:
    assert srm_alarm(observed=observed, weights=weights) is alarm


FAMILIES = [
    [0.01, 0.04, 0.03, 0.005],
    [0.04, 0.039, 0.041],
    [0.5, 0.9, 0.2, 1.0, 0.0],
    [0.02],
    [1e-300, 0.3, 0.3, 0.049, 0.0125, 0.0126],
]


@pytest.mark.parametrize("p_values", FAMILIES)
def test_corrections_agree_with_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(
        multipletests(p_values, method="holm")[1], rel=1e-12, abs=0
    )
    assert benjamini_hochberg(p_values) == pytest.approx(
        multipletests(p_values, method="fdr_bh")[1], rel=1e-12, abs=0
    )


def test_none_passes_through_and_does_not_count() -> None:
    assert holm([None, 0.01, None, 0.03]) == [None, 0.02, None, 0.03]
    assert benjamini_hochberg([None, 0.01, None, 0.03]) == [None, 0.02, None, 0.03]
    assert holm([]) == benjamini_hochberg([]) == []
    assert holm([None]) == [None]


@pytest.mark.parametrize("p_value", [-0.1, 1.1, math.nan])
def test_impossible_p_values_are_refused(p_value: float) -> None:
    with pytest.raises(ValueError, match="p_values"):
        holm([0.5, p_value])
