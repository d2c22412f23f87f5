"""Pages: what was viewed, where sessions began and ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from sql.filtered import fetch_filtered
from sql.metrics import ratio
from sql.parts import Wanted
from sql.running import fetch_rollups, one_snapshot, portions
from sql.scope import Scope, check_cut
from sql.summed import fetch_summed
from sql.text import filled, query

_DIVIDED = ("some_ids", "other_ids")


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
class ListedPage:
    """A page of a list."""

    page_id: int
    """Label; 0 = none."""
    page: str | None
    pageviews: int
    all_pageviews: int


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
    async with one_snapshot(conn):
        listed = await _listed(conn, scope, page)
        given = {
            "page_ids": [row.page_id for row in listed],
            "paths": [row.page for row in listed],
            "pageviews": [row.pageviews for row in listed],
            "all_pageviews": listed[0].all_pageviews if listed else 0,
            **_divided(listed),
        }
        return await fetch_rollups(conn, text_of_pages(scope), PageRow, scope, given)


def text_of_pages(scope: Scope) -> str:
    """The text that goes on a WITH of what a cut leaves of the last day, about listed pages."""
    of_cut = ""
    if scope.cut is not None:
        of_cut = "UNION ALL SELECT page_id, visitor_id FROM share_pages WHERE views > 0"
    arms = [filled("pages/visitors", {"ids": ids, "of_cut": of_cut}) for ids in _DIVIDED]
    return filled("pages/pages", {"visitors": " UNION ALL ".join(arms)})


def _divided(listed: list[ListedPage]) -> dict[str, list[int]]:
    """The pages in two groups with about as many views, to be read side by side."""
    groups: dict[str, list[int]] = {name: [] for name in _DIVIDED}
    views = dict.fromkeys(groups, 0)
    for row in listed:
        name = min(groups, key=views.__getitem__)
        groups[name].append(row.page_id)
        views[name] += row.pageviews
    return groups


async def page_views(
    conn: psycopg.AsyncConnection[Any], scope: Scope, *, limit: int = 100, offset: int = 0
) -> list[PageViews]:
    """The same pages with their views alone, which costs far less. Raises ScopeError."""
    check_cut(scope, "pages")
    page = {"most": limit, "skip": offset}
    if scope.filters is None:
        listed = await _listed(conn, scope, page)
        return [PageViews(row.page, row.pageviews, row.all_pageviews) for row in listed]
    return await fetch_filtered(
        conn, "pages/views_filtered", PageViews, scope, Wanted(pages=True), page
    )


async def _listed(
    conn: psycopg.AsyncConnection[Any], scope: Scope, page: Mapping[str, object]
) -> list[ListedPage]:
    return await fetch_rollups(conn, seen() + query("pages/views"), ListedPage, scope, page)
