"""Where visitors come from without a campaign: search, social, assistants, partners, habit."""

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


def utm(source: str, medium: str, campaign: str, more: str = "") -> str:
    """Write a campaign's query; `more` is appended and starts with &."""
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
                utm("thetrailnotes", "referral", "partner-reviews"),
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

RETURNS: dict[Kind, Weighted[Origin]] = {
    "shop": Weighted(
        [
            (Origin(quality=1.2), 56),
            (Origin("https://www.google.com/", quality=1.2), 24),
            (Origin("https://l.instagram.com/", quality=0.9), 5),
            (
                Origin(
                    "https://www.google.com/",
                    utm("google", "display", "still-thinking", "&utm_content=basket"),
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
