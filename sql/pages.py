"""Pages: what was viewed, where sessions began and ended."""

from dataclasses import dataclass
from typing import Any

import psycopg

from sql.filtered import fetch_filtered
from sql.metrics import ratio
from sql.parts import Wanted
from sql.running import fetch_rollups, portions
from sql.scope import Scope, check_cut
from sql.summed import fetch_summed
from sql.text import filled, query


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


def seen() -> str:
    """The text that adds the pages of a scope to a WITH of what a cut leaves of its last day."""
    return filled("pages/seen", {"views_between": query("pages/views_between")})


async def pages(
    conn: psycopg.AsyncConnection[Any],
    scope: Scope,
    *,
    limit: int = 100,
    offset: int = 0,
    from_sessions: bool | None = None,
) -> list[PageRow]:
    """The pages of a scope, most viewed first. Raises ScopeError."""
    check_cut(scope, "pages")
    page = {"most": limit, "skip": offset}
    if from_sessions or (scope.filters is not None and from_sessions is None):
        finding = f"WITH {portions(scope, 'pages', 'MATERIALIZED')}{query('pages/pages_found')}"
        return await fetch_summed(conn, finding, query("pages/pages_summed"), PageRow, scope, page)
    text = seen() + query("pages/pages")
    return await fetch_rollups(conn, text, PageRow, scope, page)


async def page_views(
    conn: psycopg.AsyncConnection[Any], scope: Scope, *, limit: int = 100, offset: int = 0
) -> list[PageViews]:
    """The same pages with their views alone, which costs far less. Raises ScopeError."""
    check_cut(scope, "pages")
    page = {"most": limit, "skip": offset}
    if scope.filters is None:
        text = seen() + query("pages/views")
        return await fetch_rollups(conn, text, PageViews, scope, page)
    return await fetch_filtered(
        conn, "pages/views_filtered", PageViews, scope, Wanted(pages=True), page
    )
