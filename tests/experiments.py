"""An experiment as a test speaks of it: who saw what when, and what the API answers."""

from dataclasses import dataclass
from typing import Any

from tests.sites import SiteUnderTest

ROUTE = "/api/v1/experiments"
PURCHASE_RATE = {"event": "purchase", "metric": "conversion"}
PURCHASE_VALUE = {"event": "purchase", "metric": "value"}


def definition(site: SiteUnderTest, **fields: Any) -> dict[str, Any]:
    """The body of a POST: `button`, control against green, by the purchase rate."""
    return {
        "site_id": site.slug,
        "key": "button",
        "variants": [{"key": "control", "weight": 1}, {"key": "green", "weight": 1}],
        "control": "control",
        "goals": [PURCHASE_RATE],
        **fields,
    }


@dataclass(frozen=True)
class ExperimentUnderTest:
    """An experiment on a site under test."""

    site: SiteUnderTest
    key: str = "button"

    def expose(self, user: str | None, variant: Any, *, at: str, **fields: Any) -> None:
        """An exposure of a user, or of nobody."""
        properties = {"experiment": self.key, "variant": variant}
        self.site.event("experiment_exposure", user, at=at, properties=properties, **fields)

    def buy(self, user: str | None, value: str, *, at: str, **fields: Any) -> None:
        """A purchase of a user, or of nobody."""
        self.site.event("purchase", user, at=at, value=value, **fields)

    def refund(self, user: str, value: str, *, at: str) -> None:
        """A refund to a user."""
        self.site.event("refund", user, at=at, value=value)

    def change(self, **fields: Any) -> dict[str, Any]:
        """PATCHes the definition."""
        answer = self.site.api.client.patch(
            f"{ROUTE}/{self.key}", params={"site_id": self.site.slug}, json=fields
        )
        assert answer.status_code == 200, answer.text
        changed: dict[str, Any] = answer.json()
        return changed

    def result(self, **query: Any) -> dict[str, Any]:
        """Settles, then the experiment's answer."""
        self.site.api.settle()
        answer: dict[str, Any] = self.site.api.get(
            f"{ROUTE}/{self.key}", site_id=self.site.slug, **query
        )
        return answer

    def arms(self) -> dict[str, tuple[int, int, int, float]]:
        """Exposed, converters, conversions and value of each arm, after settling."""
        return {
            arm["variant"]: (
                arm["exposed"], arm["converters"], arm["conversions"], arm["value_sum"],
            )
            for arm in self.result()["arms"]
        }  # fmt: skip


def defined(site: SiteUnderTest, **fields: Any) -> ExperimentUnderTest:
    """A new experiment on the site."""
    body = definition(site, **fields)
    site.api.post(ROUTE, body, expect=(201,))
    return ExperimentUnderTest(site, body["key"])
