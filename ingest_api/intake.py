"""One request's events: each checked, for a site that its sender may write to."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec import Raw

from ingest_api.doors import Caller, is_loopback_origin
from ingest_api.events import KeptOut, Receipt, collect, event_id_of
from ingest_api.metrics import Outcome
from ingest_api.rejections import Rejected, Rejection, shown
from ingest_api.sites import SiteCache, SiteRules
from ingest_api.wire import WireEvent, decode_event
from sql.events import CollectedEvent

DEMO_SITE = "demo"


class Refused(NamedTuple):
    """An event that goes no further: whose (slug, or "" when no site is known), and why."""

    slug: str
    outcome: str
    """rejected, bot or dnt."""
    event_id: str | None
    reason: str = ""
    field: str | None = None
    message: str | None = None


class Taken(msgspec.Struct):
    """What became of a request's events."""

    events: dict[SiteRules, list[CollectedEvent]] = {}
    kept_out: int = 0
    rejections: list[Rejection] = []
    refused: list[Refused] = []
    """The rejected ones and those kept out."""
    statuses: set[int] = set()
    """Statuses of the rejections."""
    outcomes: dict[Outcome, int] = {}
    """Number of events by site, outcome and reason."""

    def count(self, outcome: Outcome, events: int = 1) -> None:
        """Add to an outcome."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + events

    @property
    def accepted(self) -> int:
        """Events that were taken, those kept out of the numbers included."""
        return sum(map(len, self.events.values())) + self.kept_out

    @property
    def status(self) -> int:
        """202 once anything was taken; else that of the rejections, 400 when they differ."""
        if self.events or self.kept_out:
            return 202
        return next(iter(self.statuses)) if len(self.statuses) == 1 else 400


class Intake:
    """Takes the events of one request, whose sender and receipt hold for all of them."""

    def __init__(
        self,
        sites: SiteCache,
        caller: Caller,
        receipt: Receipt,
        *,
        origin: str | None,
        is_open: bool,
    ) -> None:
        self._sites = sites
        self._caller = caller
        self.receipt = receipt
        self._origin = origin
        self._is_open = is_open
        self._sites_found: dict[str, SiteRules] = {}
        self._has_reread = False

    @property
    def is_origin_allowed(self) -> bool:
        """Whether the sender may write to any of the sites that were asked for."""
        return bool(self._sites_found)

    async def take(self, raws: Sequence[Raw | bytes]) -> Taken:
        """Take what is good and name what is not; never fails because of an event."""
        taken = Taken()
        for index, raw in enumerate(raws):
            wire, site = None, None
            try:
                wire = decode_event(raw)
                site = self._sites_found.get(wire.site_id) if type(wire.site_id) is str else None
                site = site or await self._find(wire.site_id)
                event = collect(wire, site, self.receipt)
            except Rejected as why:
                rejection = Rejection(index, _id(wire), why.field, why.message)
                slug = site.slug if site else why.site
                taken.rejections.append(rejection)
                taken.refused.append(
                    Refused(
                        slug, "rejected", rejection.event_id, why.reason, why.field, why.message
                    )
                )
                taken.statuses.add(why.status)
                taken.count((slug, "rejected", why.reason))
                continue
            if isinstance(event, KeptOut):
                taken.kept_out += 1
                taken.refused.append(Refused(site.slug, event.value, _id(wire)))
                taken.count((site.slug, event.value, ""))
            elif site in taken.events:
                taken.events[site].append(event)
            else:
                taken.events[site] = [event]
        for site, events in taken.events.items():
            taken.count((site.slug, "accepted", ""), len(events))
        return taken

    async def _find(self, sent: object) -> SiteRules:
        """The site an event names; Rejected unless its sender may write to it."""
        slug = self._slug(sent)
        site = self._sites_found.get(slug)
        if site is None:
            site = self._sites.directory.sites.get(slug) or await self._look_up(slug)
            self._check(site)
            self._sites_found[slug] = site
            if type(sent) is str:
                self._sites_found[sent] = site
        return site

    def _slug(self, sent: object) -> str:
        if type(sent) is int:
            return str(sent)
        if type(sent) is str and sent:
            return sent
        if sent is not None and sent != "":
            raise Rejected("site_id", f"site_id {shown(sent)} is not text; send the site's slug.")
        if self._caller.site_id is not None:
            return self._sites.directory.slugs.get(self._caller.site_id, "")
        if self._is_open:
            return DEMO_SITE
        raise Rejected("site_id", "site_id is missing; send the slug of the site.")

    async def _look_up(self, slug: str) -> SiteRules:
        site = None
        if not self._has_reread:
            self._has_reread = True
            site = await self._sites.find_site(slug)
        if site is None:
            raise Rejected(
                "site_id", f"There is no site {shown(slug)}.", status=404, reason="unknown_site"
            )
        return site

    def _check(self, site: SiteRules) -> None:
        if not self._caller.sees(site.site_id):
            raise Rejected(
                "site_id",
                f"The key is not for site {site.slug}.",
                status=403,
                reason="key",
                site=site.slug,
            )
        if self.receipt.client is None:
            return
        origin = (self._origin or "").lower()
        if origin in site.origins or (self._is_open and is_loopback_origin(origin)):
            return
        raise Rejected(
            "site_id",
            f"Origin {shown(self._origin)} is not among the allowed origins of site {site.slug}.",
            status=403,
            reason="origin",
            site=site.slug,
        )


def _id(wire: WireEvent | None) -> str | None:
    try:
        return None if wire is None else event_id_of(wire)
    except Rejected:
        return None
