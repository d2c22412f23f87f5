"""Definitions that change, and tables that stay what a rebuild would make of them."""

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from psycopg import sql as composed

from sql.database import connect
from sql.site_removal import remove_deleted_sites
from sql.verification import Days, verify_site
from tests.experiments import PURCHASE_RATE, PURCHASE_VALUE, ROUTE, defined
from tests.sites import SiteUnderTest

DERIVED = ("experiment_units", "experiment_outcomes", "experiment_days", "experiment_segments")
TABLES = (*DERIVED, "experiment_results", "experiment_changes", "touched_units")


def test_what_arrived_before_the_definition_counts(site: SiteUnderTest) -> None:
    site.event(
        "experiment_exposure", "ada", at="10:00",
        properties={"experiment": "button", "variant": "green"},
    )  # fmt: skip
    site.event("purchase", "ada", at="10:01", value="3")
    site.api.settle()
    assert defined(site).arms()["green"] == (1, 1, 1, 3.0)


def test_changed_goals_are_counted_anew_and_the_change_is_shown(site: SiteUnderTest) -> None:
    experiment = defined(site)
    experiment.expose("ada", "green", at="10:00")
    experiment.buy("ada", "3", at="10:01")
    site.event("signup", "ada", at="10:02")
    site.event("signup", "ada", at="10:03")
    assert experiment.arms()["green"] == (1, 1, 1, 3.0)
    experiment.change(goals=[{"event": "signup", "metric": "count"}, PURCHASE_RATE])
    assert experiment.arms()["green"] == (1, 1, 2, 0.0)
    changes = experiment.result()["changes"]
    assert [(one["field"], one["old"], one["new"][0]["event"]) for one in changes] == [
        ("goals", [{**PURCHASE_RATE, "role": "primary", "direction": "increase"}], "signup")
    ]


def test_a_removed_variant_is_unknown_from_then_on(site: SiteUnderTest) -> None:
    variants = [{"key": key, "weight": 1} for key in ("control", "green", "blue")]
    experiment = defined(site, variants=variants)
    for user, variant in (("ada", "green"), ("bob", "blue"), ("cyd", "blue")):
        experiment.expose(user, variant, at="10:00")
    experiment.expose("cyd", "green", at="10:01")
    assert experiment.result()["multi_exposed_excluded"] == 1
    experiment.change(variants=variants[:2])
    assert experiment.arms() == {"control": (0, 0, 0, 0.0), "green": (2, 0, 0, 0.0)}
    assert experiment.result()["multi_exposed_excluded"] == 0


def test_an_unequal_split_is_measured_by_the_weights_that_stood_then(site: SiteUnderTest) -> None:
    experiment = defined(site)
    for number in range(30):
        experiment.expose(f"u{number}", ("control", "green")[number % 2], at="10:00")
    weights = [{"key": "control", "weight": 9}, {"key": "green", "weight": 1}]
    experiment.change(variants=weights)
    answer = experiment.result()
    assert answer["srm"] == {
        "p_value": 1.0, "alarm": False, "expected": {"control": 15.0, "green": 15.0},
    }  # fmt: skip
    assert [one["field"] for one in answer["changes"]] == ["variants"]


def test_a_sample_ratio_mismatch_blocks_the_verdict(site: SiteUnderTest) -> None:
    experiment = defined(site, goals=[PURCHASE_RATE, PURCHASE_VALUE])
    exposures = [("control", number) for number in range(40)]
    exposures += [("green", number) for number in range(110)]
    site.send(
        *(
            {
                "name": "experiment_exposure", "user_id": f"{variant}{number}", "at": "10:00",
                "properties": {"experiment": "button", "variant": variant},
            }
            for variant, number in exposures
        )
    )  # fmt: skip
    answer = experiment.result()
    assert answer["srm"]["alarm"] is True
    assert answer["srm"]["p_value"] == pytest.approx(1.0943e-8, rel=1e-3)
    assert (answer["verdict"], answer["winner"]) == ("do not trust", None)
    assert {one["verdict"] for one in answer["comparisons"]} == {"do not trust"}
    assert "sample ratio mismatch" in answer["reason"]
    assert answer["comparisons"][0]["difference"] == 0.0


def test_a_deleted_experiment_leaves_nothing(site: SiteUnderTest) -> None:
    experiment = defined(site)
    experiment.expose("ada", "green", at="10:00")
    experiment.buy("ada", "3", at="10:01")
    experiment.change(name="Button")
    experiment.result()
    answer = site.api.client.delete(f"{ROUTE}/button", params={"site_id": site.slug})
    assert answer.status_code == 204
    assert rows(site) == dict.fromkeys(TABLES, 0)
    site.api.get(f"{ROUTE}/button", site_id=site.slug, expect=404)
    assert defined(site).arms()["green"] == (1, 1, 1, 3.0)


