"""Defining and reading experiments over HTTP: what is refused, and what an empty one answers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.experiment_refresh import refresh_plans
from sql.database import connect
from tests.api import running_api
from tests.experiments import PURCHASE_RATE, ROUTE, defined, definition
from tests.servers import TestServers
from tests.sites import SiteUnderTest

WRONG = [
    ({"key": ""}, "key", "key is missing"),
    ({"key": " a"}, "key", "' a' is not a text without blanks at its ends"),
    ({"key": "a/b"}, "key", "'a/b' cannot be a key"),
    ({"key": "plan"}, "key", "not one of plan"),
    ({"variants": [{"key": "control"}]}, "variants", "a list of 2 to 20"),
    ({"variants": [{"key": "a"}, {"key": "a"}]}, "variants.1.key", "'a' is there twice"),
    ({"variants": [{"key": "control"}, {"key": " "}]}, "variants.1.key", "' ' is not a text"),
    (
        {"variants": [{"key": "control", "weight": 0}, {"key": "b"}]},
        "variants", "two variants need a weight above 0",
    ),
    (
        {"variants": [{"key": "control", "weight": -1}, {"key": "b"}]},
        "variants.0.weight", "greater than or equal to 0",
    ),
    ({"control": "red"}, "control", "'red' is not a variant; one of 'control', 'green' is"),
    ({"goals": []}, "goals", "goals is missing"),
    (
        {"goals": [{"event": "purchase", "metric": "median"}]},
        "goals.0.metric", "'conversion', 'count' or 'value'",
    ),
    ({"goals": [PURCHASE_RATE, PURCHASE_RATE]}, "goals.1", "there twice"),
    (
        {"goals": [{**PURCHASE_RATE, "primary": True},
                   {"event": "x", "metric": "count", "role": "primary"}]},
        "goals", "2 goals are primary",
    ),
    (
        {"goals": [PURCHASE_RATE, {"event": "refund", "metric": "count", "role": "guardrail"}]},
        "goals.1.direction", "'refund' needs a direction",
    ),
    (
        {"goals": [{**PURCHASE_RATE, "role": "guardrail", "direction": "increase"}]},
        "goals", "no goal is primary",
    ),
    ({"starts_at": "2026-03-01T09:00:00"}, "starts_at", "not an instant with an offset"),
    ({"ends_at": "tomorrow"}, "ends_at", "'tomorrow' is not an instant"),
    (
        {"starts_at": "2026-03-02", "ends_at": "2026-03-01"},
        "ends_at", "'2026-03-01' is not after starts_at",
    ),
    ({"attribution_window_s": 0}, "attribution_window_s", "0 is not a whole number of seconds"),
    ({"weight": 3}, "weight", "not permitted"),
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(servers: TestServers) -> Iterator[SiteUnderTest]:
    """A site that no test changes."""
    with servers.database() as url, running_api(url, servers.clean_redis()) as api:
        api.post("/api/v1/sites", {"site_id": "shop"}, expect=(201,))
        yield SiteUnderTest(api, "shop", "UTC")


@pytest.mark.parametrize(("fields", "field", "message"), WRONG)
def test_a_definition_that_cannot_be_is_refused_with_a_reason(
    shop: SiteUnderTest, fields: dict[str, Any], field: str, message: str
) -> None:
    error = shop.api.post(ROUTE, definition(shop, **fields), expect=(400,))["error"]
    assert error["code"] == "invalid_parameter"
    assert error["field"] == field
    assert message in error["message"]


def test_a_key_is_taken_once_a_site(site: SiteUnderTest) -> None:
    defined(site)
    error = site.api.post(ROUTE, definition(site), expect=(409,))["error"]
    assert error["code"] == "experiment_exists"
    assert "'button'" in error["message"]


def test_what_does_not_exist_is_not_found(site: SiteUnderTest) -> None:
    site.api.get(f"{ROUTE}/button", site_id=site.slug, expect=404)
    site.api.get(f"{ROUTE}/%00", site_id=site.slug, expect=404)
    site.api.get(ROUTE, site_id="nowhere", expect=404)
    site.api.post(ROUTE, {**definition(site), "site_id": "nowhere"}, expect=(404,))


def test_an_experiment_without_data_has_arms_of_nobody(site: SiteUnderTest) -> None:
    experiment = defined(site)
    at_once = site.api.get(f"{ROUTE}/button", site_id=site.slug)
    assert at_once["computed_at"] is None
    for answer in (at_once, experiment.result()):
        assert [(arm["variant"], arm["exposed"]) for arm in answer["arms"]] == [
            ("control", 0), ("green", 0),
        ]  # fmt: skip
        assert (answer["verdict"], answer["multi_exposed_excluded"]) == ("not enough data", 0)
        assert (answer["srm"]["p_value"], answer["srm"]["alarm"]) == (None, False)
        assert answer["range"] == {"from": None, "to": None, "timezone": "UTC"}
    answer = experiment.result()
    assert answer["computed_at"] is not None
    assert [one["p_value"] for one in answer["comparisons"]] == [None]


def test_an_answer_has_every_statistic_of_every_variant_and_goal(site: SiteUnderTest) -> None:
    variants = [{"key": key, "weight": 1} for key in ("control", "blue", "green")]
    guardrail = {
        "event": "refund", "metric": "conversion", "role": "guardrail", "direction": "decrease",
    }  # fmt: skip
    experiment = defined(site, variants=variants, goals=[PURCHASE_RATE, guardrail])
    for number in range(30):
        experiment.expose(f"u{number}", variants[number % 3]["key"], at="10:00")
    for number in (0, 3, 6, 1, 2, 5, 8, 11):
        experiment.buy(f"u{number}", "10", at="10:01")
    answer = experiment.result()
    found = {(one["variant"], one["goal"]["event"]): one for one in answer["comparisons"]}
    assert set(found) == {
        ("blue", "purchase"), ("blue", "refund"), ("green", "purchase"), ("green", "refund"),
    }  # fmt: skip
    green, blue = found["green", "purchase"], found["blue", "purchase"]
    assert green["difference"] == pytest.approx(0.1)
    assert green["lift"] == pytest.approx(1 / 3)
    assert green["p_value"] == pytest.approx(0.6392, abs=1e-4)
    assert blue["p_value"] == pytest.approx(0.2636, abs=1e-4)
    assert blue["p_value_holm"] == pytest.approx(2 * blue["p_value"])
    assert green["p_value_holm"] == pytest.approx(green["p_value"])
    assert 0.5 < green["chance_to_beat_control"] < 0.75
    low, high = green["sequential_ci"]
    assert low < green["difference_ci"][0] < green["difference_ci"][1] < high
    assert green["verdict"] == "not enough data"
    assert "10 visitors; a verdict needs 100" in green["reason"]
    assert found["green", "refund"]["goal"]["role"] == "guardrail"
    assert (answer["currency"], answer["uniques"]) == ("USD", "exact")


def test_the_list_has_a_verdict_each(site: SiteUnderTest) -> None:
    defined(site)
    experiment = defined(site, key="banner", name="Banner on top")
    experiment.expose("ada", "green", at="10:00")
    site.api.settle()
    listed = site.api.get(ROUTE, site_id=site.slug)["experiments"]
    assert [(one["key"], one["name"], one["exposed"], one["verdict"]) for one in listed] == [
        ("banner", "Banner on top", 1, "not enough data"),
        ("button", "button", 0, "not enough data"),
    ]


def test_a_split_that_does_not_exist_is_refused(site: SiteUnderTest) -> None:
    defined(site)
    error = site.api.get(f"{ROUTE}/button", site_id=site.slug, split="shoe", expect=400)["error"]
    assert "'shoe' is not a split; one of country, device, source, visitor is" in error["message"]


def test_a_plan_is_made_of_the_sites_own_baseline(site: SiteUnderTest) -> None:
    today = datetime.now(UTC).replace(hour=12)
    for number in range(40):
        at = (today - timedelta(days=1 + number % 4)).isoformat()
        site.send({"name": "page_view", "path": "/", "user_id": f"u{number}", "timestamp": at})
        if number < 10:
            site.send({"name": "purchase", "user_id": f"u{number}", "timestamp": at, "value": 8})
    site.send({"name": "purchase", "user_id": "today", "value": 1000})
    site.api.settle()
    with connect(site.api.database_url) as conn:
        assert refresh_plans(conn, datetime.now(UTC)) == 1
        assert refresh_plans(conn, datetime.now(UTC)) == 0
    query = {"site_id": site.slug, "event": "purchase", "metric": "conversion"}
    (plan,) = site.api.get(f"{ROUTE}/plan", **query, relative_lift=0.2)["plans"]
    assert (plan["baseline"], plan["visitors"], plan["days"]) == (0.25, 40, 4)
    assert plan["visitors_per_day"] == 10.0
    (row,) = plan["arms"]["2"]["lifts"]
    assert (row["sample_size_per_arm_one_look"], row["days_one_look"]) == (1251, 251)
    assert row["sample_size_per_arm"] > 1251
    assert [one["days"] for one in plan["arms"]["3"]["detectable"]] == [7, 14, 28]
    error = site.api.get(f"{ROUTE}/plan", **query, relative_lift=0.3, expect=400)["error"]
    assert "0.3 is not planned; 0.01, 0.02, 0.05, 0.1, 0.2 are" in error["message"]
    error = site.api.get(f"{ROUTE}/plan", site_id=site.slug, event="nap", expect=404)["error"]
    assert "events with a plan: purchase" in error["message"]
