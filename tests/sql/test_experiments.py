"""Who counts as exposed to what, and which of their events count as its outcome."""

from collections.abc import Callable

import pytest

from tests.experiments import ExperimentUnderTest, defined
from tests.sites import DAY, SiteUnderTest


@pytest.fixture
def experiment(site: SiteUnderTest) -> ExperimentUnderTest:
    return defined(site)


def test_outcomes_count_from_the_instant_of_the_first_exposure(
    experiment: ExperimentUnderTest,
) -> None:
    experiment.buy("ada", "100", at="09:59:59")
    experiment.expose("ada", "green", at="10:00")
    experiment.buy("ada", "7.50", at="10:00")
    experiment.expose("ada", "green", at="10:05")
    experiment.buy("ada", "2.25", at="10:06")
    experiment.expose("bob", "control", at="10:00")
    assert experiment.arms() == {"control": (1, 0, 0, 0.0), "green": (1, 1, 2, 9.75)}


def test_a_late_exposure_moves_the_first_exposure_earlier(experiment: ExperimentUnderTest) -> None:
    experiment.buy("ada", "40", at="10:00")
    experiment.buy("ada", "5", at="12:00")
    experiment.expose("ada", "green", at="11:00")
    assert experiment.arms()["green"] == (1, 1, 1, 5.0)
    experiment.expose("ada", "green", at="09:00")
    assert experiment.arms()["green"] == (1, 1, 2, 45.0)


def test_unknown_and_blank_variants_are_ignored(experiment: ExperimentUnderTest) -> None:
    for user, variant in (("ada", "purple"), ("bob", ""), ("cyd", " "), ("dan", None)):
        experiment.expose(user, variant, at="10:00")
    experiment.expose("eve", "purple", at="10:00")
    experiment.expose("eve", "green", at="10:01")
    experiment.site.event("experiment_exposure", "fay", at="10:00")
    other = {"experiment": "another", "variant": "green"}
    experiment.site.event("experiment_exposure", "gus", at="10:00", properties=other)
    answer = experiment.result()
    assert [arm["exposed"] for arm in answer["arms"]] == [0, 1]
    assert answer["multi_exposed_excluded"] == 0


def test_visitors_of_two_variants_are_excluded_and_counted(experiment: ExperimentUnderTest) -> None:
    experiment.expose("ada", "green", at="10:00")
    experiment.buy("ada", "10", at="10:01")
    experiment.expose("bob", "green", at="10:00")
    assert experiment.arms()["green"] == (2, 1, 1, 10.0)
    experiment.expose("ada", "control", at="2026-03-12 10:00")
    assert experiment.arms() == {"control": (0, 0, 0, 0.0), "green": (1, 0, 0, 0.0)}
    assert experiment.result()["multi_exposed_excluded"] == 1


def test_what_belongs_to_nobody_never_counts(experiment: ExperimentUnderTest) -> None:
    experiment.expose(None, "green", at="10:00")
    experiment.expose("ada", "green", at="10:00")
    experiment.buy(None, "10", at="10:01")
    assert experiment.arms()["green"] == (1, 0, 0, 0.0)


def test_refunds_after_the_exposure_are_taken_off_the_purchases(
    experiment: ExperimentUnderTest,
) -> None:
    experiment.buy("ada", "80", at="08:00")
    experiment.refund("ada", "80", at="08:30")
    experiment.expose("ada", "green", at="09:00")
    experiment.buy("ada", "20", at="10:00")
    experiment.refund("ada", "-4.50", at="2026-03-14 10:00")
    experiment.expose("bob", "control", at="09:00")
    experiment.refund("bob", "3", at="10:00")
    assert experiment.arms() == {"control": (1, 0, 0, -3.0), "green": (1, 1, 1, 15.5)}


def test_a_refund_as_a_goal_is_a_positive_amount(site: SiteUnderTest) -> None:
    goals = [{"event": "refund", "metric": "value", "direction": "decrease"}]
    experiment = defined(site, goals=goals)
    experiment.expose("ada", "green", at="09:00")
    experiment.buy("ada", "20", at="10:00")
    experiment.refund("ada", "-4.50", at="11:00")
    assert experiment.arms()["green"] == (1, 1, 1, 4.5)


def test_money_in_another_currency_is_not_added(experiment: ExperimentUnderTest) -> None:
    experiment.expose("ada", "green", at="09:00")
    experiment.buy("ada", "20", at="10:00", currency="JPY")
    experiment.buy("ada", "1.10", at="10:01", currency="USD")
    assert experiment.arms()["green"] == (1, 1, 2, 1.1)


