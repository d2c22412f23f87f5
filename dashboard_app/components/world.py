"""Visitors by country on a world map: a link over the land of each country that has some.

The land is `world.svg`, once in every page (`dashboard_app/app.py`); a map only names its parts, so
that a filter draws a few links anew and no shapes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from dashboard_app import formats
from dashboard_app.components.links import FILTERS
from dashboard_app.components.markup import Html

SHAPES = Html((Path(__file__).parent / "world.svg").read_text(encoding="utf-8"))
"""Path land-XXX for each country of three letters, all of them in the group `land`."""
VIEW_BOX = "40 15 1930 870"
FAINTEST, FULLEST = 0.18, 1.0


@dataclass(frozen=True)
class CountryVisitors:
    """A country (ISO 3166-1 alpha-3) with visitors; `href` is the link that filters by it."""

    alpha3: str
    name: str
    visitors: int
    href: str


def world_map(found: Sequence[CountryVisitors]) -> Html:
    """The map; the colour follows the logarithm, so that small countries are seen."""
    total = sum(each.visitors for each in found)
    most = max((each.visitors for each in found), default=0)
    links = "".join(_link(each, total, most, number == 0) for number, each in enumerate(found))
    return Html(
        f'<svg aria-label="Visitors by country" class="world" data-roving="1" role="group"'
        f' viewBox="{VIEW_BOX}"><use class="land" href="#land"/>{links}</svg>'
    )


def _link(country: CountryVisitors, total: int, most: int, is_first: bool) -> str:
    strength = math.log1p(country.visitors) / (math.log1p(most) or 1)
    share = formats.rate(country.visitors / (total or 1))
    people = "visitor" if country.visitors == 1 else "visitors"
    said = f"{country.name}\n{formats.count(country.visitors)} {people} · {share}"
    return (
        f'<a aria-label="{escape(said)}" class="country" data-sets="{FILTERS}" data-tip=""'
        f' href="{escape(country.href)}" tabindex="{0 if is_first else -1}"'
        f' style="--s:{FAINTEST + (FULLEST - FAINTEST) * strength:.2f}">'
        f'<use href="#land-{escape(country.alpha3)}"/></a>'
    )
