"""The words on a KPI card."""

import math

import numpy as np
import pytest
from scipy import stats

from jobs.statistics import mann_kendall_p_value, theil_sen_slope, trend

WEEK = [100.0, 110.0, 105.0, 95.0, 90.0, 40.0, 35.0]


def weekdays(days: int) -> list[int]:
    return [day % 7 for day in range(days)]


def series(days: int, daily_growth: float) -> list[float]:
    return [WEEK[day % 7] * (1 + daily_growth) ** day for day in range(days)]


@pytest.mark.parametrize(
    ("days", "growth", "expected"),
    [
        (28, 0.01, "up"),
        (28, -0.01, "down"),
        (28, 0.0, "stable"),
        (28, 0.001, "stable"),  # certain, but 2.7 % over the window
        (28, 0.003, "up"),
        (60, 0.01, "up"),
        (27, 0.01, "up"),
        (14, 0.01, "up"),
        (14, -0.02, "down"),
        (14, 0.0, "stable"),
        (14, 0.005, "stable"),  # certain, but 3.6 % in a week
        (13, 0.5, "not enough data"),
        (0, 0.0, "not enough data"),
    ],
)
def test_growth_is_seen_through_the_week(days: int, growth: float, expected: str) -> None:
    assert trend(series(days, growth), weekdays(days)) == expected


def test_only_the_last_28_days_count() -> None:
    values = series(30, 0.2) + [WEEK[day % 7] for day in range(30, 58)]
    assert trend(values, weekdays(58)) == "stable"


def test_weekends_alone_are_no_trend_wherever_the_window_starts() -> None:
    for start in range(7):
        days = range(start, start + 28)
        assert trend([WEEK[d % 7] for d in days], [d % 7 for d in days]) == "stable"


def test_zeros_are_values() -> None:
    assert trend([0.0] * 28, weekdays(28)) == "stable"
    assert trend([0.0] * 14 + [30.0] * 14, weekdays(28)) == "up"


def test_noise_without_change_is_stable() -> None:
    two_weeks = [100, 90, 120, 80, 100, 60, 50, 95, 101, 108, 88, 94, 66, 47]
    assert trend(two_weeks, weekdays(14)) == "stable"


def test_noise_rarely_looks_like_a_trend() -> None:
    rng = np.random.default_rng(8)
    names = [
        trend([float(x) for x in rng.poisson([2 * WEEK[d % 7] for d in range(28)])], weekdays(28))
        for _ in range(300)
    ]
    assert sum(name != "stable" for name in names) <= 30


def test_days_without_a_value_are_left_out() -> None:
    values: list[float | None] = [*series(28, 0.01)]
    values[3] = values[17] = None
    assert trend(values, weekdays(28)) == "up"
    assert trend([None] * 15 + values[15:], weekdays(28)) == "not enough data"
    assert trend([None, None, None, *series(14, 0.0)[3:]], weekdays(14)) == "not enough data"


def test_refunds_may_take_a_day_below_zero() -> None:
    falling = [50.0 - 5 * day for day in range(28)]
    assert trend(falling, weekdays(28)) == "down"


@pytest.mark.parametrize(
    ("values", "days", "named"),
    [
        ([math.nan] * 28, weekdays(28), "values"),
        ([math.inf] * 28, weekdays(28), "values"),
        ([1.0] * 28, weekdays(27), "weekdays"),
        ([1.0] * 28, [7] * 28, "weekdays"),
    ],
)
def test_impossible_series_are_refused(values: list[float], days: list[int], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        trend(values, days)


def test_mann_kendall_by_hand() -> None:
    z = (45 - 1) / math.sqrt(10 * 9 * 25 / 18)
    rising = [float(x) for x in range(10)]
    assert mann_kendall_p_value(rising) == pytest.approx(2 * stats.norm.sf(z), rel=1e-12, abs=0)
    assert mann_kendall_p_value([3.0] * 10) is None
    assert mann_kendall_p_value([]) is None


def test_mann_kendall_corrects_ties_as_scipy_does() -> None:
    values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0, 9.0, 9.0]
    score = sum((b > a) - (b < a) for i, a in enumerate(values) for b in values[i + 1 :])
    theirs = stats.kendalltau(range(len(values)), values, method="asymptotic").pvalue
    z = stats.norm.isf(theirs / 2) * (score - 1) / score  # theirs lacks the continuity correction
    assert mann_kendall_p_value(values) == pytest.approx(2 * stats.norm.sf(z), rel=1e-9, abs=0)


def test_theil_sen_agrees_with_scipy() -> None:
    points = list(enumerate([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]))
    theirs = stats.theilslopes([y for _, y in points], [x for x, _ in points]).slope
    assert theil_sen_slope(points) == pytest.approx(theirs, rel=1e-12, abs=0)
