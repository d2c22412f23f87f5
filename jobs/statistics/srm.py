"""Sample ratio mismatch: did visitors arrive in the proportions that were planned?"""

from collections.abc import Sequence

from jobs.statistics.domain import count, defined, not_negative
from jobs.statistics.special import chi_square_tail

ALARM_P_VALUE = 0.001
EXPECTED_PER_ARM = 8


@defined
def srm(*, observed: Sequence[int], weights: Sequence[float]) -> float | None:
    """Pearson's χ² p-value of the arms' visitor counts against the planned `weights`.

    Pearson (1900); as a guard of experiments: Fabijan et al. (2019), KDD, "Diagnosing sample
    ratio mismatch". Weights need not sum to 1. An arm of weight 0 without visitors is left out.
    None with no visitors, no weight, fewer than two arms, or visitors in an arm of weight 0.
    ValueError on a negative count or weight and on unequal lengths.
    """
    counts, planned = _checked(observed, weights)
    arms = [(n, w) for n, w in zip(counts, planned, strict=True) if n or w]
    total, weight = sum(counts), sum(planned)
    if len(arms) < 2 or not total or not weight:
        return None
    expected = [total * (w / weight) for _, w in arms]
    statistic = sum((n - e) * (n - e) / e for (n, _), e in zip(arms, expected, strict=True))
    return chi_square_tail(statistic, len(arms) - 1)


def srm_alarm(*, observed: Sequence[int], weights: Sequence[float]) -> bool:
    """Whether the mismatch is certain enough to distrust the experiment.

    p < 0.001 (Fabijan et al. 2019), once the plan gives every arm at least 8 visitors. Planned,
    not observed, visitors: an arm that received none at all is the worst mismatch. Visitors in
    an arm planned to have none count as a mismatch too, from 8 visitors on.
    """
    counts, planned = _checked(observed, weights)
    total, weight = sum(counts), sum(planned)
    if not weight:
        return False
    if sum(n for n, w in zip(counts, planned, strict=True) if not w) >= EXPECTED_PER_ARM:
        return True
    if any(total * (w / weight) < EXPECTED_PER_ARM for w in planned if w):
        return False
    p_value = srm(observed=counts, weights=planned)
    return p_value is not None and p_value < ALARM_P_VALUE


def _checked(observed: Sequence[int], weights: Sequence[float]) -> tuple[list[int], list[float]]:
    if len(observed) != len(weights):
        raise ValueError(f"{len(observed)} observed counts but {len(weights)} weights")
    counts = [count("observed", n) for n in observed]
    return counts, [not_negative("weights", w) for w in weights]
