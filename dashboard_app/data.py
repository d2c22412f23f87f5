"""What the panels read: `sql` functions, asked once for everybody who looks at the same moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from dashboard_app.answers import Answers
from dashboard_app.filters import ViewState
from dashboard_app.passes import Passes
from sql import breakdowns, freshness, funnels, pages, realtime, retention, traffic
from sql.breakdowns import (
    BreakdownRow,
    EventCount,
    EventRow,
    PropertyKey,
    PropertyRow,
    ValueVisitors,
)
from sql.database import AsyncConnection, AsyncPool
from sql.filters import Filter, parse_filters
from sql.funnels import Funnel, FunnelRow
from sql.pages import PageRow, PageViews
from sql.realtime import LatestEvent, Realtime
from sql.retention import Cohort, Retention
from sql.scope import Scope, ScopeError, comparison_scope, resolve_scope
from sql.segments import expand_segments, names_segment
from sql.sites import Site, list_sites
from sql.traffic import HourCell, Overview, TrafficPoint
from sql.trends import trends_of

AS_OF_STEP_S = 3
"""Panels drawn within the same three seconds share one as-of, and so their answers."""
SITES_KEPT_S = 5
ROW_CLASSES = (
    Overview, TrafficPoint, HourCell, PageViews, PageRow, BreakdownRow, EventCount, EventRow,
    Realtime, LatestEvent, Retention, Cohort, FunnelRow,
    PropertyKey, PropertyRow, ValueVisitors,
)  # fmt: skip

P = ParamSpec("P")
T = TypeVar("T")
Before = TypeVar("Before")


@dataclass(frozen=True)
class Looked:
    """A view resolved against the site's calendar: what is looked at, beside what."""

    view: ViewState
    site: Site
    scope: Scope
    comparison: Scope | None
    now: datetime

    @property
    def local_now(self) -> datetime:
        """The moment of asking, in the site's zone."""
        return self.now.astimezone(self.site.zone)

    @property
    def today(self) -> date:
        """The site's local day."""
        return self.local_now.date()


class NoSiteError(LookupError):
    """There is no site yet."""


