"""Results that may be looked at every day: the asymptotic confidence sequence.

Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, "Time-uniform central limit theory and asymptotic
confidence sequences" (Annals of Statistics 2024; arXiv:2103.06476), eq. 9 (interval) and 155
(p-value), on the absolute difference of two arms with N = n_a + n_b visitors.
"""

import math

from jobs.statistics.domain import Interval, defined, share
from jobs.statistics.estimates import Estimate, total_variance

TUNED_FOR = 5_000  # visitors at which the interval is tightest


def rho_squared(alpha: float) -> float:
    """ρ² of the paper, by its closed form for the interval that is tightest at 5,000 visitors."""
    surprise = -2 * math.log(share("alpha", alpha))
    return (surprise + math.log1p(surprise)) / TUNED_FOR


def boundary(n: float, alpha: float, threshold: float | None = None) -> float:
    """How many standard errors the difference must leave 0 by, after `n` visitors in both arms.

    It takes the place of the 1.96 of one look. `threshold` is the p-value to reach when it is
    stricter than `alpha` (several comparisons); the tuning stays that of `alpha`.
    """
    spread = n * rho_squared(alpha)
    odds = 0.5 * math.log1p(spread) - math.log(threshold or alpha)
    return math.sqrt(2 * (spread + 1) / spread * odds)


@defined
def sequential_interval(
    control: Estimate, variant: Estimate, alpha: float = 0.05
) -> Interval | None:
    """difference ± √V · boundary(N): covers at all looks together. None when V is 0 or unknown."""
    share("alpha", alpha)
    total = total_variance(control, variant)
    if not total:
        return None
    middle = variant.value - control.value
    half = math.sqrt(total) * boundary(control.n + variant.n, alpha)
    return middle - half, middle + half


@defined
def sequential_p_value(control: Estimate, variant: Estimate, alpha: float = 0.05) -> float | None:
    """The smallest level whose interval excludes 0, at most 1: valid however often one looks.

    It is ≤ alpha exactly when `sequential_interval` at alpha excludes 0, since the tuning is
    held at alpha.
    """
    share("alpha", alpha)
    total = total_variance(control, variant)
    if not total:
        return None
    spread = (control.n + variant.n) * rho_squared(alpha)
    z = (variant.value - control.value) / math.sqrt(total)
    log_p = 0.5 * math.log1p(spread) - z * z * spread / (2 * (spread + 1))
    return math.exp(min(0.0, log_p))
