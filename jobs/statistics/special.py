"""Distribution functions, on `scipy.special`, which is imported at the first call.

Tails are always taken from their own side (Φ(−|z|), never 1 − Φ(|z|)), so that small p-values
keep their relative accuracy down to the smallest double.
"""

from functools import cache
from importlib import import_module
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@cache
def _scipy() -> ModuleType:
    return import_module("scipy.special")


def normal_cdf(z: float) -> float:
    """Φ(z)."""
    return float(_scipy().ndtr(z))


def normal_log_cdf(z: Array) -> Array:
    """ln Φ(z), elementwise."""
    return np.asarray(_scipy().log_ndtr(z))


def normal_critical(alpha: float) -> float:
    """The z > 0 with P(|Z| > z) = alpha."""
    return -float(_scipy().ndtri(alpha / 2))


def normal_quantile(probability: float) -> float:
    """The z with Φ(z) = probability."""
    return float(_scipy().ndtri(probability))


def normal_two_sided(z: float) -> float:
    """P(|Z| > |z|)."""
    return 2 * normal_cdf(-abs(z))


def mills_ratio(z: float) -> float:
    """Φ(−z) / φ(z) for z ≥ 0; about 1/z where both underflow."""
    return float(np.sqrt(np.pi / 2) * _scipy().erfcx(z / np.sqrt(2)))


def student_two_sided(t: float, df: float) -> float:
    """P(|T| > |t|) with `df` degrees of freedom, not necessarily whole."""
    return 2 * float(_scipy().stdtr(df, -abs(t)))


def student_critical(alpha: float, df: float) -> float:
    """The t > 0 with P(|T| > t) = alpha."""
    return -float(_scipy().stdtrit(df, alpha / 2))


def chi_square_tail(statistic: float, df: int) -> float:
    """P(χ² > statistic) with `df` degrees of freedom."""
    return float(_scipy().chdtrc(df, statistic))


def log_gamma(z: float) -> float:
    """ln Γ(z) for z > 0."""
    return float(_scipy().gammaln(z))


def beta_cdf_at_logit(x: Array, a: float, b: float) -> Array:
    """P(T ≤ t) for T ~ Beta(a, b) at t = 1 / (1 + e⁻ˣ).

    Above t = 1/2 it is the upper tail of 1 − T, because 1 − t is exact there and t is not.
    """
    special = _scipy()
    value = np.empty_like(x)
    low = x <= 0
    value[low] = special.betainc(a, b, special.expit(x[low]))
    value[~low] = special.betaincc(b, a, special.expit(-x[~low]))
    return value
