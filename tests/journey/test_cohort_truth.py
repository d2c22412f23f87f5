"""Retention, lifetime value and funnels of the sample log, through the HTTP API."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import sample
from tests.api import RunningApi, running_api
from tests.servers import TestServers

SITES = ("shop-us", "shop-de", "shop-in")
TRUTH = sample.truth()
FIRST, LAST = TRUTH["range"]
NAMES = {"bounded": "bounded", "unbounded": "unbounded", "rolling": "rolling_7x24h"}
STEPS = [
    {"page": "/product/*"}, {"event": "add_to_cart"}, {"event": "checkout_start"},
    {"event": "purchase"},
]  # fmt: skip


@pytest.fixture(scope="module")
def loaded(servers: TestServers) -> Iterator[RunningApi]:
    """An API that was sent the log and has settled."""
    with servers.database() as url, running_api(url, servers.clean_redis()) as api:
        for slug, zone in sample.time_zones().items():
            api.post("/api/v1/sites", {"site_id": slug, "timezone": zone}, expect=(201,))
        for batch in sample.batches():
            answer = api.post("/api/v1/events/batch", {"events": batch})
            assert answer == {"accepted": len(batch), "rejected": []}
        api.settle()
        yield api


def retention(api: RunningApi, site: str, **query: Any) -> Any:
    return api.get("/api/v1/retention", site_id=site, first=FIRST, last=LAST, grain="week", **query)


def rounded(rates: list[float | None]) -> list[float | None]:
    return [None if rate is None else round(rate, 6) for rate in rates]


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("mode", NAMES)
@pytest.mark.parametrize("when", ["retention", "retention_as_of_midweek"])
def test_retention(loaded: RunningApi, site: str, mode: str, when: str) -> None:
    expected = TRUTH["sites"][site][when]
    as_of = {"as_of": expected["as_of"]} if "as_of" in expected else {}
    found = retention(loaded, site, mode=mode, **as_of)
    assert [(c["cohort"], c["size"], c["retained"]) for c in found["cohorts"]] == [
        (c["cohort_week"], c["size"], c[NAMES[mode]]) for c in expected["cohorts"]
    ]
    if mode != "rolling":
        complete = [c["complete"] for c in expected["cohorts"]]
        assert [c["complete"] for c in found["cohorts"]] == complete
        assert rounded(found["average"]) == expected[f"pooled_{mode}"]


@pytest.mark.parametrize("site", SITES)
def test_lifetime_value(loaded: RunningApi, site: str) -> None:
    found = retention(loaded, site)["cohorts"]
    for cohort, expected in zip(found, TRUTH["sites"][site]["ltv"], strict=True):
        assert cohort["cohort"] == expected["cohort_week"]
        assert [float(amount) for amount in cohort["ltv"]] == expected["ltv_per_member"]


@pytest.mark.parametrize("site", SITES)
def test_funnels(loaded: RunningApi, site: str) -> None:
    question = {"site_id": site, "from": FIRST, "to": LAST, "steps": STEPS, "window_s": 604_800}
    found = loaded.post("/api/v1/funnels/query", question, expect=(200,))
    expected = TRUTH["sites"][site]["funnel_7d"]
    assert [step["count"] for step in found["steps"]] == expected["visitors"]
    from_first = [step["from_first"] for step in found["steps"]]
    from_previous = [step["from_previous"] for step in found["steps"]]
    assert rounded(from_first) == expected["conversion_from_first"]
    assert rounded(from_previous) == expected["conversion_from_previous"]
    took = found["time_to_convert_s"]
    assert took["n"] == expected["time_to_convert_s"]["n"]
    assert rounded([took["mean"], took["median"]]) == [
        expected["time_to_convert_s"]["mean"],
        expected["time_to_convert_s"]["median"],
    ]
    by_session = loaded.post("/api/v1/funnels/query", {**question, "per": "session"}, expect=(200,))
    counts = [step["count"] for step in by_session["steps"]]
    assert counts == TRUTH["sites"][site]["funnel_per_session"]
