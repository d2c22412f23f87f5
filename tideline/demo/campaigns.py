"""Campaigns that start and stop, a newsletter, and one day with a spike.

Days are counted back from the last generated day (`ago`), so that a demo always shows the same
story: some campaigns over, some running.
"""

from dataclasses import dataclass

from tideline.demo.sites import Kind
from tideline.demo.sources import Origin, utm


@dataclass(frozen=True)
class Campaign:
    """A utm campaign with its extra visitors, `share` of a usual day's, from one day to another."""

    origin: Origin
    first_ago: int
    last_ago: int
    share: float
    country: str | None = None
    hours_utc: tuple[int, int] | None = None
    """When on the day its visitors come; None: at the usual hours."""

    def runs(self, ago: int) -> bool:
        """Whether it runs on the day `ago` days before the last one."""
        return self.last_ago <= max(ago, 0) <= self.first_ago


CAMPAIGNS: dict[Kind, tuple[Campaign, ...]] = {
    "shop": (
        Campaign(
            Origin(
                "https://www.google.com/",
                utm("google", "cpc", "tents-search", "&utm_term=two+person+tent&gclid=demo"),
                "/collections/tents",
                1.15,
            ),
            first_ago=400,
            last_ago=0,
            share=0.07,
        ),
        Campaign(
            Origin(
                "https://l.instagram.com/",
                utm("instagram", "paid_social", "first-frost", "&utm_content=reel-cabin"),
                "/collections/layers",
                0.62,
                1.9,
            ),
            first_ago=46,
            last_ago=27,
            share=0.24,
        ),
        Campaign(
            Origin(
                "https://m.facebook.com/",
                utm("facebook", "paid_social", "nordic-launch", "&utm_content=carousel"),
                "/collections/new",
                0.75,
                1.6,
            ),
            first_ago=24,
            last_ago=15,
            share=0.12,
            country="SE",
        ),
        Campaign(
            Origin(
                "https://www.google.com/",
                utm("google", "cpc", "free-shipping-week", "&utm_term=hiking+gear&gclid=demo"),
                "/",
                1.3,
            ),
            first_ago=7,
            last_ago=1,
            share=0.13,
        ),
        Campaign(
            Origin(
                "https://www.youtube.com/",
                utm("youtube", "influencer", "thousand-miles", "&utm_content=ep-12"),
                "/product/larch-2-tent",
                0.6,
                1.3,
            ),
            first_ago=5,
            last_ago=5,
            share=1.35,
            hours_utc=(15, 24),
        ),
        Campaign(
            Origin(
                "https://www.youtube.com/",
                utm("youtube", "influencer", "thousand-miles", "&utm_content=ep-12"),
                "/product/larch-2-tent",
                0.7,
                1.3,
            ),
            first_ago=4,
            last_ago=2,
            share=0.14,
        ),
    ),
    "docs": (
        Campaign(
            Origin(
                "https://www.google.com/",
                utm("google", "cpc", "brand", "&utm_term=quillstack&gclid=demo"),
                "/",
                1.2,
            ),
            first_ago=400,
            last_ago=0,
            share=0.05,
        ),
        Campaign(
            Origin(
                "https://www.linkedin.com/",
                utm("linkedin", "paid_social", "platform-teams", "&utm_content=case-study"),
                "/blog/one-queue-forty-services",
                0.7,
                1.5,
            ),
            first_ago=38,
            last_ago=18,
            share=0.15,
        ),
        Campaign(
            Origin(
                "https://shipitdaily.example/issues/219",
                utm("shipitdaily", "sponsorship", "issue-219"),
                "/docs/quickstart",
                1.1,
            ),
            first_ago=13,
            last_ago=11,
            share=0.28,
        ),
        Campaign(
            Origin(
                "https://news.ycombinator.com/", "", "/blog/we-deleted-our-message-broker", 0.45
            ),
            first_ago=19,
            last_ago=19,
            share=2.2,
            hours_utc=(13, 23),
        ),
        Campaign(
            Origin("https://news.ycombinator.com/", "", "/blog/we-deleted-our-message-broker", 0.5),
            first_ago=18,
            last_ago=17,
            share=0.25,
        ),
    ),
}

NEWSLETTER: dict[Kind, Origin] = {
    "shop": Origin(None, utm("newsletter", "email", "thursday-letter"), "/collections/new", 1.5),
    "docs": Origin(None, utm("changelog", "email", "monthly-changelog"), "/changelog", 1.2),
}
NEWSLETTER_SHARE: dict[Kind, float] = {"shop": 0.20, "docs": 0.12}
NEWSLETTER_WEEKDAY: dict[Kind, int] = {"shop": 3, "docs": 1}
"""The weekday it goes out (Monday is 0) and its visits, as a share of a usual day's newcomers."""
