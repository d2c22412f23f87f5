"""The sentence that states a comparison, so that everybody reads the same numbers the same way."""

from jobs.statistics.comparison import Comparison
from jobs.statistics.domain import Interval


def describe(
    *,
    goal: str,
    variant: str,
    comparison: Comparison,
    is_rate: bool,
    is_better: bool | None,
    alpha: float,
    family: int,
) -> str:
    """One sentence: who beats whom on what, by how much, how surely, and how often looked at.

    `is_better` None: no difference was detected. `family`: how many comparisons the decision
    was corrected for. Rates are told in percentage points, other goals in their own unit.
    """
    claim = {
        True: f"{variant} beats control on {goal}",
        False: f"{variant} is worse than control on {goal}",
        None: f"{variant} and control do not differ detectably on {goal}",
    }[is_better]
    sentence = f"{claim}: {_size(comparison, is_rate, alpha)}"
    if family > 1:
        sentence += f"; corrected for {family} comparisons"
    return f"{sentence}; safe to look at any day"


def _size(comparison: Comparison, is_rate: bool, alpha: float) -> str:
    unit, scale = (" percentage points", 100) if is_rate else ("", 1)
    parts = []
    if comparison.lift is not None and not comparison.is_lift_rough:
        parts.append(f"{_signed(100 * comparison.lift)} %")
    if comparison.difference is not None:
        parts.append(f"difference {_signed(scale * comparison.difference)}{unit}")
    if comparison.sequential_ci is not None:
        level = f"{100 * (1 - alpha):g} %"
        parts.append(f"{level} interval {_range(comparison.sequential_ci, scale)}")
    return ", ".join(parts)


def _range(interval: Interval, scale: float) -> str:
    low, high = interval
    return f"{_signed(scale * low)}…{_signed(scale * high)}"


def _signed(value: float) -> str:
    """Three significant digits and a sign: +8.1, −0.0213, +1,240."""
    digits = f"{abs(value):,.0f}" if abs(value) >= 1000 else f"{abs(value):.3g}"
    return ("−" if value < 0 else "+") + digits
