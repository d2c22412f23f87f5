"""Funnels: ordered steps within a window of elapsed time, the deepest attempt counted."""

from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from itertools import count
from typing import Any

import pytest

from sql.funnel_steps import Step, like_pattern
from sql.funnels import Funnel, check_funnel
from sql.scope import ScopeError
from tests.api import RunningApi, running_api
from tests.servers import TestServers
from tests.sites import SiteUnderTest

MakeSite = Callable[..., SiteUnderTest]
_slugs = (f"shop-{number}" for number in count(1))
HOUR_S = 3_600
WEEK_S = 168 * HOUR_S
SHOP = [{"page": "/product/*"}, {"event": "add_to_cart"}, {"event": "purchase"}]


@pytest.fixture(scope="module")
def api(servers: TestServers) -> Iterator[RunningApi]:
    """One API for the whole module; every test has sites of its own."""
    with servers.database() as url, running_api(url, servers.clean_redis()) as running:
        yield running


@pytest.fixture
def make_site(api: RunningApi) -> MakeSite:
    def make(timezone: str = "UTC") -> SiteUnderTest:
        slug = next(_slugs)
        api.post("/api/v1/sites", {"site_id": slug, "timezone": timezone}, expect=(201,))
        return SiteUnderTest(api, slug, timezone)

    return make


def ask(
    site: SiteUnderTest,
    steps: list[dict[str, Any]],
    first: str = "2026-03-10",
    last: str | None = None,
    *,
    window_s: float = HOUR_S,
    expect: int = 200,
    **more: Any,
) -> Any:
    site.api.settle()
    body = {"site_id": site.slug, "from": first, "to": last or first, "steps": steps}
    return site.api.post(
        "/api/v1/funnels/query", {**body, "window_s": window_s, **more}, expect=(expect,)
    )


def counts(answer: Any) -> list[int]:
    return [step["count"] for step in answer["steps"]]


def do(site: SiteUnderTest, user: str, *what: str) -> None:
    """Each "10:00 name", or "10:00 /path" for a page view."""
    for one in what:
        at, _, name = one.rpartition(" ")
        if name.startswith("/"):
            site.visit(user, at=at, pages=[name])
        else:
            site.event(name, user, at=at)


def test_steps_are_in_order_with_anything_between(site: SiteUnderTest) -> None:
    do(site, "ann", "10:00 /product/1", "10:01 /", "10:10 add_to_cart", "10:30 purchase")
    do(site, "bob", "10:00 add_to_cart", "10:05 /product/1", "10:20 purchase")
    do(site, "cid", "10:00 /product/2/", "10:05 add_to_cart", "11:00:01 purchase")
    do(site, "dee", "10:00 /product", "10:05 add_to_cart", "10:10 purchase")
    do(site, "eva", "10:00 /product/1", "10:40 add_to_cart", "11:00 purchase")
    answer = ask(site, SHOP)
    assert answer["steps"] == [
        {"label": "/product/*", "count": 4, "from_first": 1.0, "from_previous": None},
        {"label": "add_to_cart", "count": 3, "from_first": 0.75, "from_previous": 0.75},
        {"label": "purchase", "count": 2, "from_first": 0.5, "from_previous": 2 / 3},
    ]
    assert answer["time_to_convert_s"] == {"n": 2, "median": 2_700.0, "mean": 2_700.0}
    assert answer["uniques"] == "exact"
    assert answer["range"] == {"from": "2026-03-10", "to": "2026-03-10", "timezone": "UTC"}


def test_any_entry_may_open_the_attempt_and_the_deepest_counts(site: SiteUnderTest) -> None:
    # The first entry is too early for the purchase, the last too late for the cart.
    do(site, "ann", "09:00 /product/1", "09:50 /product/2", "09:55 add_to_cart",
       "10:20 /product/3", "10:40 purchase")  # fmt: skip
    answer = ask(site, SHOP)
    assert counts(answer) == [1, 1, 1]
    assert answer["time_to_convert_s"] == {"n": 1, "median": 3_000.0, "mean": 3_000.0}


def test_time_to_convert_begins_at_the_earliest_completing_entry(site: SiteUnderTest) -> None:
    do(site, "ann", "10:00 /product/1", "10:05 /product/1", "10:06 add_to_cart", "10:10 purchase",
       "10:20 purchase")  # fmt: skip
    do(site, "bob", "08:00 /product/1", "10:00 /product/1", "10:01 add_to_cart", "10:02 purchase")
    do(site, "cid", "12:00 /product/1", "12:20 add_to_cart", "12:30 purchase")
    answer = ask(site, SHOP)
    assert counts(answer) == [3, 3, 3]
    assert answer["time_to_convert_s"] == {"n": 3, "median": 600.0, "mean": 840.0}


