"""A site as a test speaks of it: who came when and did what, through the real pipeline."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.api import RunningApi

DAY = "2026-03-10"
"""The local day of instants that are given as a time of day."""


@dataclass(frozen=True)
class SiteUnderTest:
    """A site behind a running API. Instants are local to the site: "10:00" (on DAY),
    "2026-03-11 10:00:05", or with an offset or Z."""

    api: RunningApi
    slug: str
    timezone: str

    def instant(self, at: str) -> datetime:
        """The instant that a local time means."""
        text = at if "-" in at[:8] else f"{DAY} {at}"
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.timezone))

    def send(self, *events: dict[str, Any]) -> None:
        """Sends events in the API's wire form, with `at` for a local timestamp."""
        bodies = []
        for event in events:
            body = {"site_id": self.slug, **event}
            if "at" in body:
                body["timestamp"] = self.instant(body.pop("at")).isoformat()
            bodies.append(body)
        answer = self.api.post("/api/v1/events/batch", {"events": bodies})
        assert answer["rejected"] == []

    def visit(
        self, user: str, *, at: str, pages: list[str], every_s: float = 10, **fields: Any
    ) -> None:
        """Page views of a user, `every_s` seconds apart."""
        start = self.instant(at)
        self.send(
            *(
                {
                    "name": "page_view",
                    "user_id": user,
                    "path": page,
                    "timestamp": (start + timedelta(seconds=every_s * i)).isoformat(),
                    **fields,
                }
                for i, page in enumerate(pages)
            )
        )

    def event(self, name: str, user: str | None, *, at: str, **fields: Any) -> None:
        """One event of a user, or of nobody."""
        who = {} if user is None else {"user_id": user}
        self.send({"name": name, "at": at, **who, **fields})

    def read(self, route: str, first: str = DAY, last: str | None = None, **query: Any) -> Any:
        """Settles, then the answer of a dashboard route for local days."""
        self.api.settle()
        return self.api.get(
            f"/api/v1/dashboard{'/' if route else ''}{route}",
            site_id=self.slug,
            first=first,
            last=last or first,
            **query,
        )

    def overview(self, first: str = DAY, last: str | None = None, **query: Any) -> dict[str, Any]:
        """Settles, then the main figures of local days."""
        figures: dict[str, Any] = self.read("overview", first, last, **query)["overview"]
        return figures
