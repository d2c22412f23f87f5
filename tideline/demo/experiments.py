"""The demo's experiments and what is true about them.

`checkout_button` on shops: `green` truly lifts the step from cart to checkout, `blue` does nothing.
`pricing_headline` on documentation sites: planned half and half, but a broken redirect loses
exposures of `benefit`, so that the observed split cannot be trusted.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from tideline.demo.sites import DemoSite, Kind

Event = dict[str, object]


@dataclass(frozen=True)
class Experiment:
    """One experiment: planned weights, control, its goals, and the planted truth."""

    key: str
    name: str
    weights: dict[str, int]
    control: str
    goals: tuple[tuple[str, Literal["conversion", "value", "count"]], ...]
    """(event, metric); the first is primary."""
    true_lift: dict[str, float]
    """Relative change of the next step's rate, by variant; absent means none."""
    lost_exposures: dict[str, float]
    """Share of a variant's visitors whose exposure never arrives."""

    def variant_of(self, visitor: str) -> str:
        """Assign by a hash of the visitor, in proportion to the planned weights."""
        point = self._point(visitor, b"variant") * sum(self.weights.values())
        for variant, weight in self.weights.items():
            point -= weight
            if point < 0:
                return variant
        return self.control

    def is_exposed(self, visitor: str) -> bool:
        """Whether the visitor's exposures arrive at all."""
        lost = self.lost_exposures.get(self.variant_of(visitor), 0.0)
        return self._point(visitor, b"lost") >= lost

    def lift_for(self, visitor: str) -> float:
        """Give the factor on the next step's rate for this visitor (1 is none)."""
        return 1 + self.true_lift.get(self.variant_of(visitor), 0.0)

    def definition(self, site: DemoSite) -> Event:
        """Write the body of `POST /api/v1/experiments`."""
        return {
            "site_id": site.slug,
            "key": self.key,
            "name": self.name,
            "variants": [{"key": key, "weight": weight} for key, weight in self.weights.items()],
            "control": self.control,
            "goals": [
                {"event": event, "metric": metric, "primary": place == 0}
                for place, (event, metric) in enumerate(self.goals)
            ],
        }

    def _point(self, visitor: str, purpose: bytes) -> float:
        text = f"{self.key}:{visitor}".encode()
        digest = blake2b(text, digest_size=6, person=purpose).digest()
        return int.from_bytes(digest, "big") / 2**48


CHECKOUT_BUTTON = Experiment(
    key="checkout_button",
    name="Colour of the checkout button",
    weights={"control": 1, "blue": 1, "green": 1},
    control="control",
    goals=(("purchase", "conversion"), ("purchase", "value")),
    true_lift={"green": 0.30},
    lost_exposures={},
)
PRICING_HEADLINE = Experiment(
    key="pricing_headline",
    name="Headline of the pricing page",
    weights={"control": 1, "benefit": 1},
    control="control",
    goals=(("signup", "conversion"),),
    true_lift={},
    lost_exposures={"benefit": 0.25},
)
EXPERIMENTS: dict[Kind, Experiment] = {"shop": CHECKOUT_BUTTON, "docs": PRICING_HEADLINE}
SECOND_VARIANT_SHARE = 0.02
"""Share of signed-in visitors who meet another variant on a second device."""
