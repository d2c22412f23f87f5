"""Planning against statsmodels, and against the tests it plans for."""

import math

import pytest
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import (
    power_proportions_2indep,
    samplesize_proportions_2indep_onetail,
)

from jobs.statistics import (
    Proportion,
    achieved_power,
    compare,
    days_needed,
    minimum_detectable_lift,
    sample_size,
)


@pytest.mark.parametrize(
    ("baseline", "lift", "power", "alpha"),
    [
        (0.1, 0.1, 0.8, 0.05),
        (0.02, 0.25, 0.9, 0.01),
        (0.5, -0.06, 0.8, 0.1),
        (0.0004, 0.3, 0.8, 0.05),
        (0.97, 0.02, 0.95, 0.05),
    ],
)
def test_sample_size_of_rates_agrees_with_statsmodels(
    baseline: float, lift: float, power: float, alpha: float
) -> None:
    ours = sample_size(baseline=baseline, relative_lift=lift, power=power, alpha=alpha)
    theirs = samplesize_proportions_2indep_onetail(
        baseline * lift, baseline, power, alpha=alpha, alternative="two-sided"
    )
    assert ours == math.ceil(theirs)


def test_power_agrees_with_statsmodels() -> None:
    ours = achieved_power(baseline=0.1, relative_lift=0.1, n=9_000)
    theirs = power_proportions_2indep(0.01, 0.1, 9_000, return_results=False)
    assert ours == pytest.approx(theirs, rel=1e-4, abs=0)  # theirs adds the wrong direction's tail


def test_sample_size_of_means_agrees_with_statsmodels() -> None:
    ours = sample_size(baseline=40.0, relative_lift=0.05, standard_deviation=90.0)
    theirs = NormalIndPower().solve_power(effect_size=2 / 90, alpha=0.05, power=0.8)
    assert ours == math.ceil(theirs)


def test_textbook_case() -> None:
    assert sample_size(baseline=0.1, relative_lift=0.1) == 14_751


def test_more_arms_divide_alpha() -> None:
    assert sample_size(baseline=0.1, relative_lift=0.1, arms=4) == sample_size(
        baseline=0.1, relative_lift=0.1, alpha=0.05 / 3
    )


@pytest.mark.parametrize("deviation", [None, 0.7])
@pytest.mark.parametrize("peek_safe", [False, True])
@pytest.mark.parametrize("arms", [2, 3])
def test_detectable_lift_turns_sample_size_round(
    deviation: float | None, peek_safe: bool, arms: int
) -> None:
    lift = minimum_detectable_lift(
        baseline=0.2, n=7_000, standard_deviation=deviation, peek_safe=peek_safe, arms=arms
    )
    assert lift is not None
    n = sample_size(
        baseline=0.2,
        relative_lift=lift * (1 + 1e-9),
        standard_deviation=deviation,
        peek_safe=peek_safe,
        arms=arms,
    )
    assert n == 7_000
    power = achieved_power(
        baseline=0.2,
        relative_lift=lift,
        n=7_000,
        standard_deviation=deviation,
        peek_safe=peek_safe,
        arms=arms,
    )
    assert power == pytest.approx(0.8, rel=1e-6, abs=0)


def test_peek_safe_planning_is_what_the_peek_safe_interval_needs() -> None:
    n = sample_size(baseline=0.1, relative_lift=0.2, power=0.5, peek_safe=True)
    assert n is not None
    expected = compare(
        control=Proportion(n, round(0.1 * n)), variant=Proportion(n, round(0.12 * n))
    )
    assert expected.sequential_p_value == pytest.approx(0.05, rel=0.1, abs=0)
    assert n > (sample_size(baseline=0.1, relative_lift=0.2, power=0.5) or 0)


def test_days_count_all_arms() -> None:
    assert days_needed(baseline=0.1, relative_lift=0.1, visitors_per_day=1_000) == 30
    assert days_needed(baseline=0.1, relative_lift=0.1, visitors_per_day=29_502) == 1
    assert days_needed(baseline=0.1, relative_lift=0.1, visitors_per_day=29_501) == 2
    assert days_needed(baseline=0.1, relative_lift=0.1, visitors_per_day=0) is None


@pytest.mark.parametrize(
    ("baseline", "lift"), [(0.0, 0.1), (0.1, 0.0), (0.6, 0.9), (0.1, -1.5), (1.0, 0.1)]
)
def test_no_plan_for_what_cannot_happen(baseline: float, lift: float) -> None:
    assert sample_size(baseline=baseline, relative_lift=lift) is None
    assert sample_size(baseline=baseline, relative_lift=lift, peek_safe=True) is None
    assert achieved_power(baseline=baseline, relative_lift=lift, n=100) is None
    assert days_needed(baseline=baseline, relative_lift=lift, visitors_per_day=10) is None


def test_a_lift_to_nobody_or_to_everybody_can_be_planned() -> None:
    assert sample_size(baseline=0.1, relative_lift=-1.0) is not None
    assert sample_size(baseline=0.3, relative_lift=1 / 0.3 - 1) is not None


def test_too_few_visitors_detect_nothing() -> None:
    assert minimum_detectable_lift(baseline=0.6, n=10) is None
    assert minimum_detectable_lift(baseline=0.6, n=0) is None
    assert minimum_detectable_lift(baseline=1.0, n=1_000) is None
    assert minimum_detectable_lift(baseline=0.0, n=1_000) is None
    assert minimum_detectable_lift(baseline=5.0, n=1_000, standard_deviation=0.0) is None


def test_a_negative_mean_is_planned_by_its_size() -> None:
    assert sample_size(baseline=-40.0, relative_lift=0.05, standard_deviation=90.0) == sample_size(
        baseline=40.0, relative_lift=0.05, standard_deviation=90.0
    )


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"baseline": 1.2}, "baseline"),
        ({"baseline": math.nan}, "baseline"),
        ({"relative_lift": math.inf}, "relative_lift"),
        ({"power": 1.0}, "power"),
        ({"alpha": 0.0}, "alpha"),
        ({"arms": 1}, "arms"),
        ({"standard_deviation": -1.0}, "standard_deviation"),
    ],
)
def test_impossible_plans_are_refused_by_name(wrong: dict[str, float], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        sample_size(**{"baseline": 0.1, "relative_lift": 0.1, **wrong})  # type: ignore[arg-type]
