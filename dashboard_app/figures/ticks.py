"""Round axis ticks for counts, rates and seconds."""

import math


def nice_ticks(highest: float, is_time: bool = False, steps: int = 5) -> list[float]:
    """Ticks from 0 to at least `highest` in about `steps` round steps.

    With `is_time`, values are seconds and steps are round on a clock.
    """
    if highest <= 0:
        return [0.0, 1.0]
    step = _clock_step(highest / steps) if is_time else _decimal_step(highest / steps)
    return [step * index for index in range(math.ceil(highest / step) + 1)]


def _decimal_step(rough: float) -> float:
    size = 10.0 ** math.floor(math.log10(rough))
    return next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * 0.999)


def _clock_step(rough: float) -> float:
    for step in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600):
        if step >= rough:
            return float(step)
    return 3600.0 * math.ceil(rough / 3600)
