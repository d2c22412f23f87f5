"""Planning: how many visitors and days an experiment needs, and what it can detect.

Two-sided tests of one variant against control. With more than two arms alpha is divided by the
number of variants, the first and strictest step of Holm's correction (`multiplicity.holm`). A
goal is a conversion rate, or a mean when its `standard_deviation` per visitor is given.
`peek_safe` plans for the interval that may be looked at daily (`sequential`), which decides the
verdict and needs more visitors than one look at the end.
"""

import math
from dataclasses import dataclass

from jobs.statistics.domain import count, defined, finite, not_negative, probability, share
from jobs.statistics.sequential import boundary
from jobs.statistics.special import normal_cdf, normal_critical, normal_quantile

ROUNDING = 1e-12  # by how much a rate lifted to 1 may exceed it


@dataclass(frozen=True, slots=True)
class _Effect:
    """A true difference, and one visitor per arm's variance without and with it."""

    difference: float
    null_variance: float
    variance: float


@dataclass(frozen=True, slots=True)
class _Test:
    """How sure the decision must be; ValueError names what is impossible."""

    power: float
    alpha: float
    arms: int
    peek_safe: bool

    def __post_init__(self) -> None:
        share("power", self.power)
        share("alpha", self.alpha)
        if count("arms", self.arms) < 2:
            raise ValueError(f"arms must be 2 or more, not {self.arms!r}")

    def slack(self, effect: _Effect, n: float) -> float:
        """δ√n minus what the test and the power ask of it; 0 or more is enough."""
        threshold = self.alpha / (self.arms - 1)
        if self.peek_safe:
            needed = boundary(2 * n, self.alpha, threshold) * math.sqrt(effect.variance)
        else:
            needed = normal_critical(threshold) * math.sqrt(effect.null_variance)
        reserve = normal_quantile(self.power) * math.sqrt(effect.variance)
        return abs(effect.difference) * math.sqrt(n) - needed - reserve


def sample_size(
    *,
    baseline: float,
    relative_lift: float,
    power: float = 0.8,
    alpha: float = 0.05,
    arms: int = 2,
    standard_deviation: float | None = None,
    peek_safe: bool = False,
) -> int | None:
    """Visitors needed **per arm**, rounded up.

    Rates: n = (z_{α/2}·√(2p̄q̄) + z_β·√(p₁q₁ + p₂q₂))² / (p₂ − p₁)², the pooled z test's: Fleiss,
    Levin & Paik (2003), ch. 4, without continuity correction. Means: n = (z_{α/2} + z_β)²·2σ²/δ².
    None when the lift, the baseline or the variance is 0 or the lifted rate leaves [0, 1].
    """
    test = _Test(power, alpha, arms, peek_safe)
    effect = _effect(baseline, relative_lift, standard_deviation)
    if effect is None or not effect.difference or not effect.variance:
        return None
    if peek_safe:
        return _smallest_enough(test, effect)
    at_one = abs(effect.difference) - test.slack(effect, 1)
    root = max(0.0, at_one) / abs(effect.difference)
    visitors = root * root
    return max(1, math.ceil(visitors)) if math.isfinite(visitors) else None


@defined
def minimum_detectable_lift(
    *,
    baseline: float,
    n: int,
    power: float = 0.8,
    alpha: float = 0.05,
    arms: int = 2,
    standard_deviation: float | None = None,
    peek_safe: bool = False,
) -> float | None:
    """The smallest relative rise that `n` visitors per arm detect: `sample_size` turned round.

    None when n, the baseline or the variance is 0, or when even a rate of 1 is not far enough.
    """
    test = _Test(power, alpha, arms, peek_safe)
    unlifted = _effect(baseline, 0.0, standard_deviation)
    if unlifted is None or not unlifted.variance or not count("n", n):
        return None
    if standard_deviation is not None:
        return max(0.0, -test.slack(unlifted, n)) / math.sqrt(n) / abs(baseline)

    def is_enough(lift: float) -> bool:
        effect = _effect(baseline, lift, None)
        return effect is not None and test.slack(effect, n) >= 0

    low, high = 0.0, 1 / baseline - 1
    if not math.isfinite(high) or not is_enough(high):
        return None
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


@defined
def achieved_power(
    *,
    baseline: float,
    relative_lift: float,
    n: int,
    alpha: float = 0.05,
    arms: int = 2,
    standard_deviation: float | None = None,
    peek_safe: bool = False,
) -> float | None:
    """The chance that `n` visitors per arm detect the lift, in its own direction.

    None where `sample_size` is None, and at n = 0. Peek-safe: at the last look alone, so a bound.
    """
    test = _Test(0.5, alpha, arms, peek_safe)
    effect = _effect(baseline, relative_lift, standard_deviation)
    if effect is None or not effect.difference or not effect.variance or not count("n", n):
        return None
    return normal_cdf(test.slack(effect, n) / math.sqrt(effect.variance))


def days_needed(
    *,
    baseline: float,
    relative_lift: float,
    visitors_per_day: float,
    power: float = 0.8,
    alpha: float = 0.05,
    arms: int = 2,
    standard_deviation: float | None = None,
    peek_safe: bool = False,
) -> int | None:
    """Whole days until all `arms` have their `sample_size`, at `visitors_per_day` over all arms.

    `visitors_per_day` are new visitors: one who returns is exposed once. None where
    `sample_size` is None, and without visitors.
    """
    not_negative("visitors_per_day", visitors_per_day)
    n = sample_size(
        baseline=baseline,
        relative_lift=relative_lift,
        power=power,
        alpha=alpha,
        arms=arms,
        standard_deviation=standard_deviation,
        peek_safe=peek_safe,
    )
    if n is None or not visitors_per_day:
        return None
    days = n * arms / visitors_per_day
    return math.ceil(days) if math.isfinite(days) else None


def _effect(baseline: float, lift: float, deviation: float | None) -> _Effect | None:
    """The lifted goal; None at a baseline of 0 and outside the rates."""
    finite("relative_lift", lift)
    if deviation is not None:
        variance = 2 * not_negative("standard_deviation", deviation) * deviation
        difference = abs(finite("baseline", baseline)) * lift
        return _Effect(difference, variance, variance) if baseline else None
    lifted = probability("baseline", baseline) * (1 + lift)
    if baseline == 0 or not 0 <= lifted <= 1 + ROUNDING:
        return None
    lifted = min(1.0, lifted)
    middle = (baseline + lifted) / 2
    return _Effect(
        difference=baseline * lift,
        null_variance=2 * middle * (1 - middle),
        variance=baseline * (1 - baseline) + lifted * (1 - lifted),
    )


def _smallest_enough(test: _Test, effect: _Effect) -> int | None:
    """The fewest visitors per arm with slack, by doubling and halving."""
    low, high = 0, 1
    while test.slack(effect, high) < 0:
        low, high = high, high * 2
        if high > 2**200:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if test.slack(effect, middle) >= 0 else (middle, high)
    return high
