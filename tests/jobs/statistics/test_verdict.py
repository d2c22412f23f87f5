"""What may be concluded, and when nothing may."""

import pytest

from jobs.statistics import Comparison, GoalResult, Mean, Proportion, Role, compare, verdict
from jobs.statistics.estimates import Arm


def goal(
    control: Arm,
    treated: Arm,
    *,
    name: str = "purchase",
    variant: str = "green",
    role: Role = "primary",
    higher_is_better: bool = True,
    conversions: tuple[int, int] | None = None,
) -> GoalResult:
    return GoalResult(
        goal=name,
        variant=variant,
        control=control,
        treated=treated,
        comparison=compare(control=control, variant=treated),
        role=role,
        higher_is_better=higher_is_better,
        conversions=conversions,
    )


def rate(x: int, n: int = 10_000) -> Proportion:
    return Proportion(n, x)


def test_a_certain_rise_wins_and_says_by_how_much() -> None:
    answer = verdict(results=[goal(rate(1_000), rate(1_250))], srm_alarm=False)
    assert (answer.outcome, answer.variant) == ("win", "green")
    assert answer.reason == (
        "green beats control on purchase: +25 %, difference +2.5 percentage points, "
        "95 % interval +1.1…+3.9; safe to look at any day"
    )


def test_a_certain_fall_loses() -> None:
    answer = verdict(results=[goal(rate(1_250), rate(1_000))], srm_alarm=False)
    assert (answer.outcome, answer.variant) == ("loss", None)
    assert answer.reason.startswith("green is worse than control on purchase: −20 %")


def test_a_fall_wins_where_lower_is_better() -> None:
    bounced = goal(rate(1_250), rate(1_000), name="bounce", higher_is_better=False)
    assert verdict(results=[bounced], srm_alarm=False).outcome == "win"


def test_what_only_the_fixed_horizon_finds_is_no_difference() -> None:
    result = goal(rate(1_000), rate(1_100))
    assert result.comparison.p_value is not None
    assert result.comparison.p_value < 0.05
    answer = verdict(results=[result], srm_alarm=False)
    assert answer.outcome == "no difference detected"
    assert "do not differ detectably" in answer.reason


def test_a_sample_ratio_mismatch_blocks_everything() -> None:
    answer = verdict(results=[goal(rate(1_000), rate(1_250))], srm_alarm=True)
    assert answer.outcome == "do not trust"
    assert answer.variant is None
    assert "sample ratio mismatch" in answer.reason
    assert [g.outcome for g in answer.goals] == ["do not trust"]


@pytest.mark.parametrize(
    ("control", "treated", "conversions", "why"),
    [
        (rate(40, 99), rate(95, 100), None, "control has 99 visitors"),
        (rate(40, 100), rate(95, 99), None, "green has 99 visitors"),
        (rate(500), rate(9), None, "green has 9 conversions"),
        (rate(50, 100), rate(995, 1_000), None, "nearly everybody in green"),
        (Mean(400, 1.0, 9.0), Mean(400, 9.0, 9.0), (9, 300), "control has 9 conversions"),
        (Mean(400, 1.0, 0.0), Mean(400, 9.0, 0.0), None, "neither arm varies"),
        (Mean(0, 0.0, 0.0), Mean(400, 9.0, 9.0), None, "control has 0 visitors"),
    ],
)
def test_too_little_data_has_no_verdict(
    control: Arm, treated: Arm, conversions: tuple[int, int] | None, why: str
) -> None:
    result = goal(control, treated, conversions=conversions)
    answer = verdict(results=[result], srm_alarm=False)
    assert answer.outcome == "not enough data"
    assert why in answer.reason
    assert answer.goals[0].adjusted_p_value is None


def test_enough_data_is_a_hundred_visitors_and_ten_conversions() -> None:
    answer = verdict(results=[goal(rate(10, 100), rate(10, 100))], srm_alarm=False)
    assert answer.outcome == "no difference detected"


def test_holm_over_goals_and_variants_withholds_a_borderline_win() -> None:
    borderline = goal(rate(1_000), rate(1_140))
    assert verdict(results=[borderline], srm_alarm=False).outcome == "win"
    others = [
        goal(rate(1_000), rate(1_000 + i), name=f"goal {i}", role="secondary") for i in range(9)
    ]
    answer = verdict(results=[borderline, *others], srm_alarm=False)
    assert answer.outcome == "no difference detected"
    assert "corrected for 10 comparisons" in answer.reason
    p_value = borderline.comparison.sequential_p_value
    assert p_value is not None
    assert answer.goals[0].adjusted_p_value == pytest.approx(10 * p_value, abs=0)


