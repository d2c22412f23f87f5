"""Pages: what was viewed, where sessions began and ended."""

from dataclasses import dataclass
from typing import Any

import psycopg

from sql.filtered import fetch_filtered
from sql.metrics import ratio
from sql.parts import Wanted
from sql.running import fetch_scope
from sql.scope import Scope


@dataclass(frozen=True)
class PageViews:
    """How often a page of a scope was viewed; pages are paths."""

    page: str | None
    """Path; None when page views came without one."""
    pageviews: int
    all_pageviews: int
    """Page views of the whole scope."""

    @property
    def share(self) -> float | None:
        """Of the scope's page views, 0-1."""
        return ratio(self.pageviews, self.all_pageviews)


@dataclass(frozen=True)
class PageRow(PageViews):
    """A page with all that is known of it; its visitors mean its page views."""

    visitors: int
    entries: int
    """Sessions that began with it."""
    bounces: int
    """Of these, bounces."""
    exits: int
    """Sessions whose last page view it was."""
    visits: int
    """Sessions with a view of it, a session of two days counted on each."""
    engaged_ms: int

    @property
    def bounce_rate(self) -> float | None:
        """Bounces / sessions that entered here, 0-1; None when none did."""
        return ratio(self.bounces, self.entries)

    @property
    def time_on_page_s(self) -> float | None:
        """Engaged time per visit, seconds; None when none was reported."""
        return ratio(self.engaged_ms / 1000, self.visits) if self.engaged_ms else None


async def pages(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    *,
    limit: int = 100,
    offset: int = 0,
    from_sessions: bool | None = None,
) -> list[PageRow]:
    """The pages of a scope, most viewed first."""
    page = {"most": limit, "skip": offset}
    return await fetch_scope(conn, "pages/pages", PageRow, scope, page, from_sessions=from_sessions)


async def page_views(
    conn: psycopg.AsyncConnection[Any], scope: Scope, *, limit: int = 100, offset: int = 0
) -> list[PageViews]:
    """The same pages with their views alone, which costs far less."""
    page = {"most": limit, "skip": offset}
    if scope.filters is None:
        return await fetch_scope(conn, "pages/views", PageViews, scope, page)
    return await fetch_filtered(
        conn, "pages/views_filtered", PageViews, scope, Wanted(pages=True), page
    )
