"""Rules of time zones: those of the database, in Python too, and what follows when they change."""

import logging
import struct
import zoneinfo
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from sql.database import SyncConnection, connect
from sql.sites import SiteError, ensure_site, sites_by_id
from sql.verification import verify_site
from sql.zone_changes import follow_zone_rules
from sql.zones import first_difference, zone_of
from tests.pipeline import Pipeline
from tests.sites import SiteUnderTest

ZONES = (
    # copies of the rules disagree on the first ones, by when they were made
    "Africa/Casablanca", "America/Vancouver", "America/Edmonton", "America/Havana",
    "America/Winnipeg", "Europe/Dublin", "America/New_York", "America/St_Johns", "Asia/Kathmandu",
    "Asia/Beirut", "Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Chatham", "Pacific/Apia",
    "UTC", "Etc/GMT+12",
)  # fmt: skip
NOW = datetime(2026, 3, 9, 5, tzinfo=UTC)
"""Almost a day before the first event: so far ahead of the clock they are taken."""
FORWARD = datetime(2026, 3, 8, 7, tzinfo=UTC)
"""When the clocks of New York go forward."""


def rules_of(conn: SyncConnection, timezone: str) -> bytes:
    row = conn.execute("SELECT zone_rules(%s)", (timezone,)).fetchone()
    assert row is not None
    return bytes(row[0])


def moved(rules: bytes, at: datetime, to: datetime) -> bytes:
    """The rules with a change of offset at another instant."""
    packed = [struct.pack(">q", int(instant.timestamp())) for instant in (at, to)]
    assert rules.count(packed[0]) == 1
    return rules.replace(*packed)


@pytest.mark.parametrize("timezone", ZONES)
def test_python_and_the_database_show_the_same_clock(pipeline: Pipeline, timezone: str) -> None:
    zone = zone_of(timezone, rules_of(pipeline.conn, timezone))
    for first, last, step in (
        ("2010-01-01", "2060-01-01", timedelta(hours=25)),
        ("2026-01-01", "2027-01-01", timedelta(minutes=30)),
    ):
        rows = pipeline.conn.execute(
            "SELECT at, at AT TIME ZONE %s FROM generate_series(%s::timestamptz, %s, %s) AS at",
            (timezone, f"{first} 00:00+00", f"{last} 00:00+00", step),
        ).fetchall()
        assert len(rows) > 17_000
        assert [at.astimezone(zone).replace(tzinfo=None) for at, _ in rows] == [r[1] for r in rows]


def test_a_change_is_found_to_the_minute(pipeline: Pipeline) -> None:
    """St John's changed its clocks a minute after midnight until 2011."""
    zone = zone_of("America/St_Johns", rules_of(pipeline.conn, "America/St_Johns"))
    changed = datetime(2010, 3, 14, 3, 31, tzinfo=UTC)
    offsets = [
        (changed - before).astimezone(zone).utcoffset()
        for before in (timedelta(seconds=1), timedelta(0))
    ]
    assert offsets == [timedelta(hours=-3, minutes=-30), timedelta(hours=-2, minutes=-30)]


