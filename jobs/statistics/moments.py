"""Sufficient statistics of one arm: all that the experiment formulas need to know of its visitors.

All of them merge: `a + b` is what one pass over both groups would have found. Moments are kept
as (n, mean, Σ(x − mean)²), never as Σx², which loses every digit when the mean is large.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from jobs.statistics.domain import count, finite, not_negative

ROUNDING = 1e-6  # by how much moments that were rounded may break |m_xy|² ≤ m2_x · m2_y


@dataclass(frozen=True, slots=True)
class Proportion:
    """Visitors of an arm and how many of them converted.

    ValueError when either is negative, not whole or above 10¹⁰, or when conversions exceed n.
    """

    n: int
    conversions: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", count("n", self.n))
        object.__setattr__(self, "conversions", count("conversions", self.conversions))
        if self.conversions > self.n:
            raise ValueError(f"conversions ({self.conversions}) exceed n ({self.n})")

    def merge(self, other: Self) -> Self:
        """Both groups as one."""
        return type(self)(self.n + other.n, self.conversions + other.conversions)

    __add__ = merge


@dataclass(frozen=True, slots=True)
class Mean:
    """Visitors of an arm, the mean of a number over them, and m2 = Σ(x − mean)².

    Visitors without the event count with x = 0. ValueError when n is negative or not whole, m2
    negative, or anything NaN or infinite. `mean` is not read at n = 0, nor `m2` below n = 2.
    """

    n: int
    mean: float
    m2: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", count("n", self.n))
        object.__setattr__(self, "mean", finite("mean", self.mean))
        object.__setattr__(self, "m2", not_negative("m2", self.m2))

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """The moments of `values`, in two passes with exact sums."""
        mean = _mean(values)
        return cls(len(values), mean, math.fsum((x - mean) ** 2 for x in values))

    def merge(self, other: Self) -> Self:
        """Both groups as one. Chan, Golub & LeVeque (1983), American Statistician 37."""
        n = self.n + other.n
        if not self.n or not other.n:
            return self if self.n else other
        delta = other.mean - self.mean
        mean = self.mean + delta * (other.n / n)
        m2 = self.m2 + other.m2 + delta * delta * self.n * (other.n / n)
        return type(self)(n, mean, m2)

    __add__ = merge


@dataclass(frozen=True, slots=True)
class JointMoments:
    """Visitors of an arm and the moments of two numbers, x and y, of each.

    m2_x = Σ(x − mean_x)², m2_y likewise, m_xy = Σ(x − mean_x)(y − mean_y). ValueError as for
    `Mean`, and when |m_xy| exceeds √(m2_x · m2_y), which no data can do (Cauchy–Schwarz).
    """

    n: int
    mean_x: float
    mean_y: float
    m2_x: float
    m2_y: float
    m_xy: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", count("n", self.n))
        for name in ("mean_x", "mean_y", "m_xy"):
            object.__setattr__(self, name, finite(name, getattr(self, name)))
        for name in ("m2_x", "m2_y"):
            object.__setattr__(self, name, not_negative(name, getattr(self, name)))
        bound = math.sqrt(self.m2_x) * math.sqrt(self.m2_y)
        if self.n > 1 and abs(self.m_xy) > bound * (1 + ROUNDING) + 1e-300:
            raise ValueError(f"m_xy ({self.m_xy}) exceeds √(m2_x · m2_y) ({bound})")

    @classmethod
    def of(cls, xs: Sequence[float], ys: Sequence[float]) -> Self:
        """The moments of the pairs (x, y), in two passes with exact sums."""
        x, y = _mean(xs), _mean(ys)
        return cls(
            n=len(xs),
            mean_x=x,
            mean_y=y,
            m2_x=math.fsum((v - x) ** 2 for v in xs),
            m2_y=math.fsum((v - y) ** 2 for v in ys),
            m_xy=math.fsum((v - x) * (w - y) for v, w in zip(xs, ys, strict=True)),
        )

    def merge(self, other: Self) -> Self:
        """Both groups as one. Chan et al. (1983); the cross moment: Pébay (2008)."""
        if not self.n or not other.n:
            return self if self.n else other
        n = self.n + other.n
        dx, dy = other.mean_x - self.mean_x, other.mean_y - self.mean_y
        weight = self.n * (other.n / n)
        return type(self)(
            n=n,
            mean_x=self.mean_x + dx * (other.n / n),
            mean_y=self.mean_y + dy * (other.n / n),
            m2_x=self.m2_x + other.m2_x + dx * dx * weight,
            m2_y=self.m2_y + other.m2_y + dy * dy * weight,
            m_xy=self.m_xy + other.m_xy + dx * dy * weight,
        )

    __add__ = merge


class Ratio(JointMoments):
    """A ratio metric: **x is the numerator, y the denominator**, R = mean_x / mean_y = Σx / Σy.

    Revenue per order: x = a visitor's revenue, y = the same visitor's orders. Visitors whose
    denominator is 0 stay in. The order is that of Deng, Knoblich & Lu (2018) and of Kohavi, Tang
    & Xu (2020), ch. 18, who write X̄ / Ȳ; survey books often write Ȳ / X̄.
    """

    __slots__ = ()


class PrePost(JointMoments):
    """What CUPED needs: x is the covariate from before the exposure, y the outcome after it."""

    __slots__ = ()


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0
