"""What is believed of one arm's rate or mean after the data: Beta or normal."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from jobs.statistics.moments import Proportion
from jobs.statistics.quadrature import Feature
from jobs.statistics.special import Array, beta_cdf_at_logit, log_gamma, normal_log_cdf

LOG_2PI = math.log(2 * math.pi)


class Posterior(Protocol):
    """A log-concave distribution on its own axis x, on which arms are compared."""

    @property
    def feature(self) -> Feature: ...
    def log_density(self, x: Array) -> Array: ...
    def log_cdf(self, x: Array) -> Array: ...


@dataclass(frozen=True, slots=True)
class BetaPosterior:
    """Beta(a, b) on the logit axis, where it is close to normal however rare conversions are."""

    a: float
    b: float

    @classmethod
    def of(cls, arm: Proportion) -> "BetaPosterior":
        """Beta(1, 1) prior, that is a uniform one, updated by the arm's conversions."""
        return cls(1 + arm.conversions, 1 + arm.n - arm.conversions)

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)

    @property
    def feature(self) -> Feature:
        return Feature(math.log(self.a / self.b), math.sqrt(1 / self.a + 1 / self.b))

    def mirrored(self) -> "BetaPosterior":
        """The posterior of not converting: x becomes −x."""
        return BetaPosterior(self.b, self.a)

    def log_density(self, x: Array) -> Array:
        """ln of tᵃ(1 − t)ᵇ / B(a, b) at t = 1 / (1 + e⁻ˣ).

        As a fall from the peak, since a·ln t and ln B(a, b) are each of the size of n and cancel.
        """
        if self.a > self.b:
            return self.mirrored().log_density(-x)
        away = x - self.feature.centre
        fall = self.a * away - (self.a + self.b) * np.log1p(self.mean * np.expm1(away))
        return np.asarray(fall + _log_peak(self.a, self.b))

    def log_cdf(self, x: Array) -> Array:
        return np.log(beta_cdf_at_logit(x, self.a, self.b))

    def log_sf(self, x: Array) -> Array:
        return self.mirrored().log_cdf(-x)


@dataclass(frozen=True, slots=True)
class NormalPosterior:
    """Normal with the estimate's mean and standard error: flat prior, many visitors."""

    centre: float
    scale: float

    @property
    def feature(self) -> Feature:
        return Feature(self.centre, self.scale)

    def log_density(self, x: Array) -> Array:
        z = (x - self.centre) / self.scale
        return np.asarray(-0.5 * z * z - math.log(self.scale) - 0.5 * LOG_2PI)

    def log_cdf(self, x: Array) -> Array:
        return normal_log_cdf((x - self.centre) / self.scale)


def log_rate_slope(x: Array) -> Array:
    """ln dt/dx = ln t(1 − t) at t = 1 / (1 + e⁻ˣ)."""
    return np.asarray(-np.abs(x) - 2 * np.log1p(np.exp(-np.abs(x))))


def _log_peak(a: float, b: float) -> float:
    """ln of tᵃ(1 − t)ᵇ / B(a, b) at t = a/(a + b), as Loader (2000) does for the binomial."""
    errors = stirling_error(a + b) - stirling_error(a) - stirling_error(b)
    return 0.5 * (math.log(a) + math.log(b / (a + b)) - LOG_2PI) + errors


def stirling_error(z: float) -> float:
    """ln Γ(z) minus Stirling's formula; its asymptotic series from z = 15 on."""
    if z < 15:
        return log_gamma(z) - ((z - 0.5) * math.log(z) - z + 0.5 * LOG_2PI)
    inverse = 1 / (z * z)
    series = 1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))
    return series / z
