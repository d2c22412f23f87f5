"""A row's change is the tile's where both count the same people."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sql.database import connect
from sql.raw_events import prune_raw_events
from tests.dashboard import RunningDashboard
from tests.sites import SiteUnderTest

PANELS = ("sources", "pages", "devices", "goals")
LATER = timedelta(minutes=5)


def changes(html: str) -> list[str]:
    """What a panel writes as changes."""
    return re.findall(r'class="change [a-z]+">(?:<[^>]*>)*([^<]+)<', html)


def drawn(dashboard: RunningDashboard, panel: str, view: str) -> str:
    html: str = dashboard.callback(f"{panel}.html", view=view)[panel]["html"]
    return html


@pytest.fixture
def now(site: SiteUnderTest) -> datetime:
    """A week ago Ada came just before this time of day, Bob and Eve after it; three come today."""
    now = datetime.now(UTC)
    for user, ago in (
        ("ada", timedelta(days=7, minutes=1)),
        ("bob", timedelta(days=7) - LATER),
        ("eve", timedelta(days=7) - LATER),
        ("cyd", timedelta(minutes=2)),
        ("dan", timedelta(minutes=2)),
        ("fay", timedelta(minutes=2)),
    ):
        at = (now - ago).isoformat()
        site.visit(user, at=at, pages=["/"], device="desktop", country="DE")
    site.api.settle()
    return now


@pytest.mark.parametrize("filters", ["", '&filters=["is","country",["DE"]]'])
def test_rows_and_tiles_change_alike(
    site: SiteUnderTest, dashboard: RunningDashboard, now: datetime, filters: str
) -> None:
    view = f"?site=shop&period=7d&compare=previous_period{filters}"
    tiles = drawn(dashboard, "tiles", view)
    is_new_day = (now + LATER).date() > now.date()  # then Bob and Eve are of this period
    assert changes(tiles)[0] == ("+400%" if is_new_day else "+200%")  # visitors
    for panel in PANELS:
        assert changes(drawn(dashboard, panel, view)) == changes(tiles)[:1], panel
    for card, tab in (("devices", "device"), ("pages", "top"), ("goals", "event")):
        link = f"/export.csv{view}&card={card}&tab={tab}"
        head, row = (line.split(",") for line in dashboard.client.get(link).text.splitlines())
        told: dict[str, Any] = dict(zip(head, row, strict=True))
        assert (told["before"], told["change"]) == ("1", "4.0" if is_new_day else "2.0"), card


def test_rows_without_known_comparison_are_drawn(
    site: SiteUnderTest, dashboard: RunningDashboard, now: datetime
) -> None:
    with connect(site.api.database_url) as conn:
        conn.execute("UPDATE sites SET retention_days = 3")
        prune_raw_events(conn, now)
    view = "?site=shop&period=7d&compare=previous_period"
    for panel in ("pages", "goals"):  # of a part of a day only raw events could tell
        html = drawn(dashboard, panel, view)
        assert "could not be loaded" not in html
        assert changes(html) == ["–"]