def test_a_deleted_site_takes_its_experiments_along(site: SiteUnderTest) -> None:
    experiment = defined(site)
    experiment.expose("ada", "green", at="10:00")
    experiment.buy("ada", "3", at="10:01")
    experiment.result()
    assert site.api.client.delete(f"/api/v1/sites/{site.slug}").status_code == 204
    with connect(site.api.database_url) as conn:
        conn.execute("UPDATE sites SET deleted_at = now() - INTERVAL '2 minutes'")
        assert remove_deleted_sites(conn) == 1
    site.api.settle()
    assert rows(site) == dict.fromkeys(TABLES, 0)


def rows(site: SiteUnderTest) -> dict[str, int]:
    with connect(site.api.database_url) as conn:
        return {table: conn.execute(whole(table)).rowcount for table in TABLES}


def whole(table: str) -> composed.Composed:
    return composed.SQL("TABLE {}").format(composed.Identifier(table))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_upkeep_and_rebuild_agree(site: SiteUnderTest, seed: int) -> None:
    experiment = defined(site, goals=[PURCHASE_VALUE, {"event": "signup", "metric": "count"}])
    log = random_log(random.Random(seed))
    for start in range(0, len(log), 40):
        site.send(*log[start : start + 40])
        kept = experiment.result()
    before = tables(site)
    with connect(site.api.database_url) as conn:
        assert verify_site(conn, 1) == []
        for table in DERIVED:
            conn.execute(composed.SQL("TRUNCATE {}").format(composed.Identifier(table)))
        conn.execute("UPDATE experiments SET needs_rebuild = true, changed_from = '-infinity'")
    rebuilt = experiment.result()
    assert tables(site) == before
    assert {**rebuilt, "computed_at": 0, "as_of": 0} == {**kept, "computed_at": 0, "as_of": 0}


def test_verify_names_units_and_outcomes_that_differ(site: SiteUnderTest) -> None:
    experiment = defined(site)
    experiment.expose("ada", "green", at="10:00")
    experiment.buy("ada", "3", at="10:01")
    experiment.result()
    with connect(site.api.database_url) as conn:
        conn.execute("UPDATE experiment_units SET variant = 'control'")
        conn.execute("UPDATE experiment_outcomes SET value = 4")
        found = verify_site(conn, 1)
    assert {difference.relation for difference in found} == {
        "experiment_units", "experiment_outcomes", "experiment_days", "experiment_segments",
    }  # fmt: skip


def test_verify_names_segments_that_differ_whichever_the_days(site: SiteUnderTest) -> None:
    experiment = defined(site)
    experiment.expose("ada", "green", at="10:00")
    experiment.result()
    with connect(site.api.database_url) as conn:
        assert verify_site(conn, 1) == []
        conn.execute("UPDATE experiment_segments SET visitors = 2 WHERE dimension = 'visitor'")
        found = verify_site(conn, 1, Days(date(2025, 1, 1), date(2025, 1, 2)))
    assert [(x.relation, x.is_missing, x.row["visitors"]) for x in found] == [
        ("experiment_segments", True, 1), ("experiment_segments", False, 2),
    ]  # fmt: skip


def random_log(dice: random.Random) -> list[dict[str, Any]]:
    events = []
    for _ in range(160):
        name = dice.choice(["experiment_exposure"] * 2 + ["purchase", "refund", "signup"])
        event: dict[str, Any] = {
            "name": name,
            "user_id": f"u{dice.randrange(25)}",
            "at": f"2026-03-{dice.randrange(1, 9):02d} {dice.randrange(24):02d}:00",
            "country": dice.choice(["DE", "FR"]),
        }
        if name == "experiment_exposure":
            variant = "green" if dice.random() < 0.1 else ("control", "green")[event["at"][9] < "5"]
            event["properties"] = {"experiment": "button", "variant": variant}
        else:
            event["value"] = f"{dice.randrange(10_000) / 100}"
        events.append(event)
    return events


def tables(site: SiteUnderTest) -> dict[str, list[str]]:
    """The derived tables; a sum that has fallen to zero means the same as no row."""
    with connect(site.api.database_url) as conn:
        return {
            table: sorted(
                str([normal(value) for value in row])
                for row in conn.execute(whole(table))
                if table in DERIVED[:2] or any(row[-5:])
            )
            for table in DERIVED
        }


def normal(value: Any) -> Any:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
