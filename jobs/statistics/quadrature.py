"""Integrals of log-concave functions over the real line, to about 12 digits.

Posterior densities, their distribution functions and products of these are log-concave: one
peak, and no heavy tail. So the region that matters can be bracketed from the peak outwards.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from jobs.statistics.special import Array

DROP = 40.0  # e⁻⁴⁰ of the peak is beyond a double's 16 digits
PANELS = 6
NODES = 24
GRADING = np.array([-12.0, -6.0, -3.0, 0.0, 3.0, 6.0, 12.0])  # panel edges, in a feature's widths


@dataclass(frozen=True, slots=True)
class Feature:
    """Where one factor of the integrand changes, and over what width."""

    centre: float
    scale: float


LogIntegrand = Callable[[Array], Array]


def integrate(
    log_integrand: LogIntegrand, features: Sequence[Feature], floor: float = -math.inf
) -> float:
    """∫ exp(log_integrand(x)) dx from `floor` up, for a log-concave integrand.

    Gauss–Legendre on panels that are graded around every feature, so that a narrow factor beside
    a wide one is resolved. `log_integrand` maps an array elementwise and may return −inf.
    """
    with np.errstate(all="ignore"):
        cuts = np.concatenate([f.centre + f.scale * GRADING for f in features])
        low, high = _support(log_integrand, features, np.maximum(cuts, floor))
        low = max(low, floor)
        if not low < high:
            return 0.0
        inside = cuts[(cuts > low) & (cuts < high)]
        x, weight = _nodes(np.union1d(np.linspace(low, high, PANELS + 1), inside))
        logs = log_integrand(x)
        height = float(np.max(logs))
        if height == -math.inf:
            return 0.0
        return float(np.dot(weight, np.exp(logs - height))) * math.exp(height)


def _support(
    log_integrand: LogIntegrand, features: Sequence[Feature], cuts: Array
) -> tuple[float, float]:
    """The nearest points left and right of the peak where the integrand no longer matters."""
    peak = _peak(log_integrand, cuts)
    height = float(log_integrand(np.array([peak]))[0])
    narrow = min(f.scale for f in features)
    far = max(abs(f.centre - peak) + 100 * f.scale for f in features)
    steps = np.geomspace(narrow / 100, far, 64)

    def reach(sign: int) -> float:
        beyond = log_integrand(peak + sign * steps) < height - DROP
        return float(steps[np.argmax(beyond)] if beyond.any() else steps[-1])

    return peak - reach(-1), peak + reach(1)


def _peak(log_integrand: LogIntegrand, cuts: Array) -> float:
    """Where the integrand is highest: on a coarse grid with all cuts, then on finer ones."""
    grid = np.union1d(np.linspace(cuts.min(), cuts.max(), 65), cuts)
    for _ in range(4):
        best = int(np.argmax(log_integrand(grid)))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
        grid = np.union1d(np.linspace(low, high, 15), grid[best])
    return float(grid[np.argmax(log_integrand(grid))])


def _nodes(edges: Array) -> tuple[Array, Array]:
    unit, unit_weight = _gauss_legendre()
    half = np.diff(edges)[:, None] / 2
    middle = (edges[1:, None] + edges[:-1, None]) / 2
    return (middle + half * unit).ravel(), (half * unit_weight).ravel()


@cache
def _gauss_legendre() -> tuple[Array, Array]:
    unit, weight = np.polynomial.legendre.leggauss(NODES)
    return np.asarray(unit), np.asarray(weight)
