"""Is a KPI going up or down? The answer in words that its card in the dashboard shows."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from statistics import fmean, median, stdev
from typing import Literal

from jobs.statistics.domain import finite
from jobs.statistics.special import normal_two_sided, student_two_sided

Trend = Literal["up", "down", "stable", "not enough data"]
Point = tuple[int, float]

WINDOW = 28  # days: four of each weekday
FEWEST = 14
FEWEST_PAIRS = 5
TIE = 1e-12  # logarithms closer than this differ by rounding only


def trend(
    values: Sequence[float | None],
    weekdays: Sequence[int],
    *,
    alpha: float = 0.05,
    smallest_change: float = 0.05,
) -> Trend:
    """Whether `values`, one per complete local day and oldest first, rise or fall.

    `weekdays` are the days' 0–6, whichever day is 0. A day's value is a count or an amount; None
    where the KPI was not defined (pass a rate as a percentage: ln(1 + x) hardly bends there).

    From 28 days, on the last 28: Mann–Kendall on ln(1 + x) minus its weekday's median, p < alpha,
    and |Theil–Sen change over the window| ≥ `smallest_change`. From 14 days: t test of the last
    seven days' log ratios to the same weekdays a week before, p < alpha, and a change as large.
    Fewer: "not enough data". ValueError on NaN, infinity, a bad weekday or unequal lengths.
    """
    logs = _logs(values, weekdays)
    if len([x for x in logs[-WINDOW:] if x is not None]) < FEWEST:
        return "not enough data"
    if len(logs) < WINDOW:
        return _weekly(logs, alpha, smallest_change)
    return _monthly(logs[-WINDOW:], weekdays[-WINDOW:], alpha, smallest_change)


def mann_kendall_p_value(values: Sequence[float]) -> float | None:
    """Two-sided p of no monotonic trend, ties corrected; None when all values are equal.

    Mann (1945), Econometrica 13; Kendall (1975), "Rank Correlation Methods", ch. 4: normal
    approximation with continuity correction, Var S = (n(n−1)(2n+5) − Σ t(t−1)(2t+5)) / 18.
    """
    score = sum((b > a) - (b < a) for a, b in combinations(values, 2))
    groups = (len(values), 1), *((t, -1) for t in Counter(values).values())
    variance = sum(sign * t * (t - 1) * (2 * t + 5) for t, sign in groups) / 18
    if variance == 0:
        return None
    return normal_two_sided(max(abs(score) - 1, 0) / math.sqrt(variance))


def theil_sen_slope(points: Sequence[Point]) -> float:
    """The median slope over all pairs of (day, value). Theil (1950); Sen (1968), JASA 63."""
    return median((y - x) / (j - i) for (i, x), (j, y) in combinations(points, 2))


def _monthly(
    logs: Sequence[float | None], weekdays: Sequence[int], alpha: float, smallest: float
) -> Trend:
    known = [(day, x) for day, x in enumerate(logs) if x is not None]
    by_weekday: dict[int, list[float]] = {}
    for day, x in known:
        by_weekday.setdefault(weekdays[day], []).append(x)
    usual = {weekday: median(xs) for weekday, xs in by_weekday.items()}
    points = [(day, round((x - usual[weekdays[day]]) / TIE) * TIE) for day, x in known]
    p_value = mann_kendall_p_value([x for _, x in points])
    return _direction(p_value, theil_sen_slope(points) * (len(logs) - 1), alpha, smallest)


def _weekly(logs: Sequence[float | None], alpha: float, smallest: float) -> Trend:
    pairs = zip(logs[-14:-7], logs[-7:], strict=True)
    ratios = [now - before for before, now in pairs if now is not None and before is not None]
    if len(ratios) < FEWEST_PAIRS:
        return "not enough data"
    middle, error = fmean(ratios), stdev(ratios) / math.sqrt(len(ratios))
    p_value = student_two_sided(middle / error, len(ratios) - 1) if error > TIE else 0.0
    return _direction(p_value, middle, alpha, smallest)


def _direction(p_value: float | None, log_change: float, alpha: float, smallest: float) -> Trend:
    if p_value is None or p_value >= alpha:
        return "stable"
    if math.log1p(-smallest) < log_change < math.log1p(smallest):
        return "stable"
    return "up" if log_change > 0 else "down"


def _logs(values: Sequence[float | None], weekdays: Sequence[int]) -> list[float | None]:
    """ln(1 + x), and −ln(1 − x) below zero, where refunds can take a day's net revenue."""
    if len(values) != len(weekdays):
        raise ValueError(f"{len(values)} values but {len(weekdays)} weekdays")
    if bad := [w for w in weekdays if w not in range(7)]:
        raise ValueError(f"weekdays must be 0 to 6, not {bad[0]!r}")
    return [
        None if x is None else math.copysign(math.log1p(abs(finite("values", x))), x)
        for x in values
    ]
