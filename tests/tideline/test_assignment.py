"""Assignment: the vectors shared with the tracker's test, shares, independence, errors."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tideline.assignment import assign, assignment_hash

VECTORS = json.loads(
    (Path(__file__).parents[1] / "data" / "assignment_vectors.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: ascii(f"{v['experiment']}:{v['unit']}"))
def test_a_unit_gets_the_variant_of_the_shared_vector(vector: dict[str, Any]) -> None:
    assert assignment_hash(vector["experiment"], vector["unit"]) == vector["hash"]
    assert (
        assign(experiment=vector["experiment"], unit=vector["unit"], weights=vector["weights"])
        == vector["variant"]
    )


def test_shares_follow_the_weights() -> None:
    shares = Counter(
        assign(experiment="rollout", unit=f"user-{i}", weights={"control": 9, "treated": 1})
        for i in range(10_000)
    )
    assert shares["control"] == pytest.approx(9_000, abs=120)  # 4 standard deviations
    assert shares["treated"] == pytest.approx(1_000, abs=120)


def test_two_experiments_cut_the_same_units_independently() -> None:
    halves = {"control": 1, "green": 1}
    cells = Counter(
        (
            assign(experiment="cta", unit=f"user-{i}", weights=halves),
            assign(experiment="pricing", unit=f"user-{i}", weights=halves),
        )
        for i in range(10_000)
    )
    assert len(cells) == 4
    for count in cells.values():
        assert count == pytest.approx(2_500, abs=173)  # 4 standard deviations


def test_the_order_of_the_weights_does_not_matter() -> None:
    for i in range(100):
        one_way = assign(experiment="cta", unit=f"{i}", weights={"control": 1, "green": 2})
        other_way = assign(experiment="cta", unit=f"{i}", weights={"green": 2, "control": 1})
        assert one_way == other_way


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf")])
def test_a_weight_that_is_no_share_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match=r"weight of variant 'green' is .*; it must be 0 or more"):
        assign(experiment="cta", unit="user-1", weights={"control": 1, "green": weight})


@pytest.mark.parametrize("weights", [{}, {"control": 0}])
def test_an_experiment_without_weights_is_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="'cta' has no variant with a weight above 0"):
        assign(experiment="cta", unit="user-1", weights=weights)
