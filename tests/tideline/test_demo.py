"""Demo traffic: deterministic, valid on the wire, and shaped like people."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest

from tideline.demo.sites import DOCS, SHOP, default_sites
from tideline.demo.traffic import generate

UNTIL = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)
Event = dict[str, object]


def person(event: Event) -> str | None:
    who = event.get("user_id") or event.get("anonymous_id")
    return str(who) if who else None


def instant(event: Event) -> datetime:
    return datetime.fromisoformat(str(event["timestamp"]))


def properties(event: Event) -> dict[str, str]:
    found = event["properties"]
    assert isinstance(found, dict)
    return found


def small_run(*, until: datetime = UNTIL, seed: int = 7) -> list[Event]:
    sites = default_sites()
    return list(generate(sites=sites, days=3, until=until, seed=seed, visitors_per_day=40))


def fingerprint(events: list[Event]) -> str:
    return hashlib.sha256(b"\n".join(map(orjson.dumps, events))).hexdigest()


@pytest.fixture(scope="module")
def month() -> list[Event]:
    """Both sites, 28 days."""
    sites = default_sites()
    return list(generate(sites=sites, days=28, until=UNTIL, seed=7, visitors_per_day=160))


@pytest.fixture(scope="module")
def people(month: list[Event]) -> list[Event]:
    return [event for event in month if person(event)]


def of_site(events: list[Event], slug: str) -> Iterator[Event]:
    return (event for event in events if event["site_id"] == slug)


def test_same_seed_and_instant_give_identical_events() -> None:
    assert fingerprint(small_run()) == fingerprint(small_run())


def test_another_seed_gives_other_events() -> None:
    assert fingerprint(small_run()) != fingerprint(small_run(seed=8))


def test_a_later_run_on_the_same_day_only_adds_events() -> None:
    earlier = small_run()
    later = small_run(until=UNTIL + timedelta(hours=2))
    assert later[: len(earlier)] == earlier
    assert len(later) > len(earlier)


def test_three_days_fill_three_local_days_and_end_at_the_instant() -> None:
    for slug, zone in (("demo", "UTC"), ("docs", "Europe/Berlin")):
        times = [instant(event) for event in of_site(small_run(), slug)]
        days = {time.astimezone(ZoneInfo(zone)).date() for time in times}
        assert days == {date(2026, 11, 17), date(2026, 11, 18), date(2026, 11, 19)}
        assert max(times) <= UNTIL


def test_event_ids_are_unique_but_for_resent_events(month: list[Event]) -> None:
    first: dict[tuple[object, object], Event] = {}
    for event in month:
        assert first.setdefault((event["site_id"], event["event_id"]), event) == event
    assert 0.003 < 1 - len(first) / len(month) < 0.012


def test_some_events_arrive_minutes_to_a_day_late(month: list[Event]) -> None:
    newest = instant(month[0])
    late: list[timedelta] = []
    for event in month:
        newest = max(newest, instant(event))
        late.append(newest - instant(event))
    share = sum(delay > timedelta(minutes=3) for delay in late) / len(late)
    assert 0.01 < share < 0.04
    assert timedelta(hours=12) < max(late) < timedelta(hours=28)


LIMITS: dict[str, str] = {
    "site_id": r"[a-z0-9._-]{1,64}",
    "name": r"[a-z_]{1,64}",
    "timestamp": r"2026-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "event_id": r"\S{1,128}",
    "user_id": r"\S{1,128}",
    "anonymous_id": r"\S{1,128}",
    "session_id": r"\S{1,128}",
    "url": r"https://[a-z0-9.]+\.example/\S*",
    "title": r".{1,200}",
    "referrer": r"https://\S+",
    "country": r"[A-Z]{2}",
    "region": r".{1,60}",
    "city": r".{1,60}",
    "device": r"desktop|mobile|tablet",
    "browser": r".{1,30}",
    "os": r"Windows|macOS|Linux|ChromeOS|iOS|iPadOS|Android",
    "language": r"[a-z]{2}-[A-Z]{2}",
    "screen": r"\d{3,4}x\d{3,4}",
    "timezone": r"[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_]+){1,2}",
    "user_agent": r"Mozilla/5\.0 \(compatible; \S+; \+http\S+\)",
    "duration_ms": r"\d{4,6}",
    "value": r"-?\d{1,4}\.\d{2}",
    "currency": r"USD|EUR",
    "properties": r"\{.*\}",
}


def test_every_field_is_one_the_api_knows_and_within_its_limits(month: list[Event]) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for event in month:
        for name, value in event.items():
            seen[name].add(str(value))
        assert len(orjson.dumps(event)) < 2_000
    assert seen.keys() == LIMITS.keys()
    for name, values in seen.items():
        assert [value for value in values if not re.fullmatch(LIMITS[name], value)] == []


def test_devices_systems_browsers_and_screens_agree(people: list[Event]) -> None:
    systems = {(event["device"], event["os"]) for event in people}
    assert systems == {
        *(("desktop", os) for os in ("Windows", "macOS", "Linux", "ChromeOS")),
        *(("mobile", os) for os in ("iOS", "Android")),
        *(("tablet", os) for os in ("iPadOS", "Android")),
    }
    assert {e["os"] for e in people if e["browser"] == "Safari"} == {"iOS", "iPadOS", "macOS"}
    widths = [int(str(e["screen"]).split("x")[0]) for e in people if e["device"] == "mobile"]
    assert max(widths) < 450


def test_people_come_from_more_than_25_countries_in_their_own_zones(people: list[Event]) -> None:
    assert len({event["country"] for event in people}) > 25
    assert {e["timezone"] for e in people if e["city"] == "Berlin"} == {"Europe/Berlin"}
    assert {e["region"] for e in people if e["city"] == "Denver"} == {"Colorado"}


def test_documentation_rests_on_weekends_and_the_shop_does_not(people: list[Event]) -> None:
    daily: dict[tuple[object, bool], Counter[date]] = defaultdict(Counter)
    for event in people:
        day = instant(event).date()
        if event["name"] == "page_view" and day < UNTIL.date():
            daily[event["site_id"], day.weekday() >= 5][day] += 1
    mean = {key: days.total() / len(days) for key, days in daily.items()}
    assert 0.28 < mean["docs", True] / mean["docs", False] < 0.58
    assert 0.95 < mean["demo", True] / mean["demo", False] < 1.45


@pytest.mark.parametrize("country", ["US", "DE", "IN"])
def test_nights_are_quiet_where_the_visitor_lives(people: list[Event], country: str) -> None:
    hours: Counter[int] = Counter()
    for event in people:
        if event["country"] == country:
            hours[instant(event).astimezone(ZoneInfo(str(event["timezone"]))).hour] += 1
    night = sum(hours[hour] for hour in (2, 3, 4)) / hours.total()
    assert 0.001 < night < 0.06


def test_weekly_retention_decays(people: list[Event]) -> None:
    weeks: dict[str, set[int]] = defaultdict(set)
    for event in people:
        weeks[str(person(event))].add((instant(event).date() - date(2026, 10, 23)).days // 7)
    cohort = [seen for seen in weeks.values() if min(seen) == 0]
    rates = [sum(week in seen for seen in cohort) / len(cohort) for week in range(4)]
    assert rates[0] == 1
    assert 0.15 < rates[1] < 0.40
    assert 0.9 * rates[1] > rates[2] > rates[3] > 0.03


def test_the_shop_funnel_narrows_at_every_step(people: list[Event]) -> None:
    steps: dict[str, set[str | None]] = defaultdict(set)
    for event in of_site(people, "demo"):
        steps[str(event["name"])].add(person(event))
        if event["name"] == "page_view" and "/product/" in str(event["url"]):
            steps["product"].add(person(event))
    names = ("page_view", "product", "add_to_cart", "checkout_start", "purchase")
    rates = [len(steps[name]) / len(steps["page_view"]) for name in names]
    assert rates[0] == 1
    assert 0.5 < rates[1] < 0.8
    assert 0.08 < rates[2] < 0.20
    assert 0.05 < rates[3] < rates[2]
    assert 0.03 < rates[4] < rates[3]


def test_refunds_follow_the_order_they_give_back(people: list[Event]) -> None:
    orders = {
        properties(e)["order_id"]: e for e in of_site(people, "demo") if e["name"] == "purchase"
    }
    refunds = [e for e in of_site(people, "demo") if e["name"] == "refund"]
    assert len(refunds) > 5
    for refund in refunds:
        order = orders[properties(refund)["order_id"]]
        assert instant(refund) - instant(order) > timedelta(days=2)
        assert person(refund) == person(order)
        assert 0 < -float(str(refund["value"])) <= float(str(order["value"]))


def test_an_outage_and_a_spike_stand_out(people: list[Event]) -> None:
    visitors: dict[date, set[str | None]] = defaultdict(set)
    for event in of_site(people, "demo"):
        visitors[instant(event).date()].add(person(event))
    count = {day: len(seen) for day, seen in visitors.items()}
    outage, spike = date(2026, 11, 7), date(2026, 11, 14)
    week = timedelta(days=7)
    assert count[outage] < 0.75 * count[outage - week]
    assert count[spike] > 1.5 * count[spike - 2 * week]


def test_crawlers_come_in_a_wave_and_have_no_identity(month: list[Event]) -> None:
    crawled = [event for event in of_site(month, "demo") if "user_agent" in event]
    days = Counter(instant(event).date() for event in crawled)
    assert days[date(2026, 11, 4)] == 517
    assert max(count for day, count in days.items() if day != date(2026, 11, 4)) == 5
    assert {person(event) for event in crawled} == {None}


def arms(site_run: Iterator[Event], goal: str) -> tuple[Counter[str], Counter[str], float]:
    """Visitors by variant, those of them who reached the goal, and the share seen in two."""
    seen: dict[str, set[str]] = defaultdict(set)
    reached: set[str | None] = set()
    for event in site_run:
        if event["name"] == "experiment_exposure":
            seen[str(person(event))].add(properties(event)["variant"])
        elif event["name"] == goal:
            reached.add(person(event))
    single = {who: next(iter(variants)) for who, variants in seen.items() if len(variants) == 1}
    converted = Counter(variant for who, variant in single.items() if who in reached)
    return Counter(single.values()), converted, 1 - len(single) / len(seen)


def test_green_truly_sells_more_and_blue_does_not() -> None:
    run = generate(sites=[SHOP], days=50, until=UNTIL, seed=11, visitors_per_day=700)
    exposed, bought, in_two = arms(run, "purchase")
    rate = {variant: bought[variant] / exposed[variant] for variant in exposed}
    assert 0.18 < rate["green"] / rate["control"] - 1 < 0.40
    assert -0.10 < rate["blue"] / rate["control"] - 1 < 0.10
    assert max(exposed.values()) / min(exposed.values()) < 1.12
    assert 0 < in_two < 0.01


def test_pricing_headline_has_a_sample_ratio_mismatch() -> None:
    run = generate(sites=[DOCS], days=40, until=UNTIL, seed=11, visitors_per_day=400)
    exposed, _, _ = arms(run, "signup")
    assert 0.545 < exposed["control"] / exposed.total() < 0.60
