"""What input is possible, and where a formula is defined."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import numpy as np

Interval = tuple[float, float]

P = ParamSpec("P")
T = TypeVar("T", float, Interval)

LARGEST_COUNT = 10**10  # visitors; beyond it the incomplete beta function loses its digits


def count(name: str, value: float) -> int:
    """Return `value` as an int; ValueError unless it is a whole number from 0 to 10¹⁰."""
    if not (0 <= value <= LARGEST_COUNT and value == int(value)):
        raise ValueError(f"{name} must be a whole number from 0 to 10¹⁰, not {value!r}")
    return int(value)


def finite(name: str, value: float) -> float:
    """Return `value` as a float; ValueError when it is NaN or infinite."""
    if not abs(value) <= sys.float_info.max:  # false for NaN, and for integers beyond a double
        raise ValueError(f"{name} must be a finite number, not {value!r}")
    return float(value)


def not_negative(name: str, value: float) -> float:
    """Return `value` as a float; ValueError when it is negative, NaN or infinite."""
    if finite(name, value) < 0:
        raise ValueError(f"{name} must be 0 or more, not {value!r}")
    return float(value)


def share(name: str, value: float) -> float:
    """Return `value`; ValueError unless it lies strictly between 0 and 1 (alpha, power)."""
    if not 0 < finite(name, value) < 1:
        raise ValueError(f"{name} must lie between 0 and 1, not {value!r}")
    return float(value)


def probability(name: str, value: float) -> float:
    """Return `value`; ValueError unless it lies in [0, 1] (a rate, a p-value)."""
    if not 0 <= finite(name, value) <= 1:
        raise ValueError(f"{name} must lie in [0, 1], not {value!r}")
    return float(value)


def defined(formula: Callable[P, T | None]) -> Callable[P, T | None]:
    """Make `formula` answer None where it has no finite value.

    A division by zero, an overflow, NaN and infinity become None; so does an interval with one
    such end. ValueError (impossible input) passes through.
    """

    @wraps(formula)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            value = formula(*args, **kwargs)
        except (ZeroDivisionError, OverflowError):
            return None
        if value is None or not np.all(np.isfinite(value)):
            return None
        return value

    return answer
