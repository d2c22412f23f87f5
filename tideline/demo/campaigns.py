"""Where visitors come from: search, social, assistants, partners, campaigns that start and stop.

Days are counted back from the last generated day (`ago`), so that a demo always shows the same
story: some campaigns over, some running, one day with a spike.
"""

from dataclasses import dataclass
from typing import NamedTuple

from tideline.demo.sites import Kind
from tideline.demo.weighted import Weighted


class Origin(NamedTuple):
    """What brought one visit; without referrer and query it was typed, bookmarked or unknown."""

    referrer: str | None = None
    query: str = ""
    landing: str | None = None
    quality: float = 1.0
    """Appetite of the people it brings: 1 is usual, less bounces more and buys less."""
    mobile_pull: float = 1.0


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


def _utm(source: str, medium: str, campaign: str, more: str = "") -> str:
    return f"utm_source={source}&utm_medium={medium}&utm_campaign={campaign}{more}"


ASSISTANT_GROWTH_DAYS = 60
_ASSISTANTS: tuple[tuple[Origin, float], ...] = (
    (Origin("https://chatgpt.com/", "utm_source=chatgpt.com", quality=1.25), 6.0),
    (Origin("https://www.perplexity.ai/", quality=1.2), 1.7),
    (Origin("https://gemini.google.com/", quality=1.1), 1.4),
    (Origin("https://chat.mistral.ai/", quality=1.2), 1.3),
    (Origin("https://copilot.microsoft.com/", quality=1.0), 0.9),
)
"""Today's weights; they were a quarter of that ASSISTANT_GROWTH_DAYS ago."""

_STEADY: dict[Kind, tuple[tuple[Origin, float], ...]] = {
    "shop": (
        (Origin(), 23),
        (Origin("https://www.google.com/"), 30),
        (Origin("https://www.bing.com/"), 3.2),
        (Origin("https://duckduckgo.com/"), 2.6),
        (Origin("https://www.ecosia.org/"), 0.9),
        (Origin("https://l.instagram.com/", quality=0.7, mobile_pull=1.7), 5.5),
        (Origin("https://m.facebook.com/", quality=0.7, mobile_pull=1.6), 3.6),
        (Origin("https://www.pinterest.com/", quality=0.85, mobile_pull=1.3), 2.4),
        (Origin("https://www.reddit.com/r/Ultralight/", quality=1.0), 2.2),
        (Origin("https://www.youtube.com/", quality=0.8, mobile_pull=1.2), 1.8),
        (
            Origin(
                "https://thetrailnotes.example/reviews/three-season-tents",
                _utm("thetrailnotes", "referral", "partner-reviews"),
                "/product/larch-2-tent",
                1.35,
            ),
            2.3,
        ),
        (
            Origin("https://packlight.example/lists/weekend-kit", "", "/collections/packs", 1.25),
            1.5,
        ),
    ),
    "docs": (
        (Origin(), 27),
        (Origin("https://www.google.com/"), 33),
        (Origin("https://duckduckgo.com/"), 4.2),
        (Origin("https://www.bing.com/"), 2.6),
        (Origin("https://kagi.com/"), 1.2),
        (Origin("https://github.com/", quality=1.3), 8.5),
        (Origin("https://stackoverflow.com/", quality=0.9), 4.0),
        (Origin("https://news.ycombinator.com/", quality=0.7), 1.6),
        (Origin("https://www.reddit.com/r/selfhosted/", quality=0.9), 1.8),
        (Origin("https://www.linkedin.com/", quality=0.9, mobile_pull=1.8), 2.2),
        (Origin("https://t.co/", quality=0.75, mobile_pull=1.8), 1.6),
        (
            Origin("https://shipitdaily.example/issues/212", "", "/blog/zero-downtime-migrations"),
            1.5,
        ),
    ),
}

CAMPAIGNS: dict[Kind, tuple[Campaign, ...]] = {
    "shop": (
        Campaign(
            Origin(
                "https://www.google.com/",
                _utm("google", "cpc", "tents-search", "&utm_term=two+person+tent&gclid=demo"),
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
                _utm("instagram", "paid_social", "first-frost", "&utm_content=reel-cabin"),
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
                _utm("facebook", "paid_social", "nordic-launch", "&utm_content=carousel"),
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
                _utm("google", "cpc", "free-shipping-week", "&utm_term=hiking+gear&gclid=demo"),
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
                _utm("youtube", "influencer", "thousand-miles", "&utm_content=ep-12"),
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
                _utm("youtube", "influencer", "thousand-miles", "&utm_content=ep-12"),
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
                _utm("google", "cpc", "brand", "&utm_term=quillstack&gclid=demo"),
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
                _utm("linkedin", "paid_social", "platform-teams", "&utm_content=case-study"),
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
                _utm("shipitdaily", "sponsorship", "issue-219"),
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
    "shop": Origin(None, _utm("newsletter", "email", "thursday-letter"), "/collections/new", 1.5),
    "docs": Origin(None, _utm("changelog", "email", "monthly-changelog"), "/changelog", 1.2),
}
NEWSLETTER_SHARE: dict[Kind, float] = {"shop": 0.20, "docs": 0.12}
NEWSLETTER_WEEKDAY: dict[Kind, int] = {"shop": 3, "docs": 1}
"""The weekday it goes out (Monday is 0) and its visits, as a share of a usual day's newcomers."""

RETURNS: dict[Kind, Weighted[Origin]] = {
    "shop": Weighted(
        [
            (Origin(quality=1.2), 56),
            (Origin("https://www.google.com/", quality=1.2), 24),
            (Origin("https://l.instagram.com/", quality=0.9), 5),
            (
                Origin(
                    "https://www.google.com/",
                    _utm("google", "display", "still-thinking", "&utm_content=basket"),
                    None,
                    1.3,
                ),
                6,
            ),
            (Origin("https://chatgpt.com/", "utm_source=chatgpt.com", None, 1.2), 2),
        ]
    ),
    "docs": Weighted(
        [
            (Origin(quality=1.2), 58),
            (Origin("https://www.google.com/", quality=1.2), 26),
            (Origin("https://github.com/", quality=1.2), 9),
            (Origin("https://app.quillstack.example/", quality=1.4), 6),
        ]
    ),
}
"""What brings people back."""


def steady_sources(kind: Kind, ago: int) -> Weighted[Origin]:
    """Give the sources of newcomers without a campaign, `ago` days before the last day."""
    risen = 0.25 + 0.75 * max(0.0, 1 - ago / ASSISTANT_GROWTH_DAYS)
    assistants = [(origin, weight * risen) for origin, weight in _ASSISTANTS]
    return Weighted([*_STEADY[kind], *assistants])