@pytest.mark.parametrize(
    ("zone", "entry"),
    [
        ("America/New_York", "2025-10-30 12:00"),
        ("Europe/Berlin", "2026-03-27 12:00"),
        ("Asia/Kolkata", "2025-10-30 12:00"),
        ("Asia/Kathmandu", "2025-10-30 12:00"),
        ("Australia/Lord_Howe", "2026-04-03 12:00"),
    ],
)
def test_the_window_is_elapsed_time_across_a_clock_change(
    make_site: MakeSite, zone: str, entry: str
) -> None:
    site = make_site(zone)
    start = site.instant(entry).astimezone(UTC)
    for user, seconds in (("ann", WEEK_S - 1), ("bob", WEEK_S), ("cid", WEEK_S + 0.001)):
        for name, after in (("view", 0.0), ("buy", seconds)):
            at = start + timedelta(seconds=after)
            site.event(name, user, at=at.isoformat())
    answer = ask(site, [{"event": "view"}, {"event": "buy"}], entry[:10], window_s=WEEK_S)
    assert counts(answer) == [3, 2]
    assert answer["time_to_convert_s"] == {"n": 2, "median": 604_799.5, "mean": 604_799.5}


def test_entries_lie_in_the_local_range_and_later_steps_may_follow_it(
    make_site: MakeSite,
) -> None:
    site = make_site("Asia/Kathmandu")
    steps = [{"event": "view"}, {"event": "buy"}]
    do(site, "ann", "2026-03-09 23:59:59 view", "2026-03-10 00:10 buy")
    do(site, "bob", "2026-03-10 00:00:00 view", "2026-03-10 00:10 buy")
    do(site, "cid", "2026-03-10 23:59:59 view", "2026-03-11 00:59:59 buy")
    do(site, "dee", "2026-03-11 00:00:00 view", "2026-03-11 00:10 buy")
    assert counts(ask(site, steps)) == [2, 2]


def test_simultaneous_events_are_in_the_order_that_helps(site: SiteUnderTest) -> None:
    for user, names in {"ann": ("a", "b", "c"), "bob": ("c", "b", "a"), "cid": ("b", "c")}.items():
        for number, name in enumerate(names):
            site.event(name, user, at="10:00", event_id=f"{user}{number}")
    assert counts(ask(site, [{"event": "a"}, {"event": "b"}, {"event": "c"}])) == [2, 2, 2]


def test_one_event_never_satisfies_two_steps(site: SiteUnderTest) -> None:
    do(site, "ann", "10:00 /a")
    do(site, "bob", "10:00 /a", "10:00 /a")
    do(site, "cid", "10:00 /a", "10:20 /b", "10:30 /a")
    twice = [{"page": "/a"}, {"page": "/a"}]
    assert counts(ask(site, twice)) == [3, 2]
    assert counts(ask(site, [*twice, {"page": "/a"}])) == [3, 2, 0]
    assert counts(ask(site, [{"page": "/*"}, {"page": "/b"}, {"event": "page_view"}])) == [3, 1, 1]


def test_simultaneous_events_that_fit_several_steps_are_shared_out(site: SiteUnderTest) -> None:
    steps = [{"page": "/a*"}, {"page": "/ab"}, {"page": "/a*"}, {"page": "/abc*"}]
    do(site, "ann", "10:00 /ab", "10:00 /abc")  # /abc opens, /ab follows
    do(site, "bob", "10:00 /ab", "10:00 /abc", "10:00 /abcd", "10:00 /a")
    do(site, "cid", "10:00 /ab", "10:00 /ab", "10:00 /ab", "10:00 /ab")
    assert counts(ask(site, steps)) == [3, 3, 2, 1]


def test_sessions_instead_of_visitors(site: SiteUnderTest) -> None:
    do(site, "ann", "10:00 view", "10:10 buy", "12:00 view", "12:45 buy")
    do(site, "bob", "10:00 view")
    site.event("view", "cid", at="10:00", session_id="x")
    site.event("buy", "cid", at="10:01", session_id="y")
    steps = [{"event": "view"}, {"event": "buy"}]
    assert counts(ask(site, steps)) == [3, 2]
    assert counts(ask(site, steps, per="session")) == [4, 1]