def test_goals_without_data_still_count_in_the_family() -> None:
    certain = goal(rate(1_000), rate(1_250))
    early = goal(rate(3, 50), rate(9, 50), name="refund", role="secondary")
    answer = verdict(results=[certain, early], srm_alarm=False)
    p_value = certain.comparison.sequential_p_value
    assert p_value is not None
    assert [g.outcome for g in answer.goals] == ["win", "not enough data"]
    assert answer.goals[0].adjusted_p_value == pytest.approx(2 * p_value, abs=0)


def test_a_broken_guardrail_vetoes_a_win() -> None:
    results = [
        goal(rate(1_000), rate(1_250)),
        goal(rate(300), rate(420), name="refund", role="guardrail", higher_is_better=False),
    ]
    answer = verdict(results=results, srm_alarm=False)
    assert (answer.outcome, answer.variant) == ("loss", None)
    assert answer.reason.startswith("a guardrail got worse: green is worse than control on refund")


def test_guardrails_are_not_in_the_holm_family() -> None:
    results = [
        goal(rate(1_000), rate(1_250)),
        goal(rate(300), rate(305), name="refund", role="guardrail", higher_is_better=False),
    ]
    answer = verdict(results=results, srm_alarm=False)
    assert answer.outcome == "win"
    assert "corrected" not in answer.reason


def test_the_best_of_several_winners_is_named() -> None:
    results = [
        goal(rate(1_000), rate(1_300), variant="green"),
        goal(rate(1_000), rate(1_400), variant="blue"),
        goal(rate(1_000), rate(700), variant="red"),
    ]
    answer = verdict(results=results, srm_alarm=False)
    assert (answer.outcome, answer.variant) == ("win", "blue")
    assert [" ".join(reason.split()[:3]) for reason in answer.reasons] == [
        "blue beats control", "green beats control", "red is worse",
    ]  # fmt: skip
    assert answer.reason == ". ".join(answer.reasons)


def test_every_broken_guardrail_is_named() -> None:
    results = [
        goal(rate(1_000), rate(1_250)),
        goal(rate(300), rate(420), name="refund", role="guardrail", higher_is_better=False),
        goal(rate(900), rate(700), name="signup", role="guardrail"),
    ]
    (reason,) = verdict(results=results, srm_alarm=False).reasons
    assert reason.startswith("2 guardrails got worse: green is worse than control on refund")
    assert "; green is worse than control on signup" in reason


def test_a_vetoed_variant_does_not_hide_a_winner() -> None:
    results = [
        goal(rate(1_000), rate(1_400)),
        goal(rate(300), rate(420), name="refund", role="guardrail", higher_is_better=False),
        goal(rate(1_000), rate(1_300), variant="blue"),
        goal(rate(300), rate(301), variant="blue", name="refund", role="guardrail"),
    ]
    answer = verdict(results=results, srm_alarm=False)
    assert (answer.outcome, answer.variant) == ("win", "blue")
    assert answer.reasons[1].startswith("a guardrail got worse: green is worse")


@pytest.mark.parametrize(
    ("green", "blue", "expected", "told"),
    [
        (700, 650, "loss", ["green is worse than", "blue is worse than"]),
        (700, 1_000, "no difference detected", ["blue and control do", "green is worse than"]),
        (1_000, 5, "not enough data", ["blue has 5 conversions;", "green and control do"]),
    ],
)
def test_several_variants_without_a_winner(
    green: int, blue: int, expected: str, told: list[str]
) -> None:
    results = [
        goal(rate(1_000), rate(green), variant="green"),
        goal(rate(1_000), rate(blue), variant="blue"),
    ]
    answer = verdict(results=results, srm_alarm=False)
    assert answer.outcome == expected
    assert [" ".join(reason.split()[:4]) for reason in answer.reasons] == told


def test_means_are_told_in_their_own_unit() -> None:
    result = goal(Mean(9_000, 40.0, 9_000 * 400.0), Mean(9_000, 43.0, 9_000 * 500.0), name="value")
    answer = verdict(results=[result], srm_alarm=False)
    assert answer.outcome == "win"
    assert "+7.5 %, difference +3, 95 % interval +2.01…+3.99" in answer.reason


def test_an_experiment_without_results_has_not_enough_data() -> None:
    assert verdict(results=[], srm_alarm=False).outcome == "not enough data"
    assert verdict(results=[], srm_alarm=True).outcome == "do not trust"


def test_every_variant_needs_one_primary_goal() -> None:
    with pytest.raises(ValueError, match="green has 0 primary goals"):
        verdict(results=[goal(rate(10), rate(20), role="secondary")], srm_alarm=False)


def test_a_comparison_without_a_reason_still_gets_one() -> None:
    result = GoalResult("purchase", "green", rate(500), rate(600), Comparison())
    answer = verdict(results=[result], srm_alarm=False)
    assert answer.reason == "the difference cannot be tested"
