"""What the whole Overview of thirty days costs the database, at one and at ten million events.

    python -m bench.overview [--events 1000000 10000000] [--directory DIR]

Fills a database for each size (five sites, the first with 80 % of the events; see
`bench.overview_fill`: raw events in plain SQL, everything derived by the real jobs), checks a small
site against its raw events, restarts PostgreSQL and asks what the page of the first site asks: each
panel, and its comparison, one after the other on one connection. Prints milliseconds from asking to
rows, of the first asking after the restart, without a filter and with some, beside count(distinct)
of the same visitors. In DIR the databases stay, and are used again.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.overview_fill import DAYS, FIRST, fill
from sql import breakdowns, pages, traffic
from sql.database import AsyncConnection, connect, make_pool
from sql.filtered import share_selection
from sql.filters import parse_filters
from sql.scope import Scope
from sql.sites import site_by_slug
from sql.verification import verify_site
from tideline.embedded import running_servers

Panel = Callable[[AsyncConnection, Scope], Awaitable[Any]]

PANELS: dict[str, Panel] = {
    "figures": traffic.overview,
    "chart": lambda conn, scope: traffic.points(conn, scope, "day"),
    "channels": lambda conn, scope: breakdowns.breakdown(conn, scope, "channel", limit=200),
    "pages": lambda conn, scope: pages.page_views(conn, scope, limit=200),
    "devices": lambda conn, scope: breakdowns.breakdown(conn, scope, "device", limit=200),
    "events": lambda conn, scope: breakdowns.event_counts(conn, scope, limit=200),
    "map": lambda conn, scope: breakdowns.breakdown(conn, scope, "country", limit=400),
    "hours": traffic.heatmap,
}
NOT_COMPARED = ("map", "hours")
QUESTIONS: dict[str, Any] = {
    "no filter": None,
    "device = desktop": ["is", "device", ["desktop"]],
    "channel = Email": ["is", "channel", ["Email"]],
    "page = the most visited": ["is", "page", ["/page/0"]],
    "country = DE and page = the most visited": [
        "and", [["is", "country", ["DE"]], ["is", "page", ["/page/0"]]],
    ],
}  # fmt: skip
DISTINCT = (
    "SELECT count(DISTINCT visitor_id) FROM events"
    " WHERE site_id = %(site_id)s AND ts >= %(start)s AND ts < %(end)s"
)


async def ask(database_url: str) -> None:
    """Asks all questions and prints their times."""
    pool = make_pool(database_url, size=1)
    await pool.open()
    async with pool.connection() as conn:
        site = await site_by_slug(conn, "shop")
        assert site is not None
        scope = Scope(site, FIRST, FIRST + timedelta(days=DAYS - 1))
        for name, filters in QUESTIONS.items():
            await _page(conn, name, replace(scope, filters=parse_filters(filters)))
        for name, panel in (("pages", pages.pages), ("events", breakdowns.events_by_name)):
            listed: Panel = panel  # type: ignore[assignment]
            print(f"  visitors of the listed {name}: {await _timed(listed, conn, scope):,.0f} ms")
        started = time.perf_counter()
        await (await conn.execute(DISTINCT, scope.parameters)).fetchone()
        print(f"  count(distinct visitor_id): {_since(started):,.0f} ms")
    await pool.close()


async def _page(conn: AsyncConnection, name: str, scope: Scope) -> None:
    days = timedelta(days=scope.days)
    before = replace(scope, first=scope.first - days, last=scope.last - days)
    taken: dict[str, float] = {}
    started = time.perf_counter()
    for beside, asked in (("", scope), (" before", before)):
        compared = {k: v for k, v in PANELS.items() if not beside or k not in NOT_COMPARED}
        async with conn.transaction():
            await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            if asked.filters is not None:
                began = time.perf_counter()
                asked = await share_selection(conn, asked)
                taken[f"selection{beside}"] = _since(began)
            for panel, read in compared.items():
                taken[f"{panel}{beside}"] = await _timed(read, conn, asked)
    parts = ", ".join(f"{part} {took:,.1f}" for part, took in taken.items())
    print(f"  {name}: {_since(started):,.0f} ms ({parts})", flush=True)


async def _timed(read: Panel, conn: AsyncConnection, scope: Scope) -> float:
    started = time.perf_counter()
    await read(conn, scope)
    return _since(started)


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1e3


def prepare(database_url: str, events: int) -> None:
    """Fills the database unless it is filled, and checks its smallest site."""
    fill(database_url, events)
    with connect(database_url) as conn:
        row = conn.execute("SELECT max(site_id) FROM sites").fetchone()
        assert row is not None
        differences = verify_site(conn, row[0])
    relevant = [d for d in differences if d.relation != "event_minutes"]
    assert not relevant, relevant


def main() -> None:
    """Each size has a PostgreSQL of its own below the directory."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--directory", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for events in chosen.events:
            folder = (chosen.directory or Path(temporary)) / str(events)
            filled = folder / "filled"
            if not filled.exists():
                with running_servers(folder) as servers:
                    prepare(servers.postgres.url(), events)
                filled.write_text(datetime.now(UTC).isoformat())
            with running_servers(folder) as servers:
                print(f"{events:,} events")
                asyncio.run(ask(servers.postgres.url()))


if __name__ == "__main__":
    main()
