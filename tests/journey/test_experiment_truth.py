"""The sample log's experiment, defined after the fact, against its truth by brute force."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import sample
from tests.api import RunningApi, running_api
from tests.experiments import PURCHASE_RATE, PURCHASE_VALUE, ROUTE
from tests.servers import TestServers

SITES = ("shop-us", "shop-de", "shop-in")
TRUTH = sample.truth()
KEY = "exp_checkout"


@pytest.fixture(scope="module")
def loaded(servers: TestServers) -> Iterator[RunningApi]:
    """An API that was sent the log, half of it before the definition."""
    batches = list(sample.batches())
    with servers.database() as url, running_api(url, servers.clean_redis()) as api:
        for slug, zone in sample.time_zones().items():
            api.post("/api/v1/sites", {"site_id": slug, "timezone": zone}, expect=(201,))
        for number, batch in enumerate(batches):
            if number == len(batches) // 2:
                api.settle()
                define(api)
            api.post("/api/v1/events/batch", {"events": batch})
        api.settle()
        yield api


def define(api: RunningApi) -> None:
    variants = [{"key": key, "weight": 1 / 3} for key in ("control", "blue", "green")]
    for site in SITES:
        body = {
            "site_id": site, "key": KEY, "variants": variants, "control": "control",
            "goals": [PURCHASE_RATE, PURCHASE_VALUE],
        }  # fmt: skip
        api.post(ROUTE, body, expect=(201,))


def arms(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "variant": arm["variant"],
            "exposed": arm["exposed"],
            "converters": arm["converters"],
            "purchases": arm["conversions"],
            "net_revenue_cents": round(arm["value_sum"] * 100),
        }
        for arm in answer["arms"]
    ]


@pytest.mark.parametrize("site", SITES)
def test_a_sites_experiment(loaded: RunningApi, site: str) -> None:
    answer = loaded.get(f"{ROUTE}/{KEY}", site_id=site)
    expected = TRUTH["sites"][site]["experiment"]
    counts = ("variant", "exposed", "converters", "purchases", "net_revenue_cents")
    assert arms(answer) == [{name: arm[name] for name in counts} for arm in expected["arms"]]
    for arm, truth in zip(answer["arms"], expected["arms"], strict=True):
        assert arm["value_mean"] == pytest.approx(truth["revenue_per_user_mean"], abs=1e-6)
        assert arm["value_variance"] == pytest.approx(truth["revenue_per_user_var_ddof1"], abs=1e-6)
    assert answer["multi_exposed_excluded"] == expected["multi_exposed_excluded"]
    p_value = expected["srm_p_value_excluding_multi_exposed"]
    assert answer["srm"]["p_value"] == pytest.approx(p_value, rel=1e-6)
    found = {(c["variant"], c["goal"]["metric"]): c for c in answer["comparisons"]}
    for truth in expected["comparisons_vs_control"]:
        rate, value = found[truth["variant"], "conversion"], found[truth["variant"], "value"]
        assert rate["difference"] == pytest.approx(truth["diff"], abs=1e-6)
        assert rate["lift"] == pytest.approx(truth["relative_lift"], abs=1e-6)
        assert rate["p_value"] == pytest.approx(truth["p_value_pooled_z"], rel=1e-6)
        chance = truth["chance_to_beat_control_beta_1_1"]
        assert rate["chance_to_beat_control"] == pytest.approx(chance, abs=1e-6)
        assert value["difference"] == pytest.approx(truth["revenue_diff"], abs=1e-6)
        assert value["p_value"] == pytest.approx(truth["revenue_p_value_welch"], rel=1e-6)


def test_the_sites_add_up(loaded: RunningApi) -> None:
    per_site = [arms(loaded.get(f"{ROUTE}/{KEY}", site_id=site)) for site in SITES]
    expected = TRUTH["all_sites"]["experiment_unit_site_visitor"]["arms"]
    for number, truth in enumerate(expected):
        for name in ("exposed", "converters", "purchases", "net_revenue_cents"):
            assert sum(site[number][name] for site in per_site) == truth[name]