def test_the_end_of_the_attribution_window_is_inside_it(site: SiteUnderTest) -> None:
    experiment = defined(site, attribution_window_s=3600)
    experiment.expose("ada", "green", at="10:00")
    experiment.buy("ada", "1", at="11:00")
    experiment.buy("ada", "20", at="2026-03-10 11:00:00.001")
    experiment.refund("ada", "0.25", at="11:00")
    assert experiment.arms()["green"] == (1, 1, 1, 0.75)


def test_exposures_count_from_the_start_and_before_the_end(site: SiteUnderTest) -> None:
    experiment = defined(
        site, starts_at="2026-03-10T09:00:00Z", ends_at="2026-03-10T12:00:00+00:00"
    )
    experiment.expose("ada", "control", at="08:59:59")
    experiment.expose("ada", "green", at="09:00")
    experiment.expose("ada", "control", at="12:00")
    experiment.expose("bob", "control", at="12:00")
    experiment.buy("ada", "6", at="13:00")
    assert experiment.arms() == {"control": (0, 0, 0, 0.0), "green": (1, 1, 1, 6.0)}


def test_days_as_dates_are_the_sites_own(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site("kolkata", timezone="Asia/Kolkata")
    experiment = defined(site, starts_at="2026-03-10", ends_at="2026-03-10")
    experiment.expose("ada", "green", at="2026-03-09 23:59:59")
    experiment.expose("bob", "green", at="2026-03-10 00:00")
    experiment.expose("cyd", "green", at="2026-03-10 23:59:59")
    experiment.expose("dan", "green", at="2026-03-11 00:00")
    answer = experiment.result()
    assert answer["exposed"] == 2
    assert answer["starts_at"] == "2026-03-09T18:30:00Z"
    assert answer["ends_at"] == "2026-03-10T18:30:00Z"


def test_moments_are_of_visitors_and_those_who_did_nothing_count(site: SiteUnderTest) -> None:
    goals = [{"event": "purchase", "metric": metric} for metric in ("value", "count", "conversion")]
    experiment = defined(site, goals=goals)
    for user in ("ada", "bob", "cyd"):
        experiment.expose(user, "control", at="09:00")
    experiment.buy("ada", "10", at="10:00")
    experiment.buy("ada", "20", at="2026-03-13 10:00")
    experiment.buy("cyd", "5.50", at="10:00")
    experiment.refund("cyd", "2.25", at="2026-03-12 10:00")
    experiment.expose("dan", "green", at="09:00")
    control, green = experiment.result()["arms"]
    assert (control["converters"], control["conversions"], control["value_sum"]) == (2, 3, 33.25)
    assert control["value_mean"] == pytest.approx(11.0833333333, abs=1e-9)
    assert control["value_variance"] == pytest.approx(271.0208333333, abs=1e-9)
    assert (control["count_mean"], control["count_variance"]) == (1.0, 1.0)
    assert (green["value_mean"], green["value_variance"]) == (0.0, None)
    assert [goal["metric"] for goal in control["goals"]] == ["value", "count", "conversion"]


def test_the_flat_fields_of_an_arm_are_the_primary_goals(site: SiteUnderTest) -> None:
    goals = [
        {"event": "signup", "metric": "count"},
        {"event": "purchase", "metric": "value", "primary": True},
    ]
    experiment = defined(site, goals=goals)
    experiment.expose("ada", "green", at="09:00")
    for minute in (1, 2, 3):
        site.event("signup", "ada", at=f"09:0{minute}", value="9")
    experiment.buy("ada", "5", at="10:00")
    green = experiment.result()["arms"][1]
    assert (green["conversions"], green["value_sum"]) == (1, 5.0)
    by_event = {goal["event"]: goal for goal in green["goals"]}
    assert (by_event["signup"]["conversions"], by_event["signup"]["value_sum"]) == (3, 27.0)
    assert (by_event["signup"]["role"], by_event["purchase"]["role"]) == ("secondary", "primary")


def test_the_history_is_as_of_the_end_of_each_day(site: SiteUnderTest) -> None:
    experiment = defined(site, goals=[{"event": "purchase", "metric": "value"}])
    experiment.expose("ada", "control", at="2026-03-10 09:00")
    experiment.expose("bob", "green", at="2026-03-10 09:00")
    experiment.buy("bob", "6", at="2026-03-12 10:00")
    experiment.expose("cyd", "green", at="2026-03-13 09:00")
    assert differences(experiment) == [
        ("2026-03-10", [1, 1], 0.0), ("2026-03-12", [1, 1], 6.0), ("2026-03-13", [1, 2], 3.0),
    ]  # fmt: skip
    experiment.buy("ada", "1", at="2026-03-12 08:00")
    assert differences(experiment) == [
        ("2026-03-10", [1, 1], 0.0), ("2026-03-12", [1, 1], 5.0), ("2026-03-13", [1, 2], 2.0),
    ]  # fmt: skip
    experiment.expose("bob", "control", at="2026-03-14 08:00")
    assert differences(experiment) == [
        ("2026-03-10", [1, 0], None), ("2026-03-12", [1, 0], None), ("2026-03-13", [1, 1], -1.0),
    ]  # fmt: skip


def differences(experiment: ExperimentUnderTest) -> list[tuple[str, list[int], float | None]]:
    experiment.site.api.settle()
    days = experiment.site.api.get(
        f"/api/v1/experiments/{experiment.key}/history", site_id=experiment.site.slug
    )["days"]
    return [
        (day["day"], day["estimates"][0]["exposed"], day["estimates"][0]["difference"])
        for day in days
    ]


def test_segments_are_those_of_the_session_of_the_first_exposure(
    experiment: ExperimentUnderTest,
) -> None:
    experiment.site.visit("ada", at="2026-03-09 10:00", pages=["/"], country="FR")
    experiment.site.visit("ada", at="10:00", pages=["/"], country="DE", device="mobile")
    experiment.expose("ada", "green", at="10:05")
    experiment.buy("ada", "10", at="2026-03-11 10:00", country="US")
    experiment.expose("bob", "control", at="10:00", country="DE")
    experiment.expose("cyd", "green", at="10:00", country="DE")
    experiment.expose("dan", "green", at="10:00")
    assert segments(experiment, "country") == {
        "DE": {"control": (1, 0), "green": (2, 1)}, None: {"control": (0, 0), "green": (1, 0)},
    }  # fmt: skip
    assert segments(experiment, "visitor") == {
        "new": {"control": (1, 0), "green": (2, 0)},
        "returning": {"control": (0, 0), "green": (1, 1)},
    }
    assert "twenty comparisons" in experiment.result(split="device")["split"]["warning"]


def segments(
    experiment: ExperimentUnderTest, dimension: str
) -> dict[str | None, dict[str, tuple[int, int]]]:
    values = experiment.result(split=dimension)["split"]["values"]
    return {
        value["value"]: {a["variant"]: (a["exposed"], a["converters"]) for a in value["arms"]}
        for value in values
    }


def test_a_filter_by_experiment_takes_the_variants_of_its_definition(
    experiment: ExperimentUnderTest,
) -> None:
    site = experiment.site
    for user, variant in (("ada", "green"), ("bob", "purple"), ("cyd", "control")):
        experiment.expose(user, variant, at="10:00")
    experiment.expose("dan", "green", at="10:00")
    experiment.expose("dan", "purple", at="10:01")
    experiment.expose("eve", "green", at="10:00")
    experiment.expose("eve", "control", at="10:01")
    undefined = ExperimentUnderTest(site, "banner")
    undefined.expose("fay", "purple", at="10:00")
    undefined.expose("gus", "purple", at="10:00")
    undefined.expose("gus", "green", at="10:00")

    def visitors(*filter: object) -> int:
        count: int = site.overview(filters=list(filter))["visitors"]
        return count

    assert visitors("is", "experiment:button", ["green"]) == 2
    assert visitors("is_not", "experiment:button", ["green"]) == 5
    assert visitors("is", "experiment:button", ["purple"]) == 0
    assert visitors("is", "experiment:banner", ["purple"]) == 1
    assert visitors("is", "experiment:banner", ["green"]) == 0


@pytest.mark.parametrize(("variant", "counts"), [("green", [2, 1]), ("control", [1, 0])])
def test_funnels_and_retention_are_asked_by_variant(
    experiment: ExperimentUnderTest, variant: str, counts: list[int]
) -> None:
    site = experiment.site
    for user, seen in (("ada", "green"), ("bob", "control"), ("cyd", "green"), ("dan", None)):
        site.visit(user, at="10:00", pages=["/pricing"])
        if seen:
            experiment.expose(user, seen, at="10:01")
    experiment.buy("ada", "5", at="10:02")
    experiment.buy("dan", "5", at="10:02")
    site.api.settle()
    chosen = ["is", "experiment:button", [variant]]
    funnel = site.api.post(
        "/api/v1/funnels/query",
        {
            "site_id": site.slug,
            "from": DAY,
            "to": DAY,
            "steps": [{"page": "/pricing"}, {"event": "purchase"}],
            "window_s": 3_600,
            "filters": chosen,
        },
        expect=(200,),
    )
    assert [step["count"] for step in funnel["steps"]] == counts
    retention = site.api.get(
        "/api/v1/retention", site_id=site.slug, first=DAY, last=DAY, grain="day", filters=chosen
    )
    assert [cohort["size"] for cohort in retention["cohorts"]] == counts[:1]
