"""Choosing from a weighted table with one uniform number."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """A table of values with weights; calling it with u in [0, 1) gives the value at that share."""

    __slots__ = ("_cumulative", "values")

    def __init__(self, pairs: Iterable[tuple[T, float]]) -> None:
        """Take (value, weight) pairs; weights are relative and at least one is positive."""
        kept = [(value, weight) for value, weight in pairs if weight > 0]
        if not kept:
            raise ValueError("no value has a positive weight; give at least one")
        total = sum(weight for _, weight in kept)
        self.values = [value for value, _ in kept]
        self._cumulative = [edge / total for edge in accumulate(weight for _, weight in kept)]
        self._cumulative[-1] = 1.0

    def __call__(self, u: float) -> T:
        return self.values[bisect_right(self._cumulative, u)]
