"""Whatever possible input: finite numbers or None with a reason; no crash, no warning."""

import math
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.statistics import (
    Comparison,
    Mean,
    PrePost,
    Proportion,
    Ratio,
    achieved_power,
    benjamini_hochberg,
    chance_to_be_best,
    compare,
    cuped,
    days_needed,
    holm,
    minimum_detectable_lift,
    sample_size,
    srm,
    trend,
    wilson,
)
from jobs.statistics.estimates import Arm

repeatable = settings(deadline=None, max_examples=150, database=None, derandomize=True)

counts = st.one_of(st.integers(0, 3), st.integers(0, 2_000), st.integers(0, 10**10))
levels = st.one_of(st.sampled_from([0.05, 0.01]), st.floats(1e-9, 1 - 1e-9))
reals = st.floats(allow_nan=False, allow_infinity=False)
sums = st.floats(min_value=0, allow_nan=False, allow_infinity=False)


@st.composite
def proportions(draw: st.DrawFn) -> Proportion:
    n = draw(counts)
    hits = draw(st.one_of(st.integers(0, n), st.sampled_from([0, n])))
    return Proportion(n, hits)


def means() -> st.SearchStrategy[Mean]:
    return st.builds(Mean, counts, reals, sums)


@st.composite
def joint_moments(draw: st.DrawFn, kind: type[Any]) -> Any:
    x, y = draw(sums), draw(sums)
    bound = math.sqrt(x) * math.sqrt(y)
    cross = draw(st.floats(-1, 1)) * min(bound, 1e308)
    return kind(draw(counts), draw(reals), draw(reals), x, y, cross)


def assert_finite(value: object) -> None:
    if isinstance(value, tuple | list):
        for part in value:
            assert_finite(part)
    elif isinstance(value, float):
        assert math.isfinite(value)


def assert_sound(result: Comparison) -> None:
    values = {f.name: getattr(result, f.name) for f in fields(result)}
    reason = values.pop("reason")
    for value in values.values():
        assert_finite(value)
    assert (reason is None) == all(value is not None for value in values.values())
    for name in ("p_value", "sequential_p_value", "chance_to_beat_control"):
        assert values[name] is None or 0 <= values[name] <= 1
    for name in ("expected_loss_variant", "expected_loss_control"):
        assert values[name] is None or values[name] >= 0
    for name in ("difference_ci", "difference_ci_wald", "lift_ci", "lift_ci_delta"):
        assert values[name] is None or values[name][0] <= values[name][1]


@repeatable
@given(proportions(), proportions(), levels)
def test_any_two_proportions(control: Proportion, variant: Proportion, alpha: float) -> None:
    result = compare(control=control, variant=variant, alpha=alpha)
    assert_sound(result)
    assert (result.difference is None) == (control.n == 0 or variant.n == 0)
    assert_finite(wilson(control, alpha))


@repeatable
@given(means(), means(), levels)
def test_any_two_means(control: Mean, variant: Mean, alpha: float) -> None:
    assert_sound(compare(control=control, variant=variant, alpha=alpha))


@repeatable
@given(joint_moments(Ratio), joint_moments(Ratio), levels)
def test_any_two_ratios(control: Ratio, variant: Ratio, alpha: float) -> None:
    assert_sound(compare(control=control, variant=variant, alpha=alpha))


@repeatable
@given(st.one_of(st.lists(proportions(), max_size=4), st.lists(means(), max_size=4)))
def test_any_arms_have_chances_that_sum_to_one(arms: list[Arm]) -> None:
    chances = chance_to_be_best(arms=arms)
    assert_finite(chances)
    assert len(chances) == len(arms)
    known = [c for c in chances if c is not None]
    assert all(0 <= c <= 1 for c in known)
    if arms and len(known) == len(arms):
        assert sum(known) == pytest.approx(1, abs=1e-6)


@repeatable
@given(proportions(), proportions())
def test_swapping_the_arms_mirrors_the_answer(one: Proportion, other: Proportion) -> None:
    there, back = compare(control=one, variant=other), compare(control=other, variant=one)
    assert there.p_value == pytest.approx(back.p_value)
    assert there.chance_to_beat_control is not None
    assert back.chance_to_beat_control is not None
    assert there.chance_to_beat_control + back.chance_to_beat_control == pytest.approx(1)
    assert there.expected_loss_variant == pytest.approx(back.expected_loss_control)


@repeatable
@given(st.lists(st.tuples(counts, sums), max_size=5))
def test_any_split(arms: list[tuple[int, float]]) -> None:
    p_value = srm(observed=[n for n, _ in arms], weights=[w for _, w in arms])
    assert p_value is None or 0 <= p_value <= 1


@repeatable
@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=8))
def test_any_family_of_p_values(p_values: list[float | None]) -> None:
    for adjusted in (holm(p_values), benjamini_hochberg(p_values)):
        for before, after in zip(p_values, adjusted, strict=True):
            assert (before is None) == (after is None)
            assert before is None or after is None or before <= after <= 1


@repeatable
@given(
    st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0])),
    st.floats(-3, 1e6),
    st.floats(1e-6, 1 - 1e-6),
    levels,
    st.integers(2, 6),
    st.one_of(st.none(), st.floats(0, 1e300)),
    st.booleans(),
)
def test_any_plan(
    baseline: float,
    lift: float,
    power: float,
    alpha: float,
    arms: int,
    deviation: float | None,
    peek_safe: bool,
) -> None:
    plan: dict[str, Any] = {
        "baseline": baseline,
        "alpha": alpha,
        "arms": arms,
        "standard_deviation": deviation,
        "peek_safe": peek_safe,
    }
    n = sample_size(relative_lift=lift, power=power, **plan)
    assert n is None or n >= 1
    days = days_needed(relative_lift=lift, power=power, visitors_per_day=10, **plan)
    assert (days is None) == (n is None)
    assert_finite(minimum_detectable_lift(n=1_000, power=power, **plan))
    assert_finite(achieved_power(relative_lift=lift, n=1_000, **plan))


small = st.floats(0, 1e100)


@repeatable
@given(st.lists(st.tuples(counts, reals, reals, small, small, st.floats(-1, 1)), max_size=4))
def test_any_covariate(rows: list[tuple[int, float, float, float, float, float]]) -> None:
    arms = [
        PrePost(n, x / 1e200, y / 1e200, m2_x, m2_y, r * math.sqrt(m2_x) * math.sqrt(m2_y))
        for n, x, y, m2_x, m2_y, r in rows
    ]
    for arm in cuped(arms=arms):
        assert_finite([arm.mean, arm.m2])


@repeatable
@given(st.lists(st.one_of(st.none(), reals), max_size=40), st.integers(0, 6))
def test_any_series(values: list[float | None], first: int) -> None:
    days = [(first + i) % 7 for i in range(len(values))]
    assert trend(values, days) in ("up", "down", "stable", "not enough data")
