"""The demo's sites: a shop and a software company's documentation."""

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["shop", "docs"]


@dataclass(frozen=True)
class DemoSite:
    """One site to fill; `slug` is the API's site_id, `timezone` an IANA name."""

    slug: str
    name: str
    kind: Kind
    host: str
    timezone: str = "UTC"
    currency: str = "USD"
    volume: float = 1.0
    """Its traffic in proportion to that of the other sites."""


SHOP = DemoSite(
    slug="demo", name="Harrow & Pine Outfitters", kind="shop", host="www.harrowpine.example"
)
DOCS = DemoSite(
    slug="docs",
    name="Quillstack Docs",
    kind="docs",
    host="docs.quillstack.example",
    timezone="Europe/Berlin",
    currency="EUR",
    volume=0.8,
)
FURTHER_ZONES = ("America/New_York", "Asia/Kolkata", "Australia/Sydney", "America/Sao_Paulo")
MOST_SITES = 50


def default_sites(count: int = 2) -> tuple[DemoSite, ...]:
    """Give the first `count` demo sites: the shop, the docs, then variations in other zones."""
    if not 1 <= count <= MOST_SITES:
        raise ValueError(f"{count} demo sites asked for; ask for 1 to {MOST_SITES}")
    return (SHOP, DOCS, *map(_variation, range(3, count + 1)))[:count]


def _variation(number: int) -> DemoSite:
    model = SHOP if number % 2 else DOCS
    return replace(
        model,
        slug=f"{model.slug}-{number}",
        name=f"{model.name} {number}",
        host=model.host.replace(".", f"{number}.", 1),
        timezone=FURTHER_ZONES[(number - 3) % len(FURTHER_ZONES)],
        volume=model.volume * 0.6,
    )
