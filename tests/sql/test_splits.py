"""Breakdowns, series and funnels by the variants of an experiment and by segments."""

from typing import Any

import pytest

from tests.sites import DAY, SiteUnderTest

EXPERIMENT = "experiment:button"
FIGURES = ("value", "visitors", "sessions", "events", "conversions", "revenue_net", "share")


@pytest.fixture
def shop(site: SiteUnderTest) -> SiteUnderTest:
    """ada and eve saw green, bob control, cyd both, dan nothing; ada and dan came from DE."""
    for user, variant in (("ada", "green"), ("eve", "green"), ("bob", "control"), ("cyd", "green"),
                          ("cyd", "control"), ("eve", "")):  # fmt: skip
        properties = {"experiment": "button", "variant": variant}
        site.event("experiment_exposure", user, at="10:00", properties=properties)
    site.visit("ada", at="10:01", pages=["/"], country="DE")
    site.visit("ada", at="08:00", pages=["/", "/cart"], country="DE")
    site.visit("bob", at="10:01", pages=["/"])
    site.visit("dan", at="10:01", pages=["/"], country="DE")
    site.event("purchase", "ada", at="10:02", value="5")
    site.event("purchase", "bob", at="2026-03-11 10:02", value="7")
    site.event("purchase", None, at="10:02", value="100")
    return site


def breakdown(site: SiteUnderTest, dimension: str, **query: Any) -> list[tuple[Any, ...]]:
    rows = site.read("breakdown", DAY, "2026-03-11", dimension=dimension, **query)["rows"]
    return [tuple(row[name] for name in FIGURES) for row in rows]


def test_a_breakdown_by_variant_is_of_visitors_of_one_variant(shop: SiteUnderTest) -> None:
    rows = [
        ("green", 2, 3, 7, 1, "5.00", 3 / 7),
        ("control", 1, 2, 3, 1, "7.00", 2 / 7),
    ]
    assert breakdown(shop, EXPERIMENT) == rows
    assert breakdown(shop, EXPERIMENT, limit=1, offset=1) == rows[1:]
    assert breakdown(shop, EXPERIMENT, filters=["is", "country", ["DE"]]) == [
        ("green", 1, 2, 5, 1, "5.00", 2 / 3)
    ]


def test_a_definition_says_which_variants_there_are(shop: SiteUnderTest) -> None:
    variants = [{"key": "control", "weight": 1}, {"key": "blue", "weight": 1}]
    goals = [{"event": "purchase", "metric": "conversion"}]
    body = {"site_id": shop.slug, "key": "button", "variants": variants, "control": "control"}
    shop.api.post("/api/v1/experiments", {**body, "goals": goals}, expect=(201,))
    # cyd's green is unknown now, so that she has seen control alone
    assert breakdown(shop, EXPERIMENT) == [("control", 2, 3, 5, 1, "7.00", 3 / 7)]


def segments(site: SiteUnderTest) -> None:
    for name, filters in (("germans", ["is", "country", ["DE"]]), ("nobody", ["is", "os", ["x"]]),
                          ("shoppers", ["is", "event", ["purchase"]])):  # fmt: skip
        body = {"site_id": site.slug, "name": name, "filters": filters}
        site.api.post("/api/v1/segments", body, expect=(201,))


def test_a_session_counts_for_each_of_its_segments(shop: SiteUnderTest) -> None:
    segments(shop)
    assert breakdown(shop, "segment") == [
        ("germans", 2, 3, 6, 1, "5.00", 3 / 7),
        ("shoppers", 2, 2, 4, 2, "12.00", 2 / 7),
    ]


@pytest.mark.parametrize(
    ("dimension", "series"),
    [
        (EXPERIMENT, [(DAY, "green", 7), (DAY, "control", 2), ("2026-03-11", "control", 1)]),
        ("segment", [(DAY, "germans", 6), (DAY, "shoppers", 3), ("2026-03-11", "shoppers", 1)]),
    ],
)
def test_a_series_by_variant_or_segment(
    shop: SiteUnderTest, dimension: str, series: list[tuple[str, str, int]]
) -> None:
    segments(shop)
    shop.api.settle()
    answer = shop.api.get(
        "/api/v1/analytics/metrics", site_id=shop.slug, first=DAY, last="2026-03-11",
        metric="events", interval="day", dimension=dimension,
    )  # fmt: skip
    assert [(p["bucket"], p["dimension_value"], p["value"]) for p in answer["series"]] == series


@pytest.mark.parametrize(
    ("dimension", "split"),
    [
        (EXPERIMENT, [("control", [1, 1], 86_460.0), ("green", [1, 1], 7_320.0)]),
        ("segment", [("germans", [2, 1], 7_320.0), ("shoppers", [1, 1], 60.0)]),
    ],
)
def test_a_funnel_by_variant_or_segment(
    shop: SiteUnderTest, dimension: str, split: list[tuple[str, list[int], float]]
) -> None:
    segments(shop)
    shop.api.settle()
    question = {
        "site_id": shop.slug, "from": DAY, "to": DAY, "dimension": dimension,
        "steps": [{"page": "/", "filters": ["is_not", "entry_page", ["/cart"]]},
                  {"event": "purchase"}],
        "window_s": 90_000,
    }  # fmt: skip
    answer = shop.api.post("/api/v1/funnels/query", question, expect=(200,))
    assert [
        (row["value"], [s["count"] for s in row["steps"]], row["time_to_convert_s"]["mean"])
        for row in answer["split"]
    ] == split