class Data:
    """Reads for panels. Needs open pools; `now` is the clock, in any zone.

    Filtered questions have a pool of their own: what a backend must learn before it answers the
    first of them takes as long as answering, and among others every click would find a new one.
    """

    def __init__(
        self,
        pool: AsyncPool,
        filtered: AsyncPool,
        answers: Answers,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pool = pool
        self._answers = answers
        self._passes = Passes(filtered)
        self._now = now
        self._sites: tuple[float, list[Site]] = (0.0, [])
        self._reading_sites: asyncio.Task[list[Site]] | None = None
        self._begun: set[int] = set()

    async def sites(self) -> list[Site]:
        """All sites by slug; never cached outside the process, since a site carries a secret."""
        until, sites = self._sites
        if time.monotonic() <= until and sites:
            return sites
        if self._reading_sites is None or self._reading_sites.done():
            self._reading_sites = asyncio.create_task(self._read_sites())
        return await asyncio.shield(self._reading_sites)

    async def _read_sites(self) -> list[Site]:
        sites = await self.fresh(list_sites)
        self._sites = (time.monotonic() + SITES_KEPT_S, sites)
        return sites

    async def look(self, search: str | None) -> Looked:
        """The view of a query string on its site, or on the first one.

        Raises NoSiteError without any site, LookupError for a site that does not exist, ScopeError
        or FilterError for what cannot be looked at.
        """
        view = ViewState.parse(search)
        site = _pick(await self.sites(), view.site)
        now = self._moment()
        begins = await self.first_day(site) if view.period == "all" and not view.first else None
        filters = await self._filters(site, view)
        scope = resolve_scope(
            site,
            now=now,
            first_day=begins,
            period=None if view.first else view.period,
            first=view.first.isoformat() if view.first else None,
            last=view.last.isoformat() if view.last else None,
            filters=filters,
        )
        against = None
        if view.compare != "none":
            against = comparison_scope(scope, view.compare, now=now)
        return Looked(view, site, scope, against, now)

    async def first_day(self, site: Site) -> date | None:
        """The site's first local day with an event; None when it has none."""
        return await self._ask_site(freshness.first_day, site)

    async def has_events(self, site: Site) -> bool:
        """Whether anything was ever received; asked until it was."""
        if site.site_id not in self._begun and await self.first_day(site) is not None:
            self._begun.add(site.site_id)
        return site.site_id in self._begun

    async def as_of(self, site: Site) -> datetime:
        """Instant up to which the site's events are in every report, in the site's zone."""
        return (await self._ask_site(freshness.as_of, site)).astimezone(site.zone)

    async def overview(self, scope: Scope) -> Overview:
        """The figures of a range."""
        return await self._ask(traffic.overview, scope)

    async def points(self, scope: Scope, interval: str) -> list[TrafficPoint]:
        """The figures by bucket, empty buckets included; instants in the site's zone."""
        found = await self._ask(traffic.points, scope, interval)
        return [_localised(point, scope.site) for point in found]

    async def heatmap(self, scope: Scope) -> list[HourCell]:
        """Visitors by local weekday and hour."""
        return await self._ask(traffic.heatmap, scope)

    async def pages(self, scope: Scope, limit: int) -> list[PageViews]:
        """The pages with the most views."""
        return await self._ask(pages.page_views, scope, limit=limit)

    async def page_rows(self, scope: Scope, limit: int) -> list[PageRow]:
        """The same with all that is known of them, visitors among it; takes longer."""
        return await self._ask(pages.pages, scope, limit=limit)

    async def breakdown(self, scope: Scope, dimension: str, limit: int) -> list[BreakdownRow]:
        """The values of a dimension with the most sessions."""
        return await self._ask(breakdowns.breakdown, scope, dimension, limit=limit)

    async def value_visitors(self, scope: Scope, dimension: str, limit: int) -> list[ValueVisitors]:
        """The same values with their visitors alone, which rows are compared by."""
        return await self._ask(breakdowns.value_visitors, scope, dimension, limit=limit)

    async def events(self, scope: Scope, limit: int) -> list[EventCount]:
        """The event names by count."""
        return await self._ask(breakdowns.event_counts, scope, limit=limit)

    async def event_rows(self, scope: Scope, limit: int) -> list[EventRow]:
        """The same with all that is known of them, visitors among it; takes longer."""
        return await self._ask(breakdowns.events_by_name, scope, limit=limit)

    async def property_keys(self, scope: Scope, event: str) -> list[PropertyKey]:
        """The properties that events of a name carry."""
        return await self._ask(breakdowns.property_keys, scope, event)

    async def property_rows(
        self, scope: Scope, key: str, event: str, limit: int
    ) -> list[PropertyRow]:
        """The values of a property among the events of a name, by count."""
        return await self._ask(breakdowns.by_property, scope, key, event=event, limit=limit)

    async def retention(self, looked: Looked, grain: str, mode: str) -> Retention:
        """The cohorts of a view, as of the end of its range or of now."""
        as_of = retention.default_as_of(looked.scope, looked.now)
        return await self._ask_alone(
            retention.retention, looked.scope, grain=grain, mode=mode, as_of=as_of
        )

    async def funnel(self, scope: Scope, funnel: Funnel, limit: int) -> list[FunnelRow]:
        """How many get how far; split, the values with the most entrants."""
        return await self._ask_alone(funnels.run_funnel, scope, funnel, limit=limit)

    async def realtime(self, site: Site) -> Realtime:
        """What happens on the site now."""
        return await self._ask_site(realtime.realtime, site, step_s=1)

    async def latest_events(self, site: Site) -> list[LatestEvent]:
        """The newest events of the last 30 minutes."""
        return await self._ask_site(realtime.latest_events, site, step_s=1)

    async def trends(self, looked: Looked) -> dict[str, str]:
        """By KPI, where the last 28 complete days went; nothing under a filter."""
        if looked.scope.filters is not None:
            return {}

        async def read(conn: AsyncConnection, site: Site) -> dict[str, str]:
            return await trends_of(conn, site, looked.today)

        return await self._ask_site(read, looked.site)

    async def _filters(self, site: Site, view: ViewState) -> Filter | None:
        filters = parse_filters(view.filters_list())
        if not names_segment(filters):
            return filters
        async with self._pool.connection() as conn:
            return await expand_segments(conn, site.site_id, filters)

    async def fresh(
        self,
        ask: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """The answer of `ask`, never an earlier one: for what is small, and for changes."""
        async with self._pool.connection() as conn:
            return await ask(conn, *args, **kwargs)

    def _moment(self, step_s: int = AS_OF_STEP_S) -> datetime:
        seconds = self._now().timestamp() // step_s * step_s
        return datetime.fromtimestamp(seconds, tz=UTC)

    async def _ask_site(
        self,
        read: Callable[[AsyncConnection, Site], Awaitable[T]],
        site: Site,
        step_s: int = AS_OF_STEP_S,
    ) -> T:
        async def ask() -> T:
            async with self._pool.connection() as conn:
                return await read(conn, site)

        question = (read.__module__, read.__qualname__, site.site_id, self._moment(step_s))
        return await self._answers.get(question, ask)

    async def _ask(
        self,
        read: Callable[Concatenate[AsyncConnection, Scope, P], Awaitable[T]],
        scope: Scope,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        async def ask_of(conn: AsyncConnection, asked: Scope) -> T:
            return await read(conn, asked, *args, **kwargs)

        async def ask() -> T:
            if scope.filters is not None:
                return await self._passes.ask(about, scope, ask_of)
            async with self._pool.connection() as conn:
                return await ask_of(conn, scope)

        about = self._about(scope)
        return await self._answers.get((_what(read, args, kwargs), about), ask)

    async def _ask_alone(
        self,
        read: Callable[Concatenate[AsyncConnection, Scope, P], Awaitable[T]],
        scope: Scope,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """As `_ask`, outside a transaction: for what begins its own."""

        async def ask() -> T:
            async with self._pool.connection() as conn:
                return await read(conn, scope, *args, **kwargs)

        return await self._answers.get((_what(read, args, kwargs), self._about(scope)), ask)

    def _about(self, scope: Scope) -> tuple[Any, ...]:
        site = scope.site
        days = scope.first, scope.last, scope.cut
        return (site.site_id, site.timezone, *days, scope.filters, self._moment())


async def beside(read: Callable[[Scope], Awaitable[T]], looked: Looked) -> tuple[T, T | None]:
    """The answer for the scope and, when there is one, for its comparison; asked concurrently.

    There is none either where raw events that the comparison follows from are gone.
    """
    return await beside_other(read, read, looked)


async def beside_other(
    read: Callable[[Scope], Awaitable[T]],
    read_before: Callable[[Scope], Awaitable[Before]],
    looked: Looked,
) -> tuple[T, Before | None]:
    """As `beside`, where less is asked about the comparison."""
    if looked.comparison is None:
        return await read(looked.scope), None
    return await asyncio.gather(read(looked.scope), _known(read_before(looked.comparison)))


async def _known(answer: Awaitable[T]) -> T | None:
    try:
        return await answer
    except ScopeError:
        return None


def _what(read: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return read.__module__, read.__name__, args, kwargs


def _localised(point: TrafficPoint, site: Site) -> TrafficPoint:
    if not isinstance(point.bucket, datetime):
        return point
    return replace(point, bucket=point.bucket.astimezone(site.zone))


def _pick(sites: list[Site], slug: str | None) -> Site:
    if not sites:
        raise NoSiteError("there is no site yet")
    if slug is None:
        return sites[0]
    for site in sites:
        if site.slug == slug:
            return site
    known = ", ".join(site.slug for site in sites)
    raise LookupError(f"there is no site {slug!r}; there are {known}")