def test_a_site_has_the_zone_that_its_rules_are(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site("Asia/Beirut")
    site = sites_by_id(pipeline.conn)[site_id]
    assert (site.zone.key, site.zone is site.zone) == ("Asia/Beirut", True)
    # the first day of summer begins at one o'clock
    begins = datetime.combine(date(2026, 3, 29), time(), site.zone).astimezone(UTC)
    assert begins == datetime(2026, 3, 28, 22, tzinfo=UTC)


def test_a_zone_that_the_database_does_not_know_is_refused(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    (tmp_path / "Mars").mkdir()
    (tmp_path / "Mars" / "Olympus").write_bytes(rules_of(pipeline.conn, "UTC"))
    zoneinfo.reset_tzpath([str(tmp_path)])
    try:
        with pytest.raises(
            SiteError, match="'Mars/Olympus' is not known to the database"
        ) as caught:
            ensure_site(pipeline.conn, "rover", timezone="Mars/Olympus")
    finally:
        zoneinfo.reset_tzpath()
    assert (caught.value.field, "'Mars/Olympus'" in str(caught.value)) == ("timezone", True)


def test_the_first_difference_of_rules(pipeline: Pipeline) -> None:
    current = rules_of(pipeline.conn, "America/New_York")
    later = moved(current, FORWARD, FORWARD + timedelta(days=4))
    assert first_difference(current, current, datetime(2016, 1, 1, tzinfo=UTC)) is None
    assert first_difference(later, current, datetime(2016, 1, 1, tzinfo=UTC)) == FORWARD
    within = FORWARD + timedelta(days=1)
    assert first_difference(later, current, within) == within
    assert first_difference(later, current, FORWARD + timedelta(days=4)) is None


def build_by(site: SiteUnderTest, change: Callable[[bytes], bytes]) -> None:
    """Has the site's days built by other rules of New York than the server's."""
    with connect(site.api.database_url) as conn:
        rules = change(rules_of(conn, "America/New_York"))
        conn.execute("UPDATE sites SET zone_rules = %s", (rules,))


def days(site: SiteUnderTest) -> list[tuple[int, int, int]]:
    points = site.read("traffic", "2026-03-09", "2026-03-11", interval="day")["points"]
    return [(p["events"], p["visitors"], p["sessions"]) for p in points]


def state(conn: SyncConnection) -> tuple[int, bool, int]:
    """The site's number, whether its rules are the server's, and changes under way."""
    (found,) = conn.execute(
        "SELECT site_id, zone_rules = zone_rules(timezone), (SELECT count(*) FROM zone_changes)"
        " FROM sites WHERE slug IS NOT NULL"
    ).fetchall()
    return found


@pytest.fixture
def york(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Whose server learnt late that the clocks went forward on the 8th, not on the 12th of March.

    Half past midnight on the 10th was taken for half past eleven on the 9th.
    """
    site = make_site("york", timezone="America/New_York")
    build_by(site, lambda rules: moved(rules, FORWARD, FORWARD + timedelta(days=4)))
    site.visit("bob", at="2026-03-10 04:30Z", pages=["/", "/a"])
    site.visit("ada", at="2026-03-10 12:00Z", pages=["/"])
    assert days(site) == [(2, 1, 1), (1, 1, 1), (0, 0, 0)]
    return site


def test_days_that_new_rules_change_are_built_anew(york: SiteUnderTest) -> None:
    with connect(york.api.database_url) as conn:
        before, *_ = state(conn)
        found = {
            one.row["local_day"] for one in verify_site(conn, before) if one.relation == "events"
        }
        assert found == {"2026-03-09", "2026-03-10"}
        follow_zone_rules(conn, NOW)
        assert state(conn) == (before, False, 1)
        follow_zone_rules(conn, NOW)
        assert days(york) == [(0, 0, 0), (3, 2, 2), (0, 0, 0)]
        number, *rest = state(conn)
        assert (number == before, rest) == (False, [True, 0])
        assert verify_site(conn, number) == []


@pytest.mark.parametrize(
    "at",
    [datetime(2015, 11, 1, 6, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)],
    ids=["before the first event", "after the last"],
)
def test_days_that_new_rules_leave_stay_as_they_are(
    make_site: Callable[..., SiteUnderTest], at: datetime
) -> None:
    site = make_site("york", timezone="America/New_York")
    build_by(site, lambda rules: moved(rules, at, at + timedelta(days=2)))
    site.visit("bob", at="2026-03-10 04:30Z", pages=["/"])
    assert days(site) == [(0, 0, 0), (1, 1, 1), (0, 0, 0)]
    with connect(site.api.database_url) as conn:
        before, *_ = state(conn)
        follow_zone_rules(conn, NOW)
        assert state(conn) == (before, True, 0)
        assert verify_site(conn, before) == []


def test_new_rules_hold_from_now_on_where_raw_events_are_gone(
    york: SiteUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    with connect(york.api.database_url) as conn:
        before, *_ = state(conn)
        conn.execute("UPDATE sites SET raw_from = '2026-03-10 03:00Z'")
        with caplog.at_level(logging.WARNING):
            follow_zone_rules(conn, NOW)
        assert state(conn) == (before, True, 0)
    (said,) = (record.getMessage() for record in caplog.records)
    assert "new rules for America/New_York from 2026-03-10 04:30" in said
    assert "the days of york until now stay as they are" in said
    york.visit("cyd", at="2026-03-11 04:30Z", pages=["/"])
    assert days(york)[2] == (1, 1, 1)
