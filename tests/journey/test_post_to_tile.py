"""The whole way: an HTTP post, settle, the figure that a Dash callback returns."""

import re

from tests.dashboard import RunningDashboard
from tests.sites import DAY, SiteUnderTest


def tile_texts(dashboard: RunningDashboard, search: str) -> dict[str, str]:
    """Label of each tile to its figure."""
    answer = dashboard.callback("tiles.html", view=search, tick="")
    while "tiles" not in answer:  # slower than the other panels
        answer = dashboard.callback("tiles.html", view=search, tick="")
    page = answer["tiles"]["html"]
    return dict(re.findall(r'tile-label">([^<]*)<.*?tile-value">([^<]*)<', page))


def test_a_post_becomes_a_figure_on_the_page(
    site: SiteUnderTest, dashboard: RunningDashboard
) -> None:
    site.visit("ada", at="10:00", pages=["/", "/pricing", "/"], every_s=60)
    site.visit("bob", at="11:00", pages=["/"])
    site.event("purchase", "ada", at="10:03", path="/checkout", value="49.90")
    site.event("page_view", None, at="12:00", path="/feed")
    site.api.settle()
    shown = tile_texts(dashboard, f"?site=shop&from={DAY}&to={DAY}")
    assert shown == {
        "Visitors": "2",
        "Sessions": "2",
        "Page views": "5",
        "Views per session": "2.00",
        "Bounce rate": "50.0%",
        "Session duration": "1m 30s",
        "Conversion rate": "50.0%",
        "Revenue": "$49.90",
    }


def test_the_api_says_the_same(site: SiteUnderTest) -> None:
    site.visit("ada", at="10:00", pages=["/", "/pricing", "/"], every_s=60)
    site.visit("bob", at="11:00", pages=["/"])
    site.event("purchase", "ada", at="10:03", path="/checkout", value="49.90")
    site.event("page_view", None, at="12:00", path="/feed")
    figures = site.overview()
    assert figures["visitors"] == 2
    assert figures["pageviews"] == 5
    assert figures["views_per_session"] == 2.0
    assert figures["bounce_rate"] == 0.5
    assert figures["session_duration_s"] == 90.0
    assert figures["conversion_rate"] == 0.5
    assert figures["revenue_net"] == "49.90"
    pages = site.read("pages")["rows"]
    assert [(row["page"], row["pageviews"], row["visitors"]) for row in pages] == [
        ("/", 3, 2), ("/feed", 1, 0), ("/pricing", 1, 1),
    ]  # fmt: skip
