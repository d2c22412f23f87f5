"""Corrections for several variants or goals looked at together."""

from collections.abc import Sequence
from itertools import accumulate

from jobs.statistics.domain import probability

PValues = list[float | None]


def holm(p_values: Sequence[float | None]) -> PValues:
    """Adjusted p-values that hold the chance of any false finding; in the order given.

    Holm (1979), Scandinavian Journal of Statistics 6, 65–70: the k-th smallest of m times
    m − k + 1, never below the one before it (the running maximum), at most 1. None passes
    through and does not count towards m.
    """
    order, m = _ascending(p_values)
    scaled = ((m - rank) * p for rank, (p, _) in enumerate(order))
    return _in_place(p_values, order, accumulate(scaled, max))


def benjamini_hochberg(p_values: Sequence[float | None]) -> PValues:
    """Adjusted p-values that hold the share of false findings; in the order given.

    Benjamini & Hochberg (1995), JRSS B 57, 289–300: the k-th smallest of m times m / k, never
    above the one after it. None passes through and does not count towards m.
    """
    order, m = _ascending(p_values)
    descending = order[::-1]
    scaled = (p * (m / (m - rank)) for rank, (p, _) in enumerate(descending))
    return _in_place(p_values, descending, accumulate(scaled, min))


def _ascending(p_values: Sequence[float | None]) -> tuple[list[tuple[float, int]], int]:
    known = [(probability("p_values", p), i) for i, p in enumerate(p_values) if p is not None]
    return sorted(known), len(known)


def _in_place(
    p_values: Sequence[float | None],
    order: Sequence[tuple[float, int]],
    adjusted: "accumulate[float]",
) -> PValues:
    result: PValues = [None] * len(p_values)
    for (_, index), value in zip(order, adjusted, strict=True):
        result[index] = min(1.0, value)
    return result
