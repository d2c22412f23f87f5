"""Does the verdict keep its promise when it is read every day?

Run `python -m bench.experiments_simulation`. Experiments are simulated day by day and read every
evening for six weeks through `jobs.statistics.verdict`, until it decides. Without an effect (A/A)
every decision is false: at most 5 % of experiments may see one. A fixed-horizon test read the
same way is printed beside it. With an effect (A/B) the share of decisions and the days they took
are printed, and what the planner had promised. About half a minute; seeded.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from operator import add

import numpy as np

from jobs.statistics import (
    Comparison,
    GoalResult,
    Mean,
    Proportion,
    achieved_power,
    days_needed,
    estimate,
    pooled_z_p_value,
    sequential_interval,
    sequential_p_value,
    verdict,
)
from jobs.statistics.means import difference, lift, welch_p_value

DAYS = 42
ALPHA = 0.05

Arm = Proportion | Mean
Look = tuple[Arm, Arm]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is simulated. `price` None: a conversion goal; else a value goal, log-normal prices."""

    name: str
    visitors_per_day: int  # in each arm
    rate: float
    relative_lift: float
    experiments: int
    price: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The first day on which each way of reading decided; None when it never did."""

    verdict_day: int | None
    is_win: bool
    fixed_day: int | None


SCENARIOS = [
    Scenario("A/A, conversion 10 %", 250, 0.10, 0.0, 1_500),
    Scenario("A/A, conversion 1 %", 1_000, 0.01, 0.0, 1_500),
    Scenario("A/A, revenue per visitor", 250, 0.10, 0.0, 500, price=40.0),
    Scenario("A/B, conversion 10 %, lift 10 %", 1_000, 0.10, 0.10, 500),
    Scenario("A/B, conversion 10 %, lift 20 %", 1_000, 0.10, 0.20, 500),
    Scenario("A/B, conversion 10 %, lift 5 %", 1_000, 0.10, 0.05, 300),
    Scenario("A/B, revenue per visitor, lift 20 %", 1_000, 0.10, 0.20, 100, price=40.0),
]


def main() -> int:
    """Print one line per scenario; 1 when the verdict decides falsely more often than it may."""
    started = time.perf_counter()
    print(f"{DAYS} daily looks, alpha {ALPHA}\n")
    print(f"{'scenario':<38}{'n':>6}{'win':>8}{'loss':>8}{'median day':>12}{'fixed test':>12}")
    is_broken = False
    for number, scenario in enumerate(SCENARIOS):
        rng = np.random.default_rng(number)
        readings = [read(looks(scenario, rng)) for _ in range(scenario.experiments)]
        print(line(scenario, readings))
        decided = np.mean([r.verdict_day is not None for r in readings])
        is_broken |= scenario.relative_lift == 0 and bool(decided > ALPHA)
    print_plans()
    print(f"\n{time.perf_counter() - started:.0f} s")
    return int(is_broken)


def looks(scenario: Scenario, rng: np.random.Generator) -> Iterator[Look]:
    """Both arms' moments at the end of each day, merged from the days' own."""
    lifts = (0.0, scenario.relative_lift)
    arms = [accumulate(days(scenario, rng, scenario.rate * (1 + one)), add) for one in lifts]
    return zip(*arms, strict=True)


def days(scenario: Scenario, rng: np.random.Generator, rate: float) -> list[Arm]:
    """One arm's moments, day by day."""
    n = scenario.visitors_per_day
    buyers = rng.binomial(n, rate, DAYS)
    if scenario.price is None:
        return [Proportion(n, int(hits)) for hits in buyers]
    return [moments(n, scenario.price * rng.lognormal(-0.5, 1.0, hits)) for hits in buyers]


def moments(n: int, paid: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> Mean:
    """The moments of `n` visitors of whom all but those who paid count 0."""
    mean = float(paid.sum()) / n
    rest = (n - len(paid)) * mean * mean
    return Mean(n, mean, float(((paid - mean) ** 2).sum()) + rest)


def read(experiment: Iterator[Look]) -> Reading:
    """Look every day; note when the verdict and when a fixed-horizon test would first stop."""
    verdict_day = fixed_day = None
    is_win = False
    for day, (control, treated) in enumerate(experiment, start=1):
        comparison = peek_safe_part(control, treated)
        if fixed_day is None and (comparison.p_value or 1.0) < ALPHA:
            fixed_day = day
        if verdict_day is None:
            result = GoalResult("goal", "b", control, treated, comparison)
            outcome = verdict(results=[result], srm_alarm=False, alpha=ALPHA).outcome
            if outcome in ("win", "loss"):
                verdict_day, is_win = day, outcome == "win"
    return Reading(verdict_day, is_win, fixed_day)


def peek_safe_part(control: Arm, treated: Arm) -> Comparison:
    """What `compare` gives, without the posteriors, which no verdict reads and which take time."""
    a, b = estimate(control), estimate(treated)
    assert a is not None
    assert b is not None
    if isinstance(control, Proportion) and isinstance(treated, Proportion):
        p_value = pooled_z_p_value(control=control, variant=treated)
    else:
        p_value = welch_p_value(a, b)
    return Comparison(
        difference=difference(a, b),
        lift=lift(a, b),
        p_value=p_value,
        sequential_ci=sequential_interval(a, b, ALPHA),
        sequential_p_value=sequential_p_value(a, b, ALPHA),
    )


def line(scenario: Scenario, readings: list[Reading]) -> str:
    """One row: shares of all experiments, and the median day among the decided."""
    count = len(readings)
    decided = [r.verdict_day for r in readings if r.verdict_day is not None]
    wins = sum(r.is_win for r in readings)
    median = f"{np.median(decided):.0f}" if decided else "–"
    fixed = sum(r.fixed_day is not None for r in readings)
    return (
        f"{scenario.name:<38}{count:>6}{wins / count:>8.1%}{(len(decided) - wins) / count:>8.1%}"
        f"{median:>12}{fixed / count:>12.1%}"
    )


def print_plans() -> None:
    """What the planner promises for the conversion experiments with an effect."""
    print("\nplanned for the last look alone (80 % power), so on the safe side:")
    for scenario in SCENARIOS:
        if not scenario.relative_lift or scenario.price is not None:
            continue
        base, effect = scenario.rate, scenario.relative_lift
        daily = scenario.visitors_per_day
        needed, once = (
            days_needed(
                baseline=base, relative_lift=effect, visitors_per_day=2 * daily, peek_safe=safe
            )
            for safe in (True, False)
        )
        power = achieved_power(baseline=base, relative_lift=effect, n=DAYS * daily, peek_safe=True)
        print(
            f"{scenario.name:<38}{needed} days peek-safe, {once} with one look; "
            f"power after {DAYS} days {power or 0:.0%}"
        )


if __name__ == "__main__":
    sys.exit(main())