def test_filters_select_sessions_and_a_split_answers_as_each_filter(site: SiteUnderTest) -> None:
    for user, name, at, country in (
        ("ann", "view", "10:00", "DE"), ("ann", "buy", "10:10", "DE"),
        ("bob", "view", "10:00", "DE"), ("bob", "buy", "10:40", "FR"),
        ("cid", "view", "10:00", "FR"), ("cid", "view", "11:00", "DE"),
        ("cid", "buy", "11:05", "DE"),
        ("dee", "view", "10:00", None),
    ):  # fmt: skip
        fields = {"country": country} if country else {}
        site.event(name, user, at=at, **fields)
    steps = [{"event": "view"}, {"event": "buy"}]
    assert counts(ask(site, steps)) == [4, 3]
    german = ask(site, steps, filters=["is", "country", ["DE"]])
    assert counts(german) == [3, 2]
    split = ask(site, steps, dimension="country")["split"]
    assert [(one["value"], counts(one)) for one in split] == [
        ("DE", [3, 2]),
        ("FR", [1, 0]),
        (None, [1, 0]),
    ]
    assert split[0]["steps"] == german["steps"]
    assert split[0]["time_to_convert_s"] == {"n": 2, "median": 450.0, "mean": 450.0}


def test_a_step_may_ask_for_properties_pages_and_dimensions(site: SiteUnderTest) -> None:
    for user, plan, path, country in (
        ("ann", "pro", "/pay", "DE"),
        ("bob", "free", "/pay", "DE"),
        ("cid", None, "/pay", "DE"),
        ("dee", "pro", "/trial", "FR"),
    ):
        site.event("view", user, at="10:00", country=country)
        chosen = {"properties": {"plan": plan}} if plan else {}
        site.event("sign_up", user, at="10:05", path=path, country=country, **chosen)

    def signed_up(filters: list[Any]) -> int:
        step = {"event": "sign_up", "filters": filters}
        return counts(ask(site, [{"event": "view"}, step]))[1]

    assert signed_up(["is", "property:plan", ["pro"]]) == 2
    assert signed_up(["is_not", "property:plan", ["pro"]]) == 2
    assert signed_up(["is", "property:plan", [None]]) == 1
    assert signed_up(["is", "page", ["/pay"]]) == 3
    assert signed_up(["is", "country", ["FR"]]) == 1
    both = [["is", "property:plan", ["pro"]], ["is", "country", ["DE"]]]
    assert signed_up(["and", both]) == 1
    assert signed_up(["or", both]) == 4


def test_a_segment_in_a_step_selects_the_session(site: SiteUnderTest) -> None:
    saved = {"site_id": site.slug, "name": "readers", "filters": ["is", "page", ["/blog"]]}
    site.api.post("/api/v1/segments", saved, expect=(201,))
    do(site, "ann", "10:00 view", "10:01 /blog", "10:05 buy")
    do(site, "bob", "10:00 view", "10:05 buy")
    buy = {"event": "buy", "filters": ["is", "segment", ["readers"]]}
    assert counts(ask(site, [{"event": "view"}, buy])) == [2, 1]


def test_nobody_entered(site: SiteUnderTest) -> None:
    answer = ask(site, SHOP)
    assert counts(answer) == [0, 0, 0]
    assert [step["from_first"] for step in answer["steps"]] == [None, None, None]
    assert answer["time_to_convert_s"] == {"n": 0, "median": None, "mean": None}
    assert ask(site, SHOP, dimension="country")["split"] == []


def test_what_cannot_be_asked_is_refused(site: SiteUnderTest) -> None:
    view = {"event": "view"}
    for steps, more in (
        ([view], {}),
        ([view] * 11, {}),
        ([view, {}], {}),
        ([view, {"event": "a", "page": "/a"}], {}),
        ([view, view], {"window_s": 0}),
        ([view, view], {"per": "device"}),
        ([view, view], {"dimension": "page"}),
        ([view, {"event": "a", "filters": ["is", "planet", ["x"]]}], {}),
    ):
        answer = ask(site, steps, expect=400, **more)
        assert answer["error"]["message"]


def test_funnels_are_kept_and_forgotten(site: SiteUnderTest) -> None:
    api = site.api
    kept = api.post(
        "/api/v1/funnels",
        {"site_id": site.slug, "name": "Shop", "steps": SHOP, "window_s": 60},
        expect=(201,),
    )
    assert (kept["name"], kept["site_id"], kept["window_s"]) == ("Shop", site.slug, 60)
    assert kept["steps"][0]["page"] == "/product/*"
    path = f"/api/v1/funnels/{kept['funnel_id']}"
    assert api.get(path) == kept
    assert api.get("/api/v1/funnels", site_id=site.slug) == {"funnels": [kept]}
    assert api.client.delete(path).status_code == 204
    api.get(path, expect=404)
    assert api.client.delete(path).status_code == 404


def test_patterns() -> None:
    assert like_pattern("/a_b/50%/*") == "/a\\_b/50\\%/%"
    assert like_pattern("/pricing/") == "/pricing"
    assert like_pattern("/") == "/"


def test_a_step_is_an_event_or_a_page() -> None:
    with pytest.raises(ScopeError, match="step 2"):
        check_funnel(Funnel([Step(event="a"), Step(event="a", page="/a")], 60))
