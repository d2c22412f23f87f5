"""How long funnels and retention take over millions of events, beside a bare count of them.

    python -m bench.funnels [--events 5000000] [--database-url URL]

Fills an empty database (an embedded one unless URL names one) with one site's events of thirty days
and what the sessions job would make of them, in plain SQL, and prints seconds per question.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sql.cohorts import recompute_due
from sql.database import AsyncConnection, connect
from sql.filters import parse_filters
from sql.funnel_steps import Step
from sql.funnels import Funnel, run_funnel
from sql.migrations import migrate
from sql.retention import retention
from sql.scope import Scope
from sql.sites import ensure_site, site_by_slug
from tideline.embedded import running_servers

NAMES = ("page_view", "click", "add_to_cart", "checkout_start", "purchase")
PAGES = 2_000
STEPS = [
    Step(page="/product/*"), Step(event="add_to_cart"), Step(event="checkout_start"),
    Step(event="purchase"),
]  # fmt: skip
WEEK_S = 7 * 86_400

LABELS = """
INSERT INTO labels (site_id, hash, value)
SELECT %(site_id)s, label_hash(value), value FROM unnest(%(values)s::text[]) AS value
"""
EVENTS = """
INSERT INTO events (
    site_id, local_day, local_hour, local_weekday, kind, is_conversion, is_high_value, is_browser,
    ts, received_at, batch_seq, session_key, name_id, hostname_id, path_id, title_id, referrer_id,
    source_id, channel_id, utm_source_id, utm_medium_id, utm_campaign_id, utm_term_id,
    utm_content_id, country_id, region_id, city_id, device_id, browser_id, os_id, language_id,
    screen_id, duration_ms, visitor_id, value, revenue, event_id)
SELECT
    %(site_id)s, ts::date, 0, 1, (ARRAY[1, 0, 0, 0, 4])[name], name = 5, false, true, ts, ts, 1, 0,
    %(names)s + name, 0, %(pages)s + page, 0, 0, 0, 0, 0, 0, 0, 0, 0, country, 0, 0, 0, 0, 0, 0, 0,
    0, visitor, NULL, CASE WHEN name = 5 THEN 19.99 END, number::text
FROM (
    SELECT
        number, visitor, 1 + visitor %% 4 AS country,
        TIMESTAMPTZ '2026-03-01 00:00+00' + make_interval(secs =>
            floor(day) * 86400 + 43200 * hour + 300 * view + 100 * random()) AS ts,
        CASE WHEN r < 0.72 THEN 1 WHEN r < 0.9 THEN 2 WHEN r < 0.96 THEN 3 WHEN r < 0.985 THEN 4
            ELSE 5 END AS name,
        floor(%(page_count)s * power(random(), 3))::int AS page
    FROM (
        SELECT number, view, visitor, day, hour, random() AS r
        FROM (
            SELECT number, floor(%(visitors)s * power(random(), 1.5))::bigint AS visitor,
                30 * power(random(), 0.8) AS day, random() AS hour
            FROM generate_series(1, %(events)s / 4) AS number
        ) AS visits CROSS JOIN generate_series(1, 4) AS view
    ) AS drawn
) AS made
"""
DERIVED = """
INSERT INTO session_hours
SELECT site_id, local_day, hashint8extended(visitor_id, local_day - DATE '2000-01-01'), min(ts),
    date_trunc('day', min(ts)), visitor_id, min(ts), max(ts),
    min(ts) FILTER (WHERE is_conversion), count(*), count(*) FILTER (WHERE kind = 1),
    count(*) FILTER (WHERE is_conversion), count(*) FILTER (WHERE kind = 4),
    coalesce(sum(revenue), 0), coalesce(sum(revenue), 0)
FROM events GROUP BY site_id, local_day, visitor_id;

INSERT INTO sessions
SELECT site_id, started_at, session_id, visitor_id, 0, last_at, local_day, local_day, 0,
    events = 1, events, pageviews, 0, 1, 1, conversions, purchases, 0, 0, revenue_gross,
    revenue_net, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 + visitor_id % 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM session_hours;

INSERT INTO visitor_days (site_id, dimension, value_id, visitor_id, day, prev_day, first_at)
SELECT site_id, 0, 0, visitor_id, local_day,
    lag(local_day) OVER (PARTITION BY visitor_id ORDER BY local_day), first_at
FROM session_hours;

INSERT INTO visitors
SELECT site_id, visitor_id, min(first_at), max(last_at), min(local_day)
FROM session_hours GROUP BY site_id, visitor_id;

VACUUM ANALYZE;
"""


def fill(database_url: str, events: int) -> None:
    """Stores a site of about eight events a visitor and what follows from them."""
    with connect(database_url) as conn:
        ensure_site(conn, "shop")
        row = conn.execute("SELECT site_id FROM sites").fetchone()
        assert row is not None
        pages = [f"/{'product' if n % 4 else 'blog'}/{n}" for n in range(PAGES)]
        conn.execute(LABELS, {"site_id": row[0], "values": [*NAMES, *pages]})
        found = dict(conn.execute("SELECT value, label_id FROM labels").fetchall())
        conn.execute("SELECT ensure_month('2026-03-01')")
        conn.execute(
            EVENTS,
            {
                "site_id": row[0],
                "names": found[NAMES[0]] - 1,
                "pages": found[pages[0]],
                "page_count": PAGES,
                "visitors": events // 8,
                "events": events,
            },
        )
        for statement in DERIVED.split(";"):
            if statement.strip():
                conn.execute(statement.encode())


async def ask(database_url: str) -> None:
    """Prints how long each question takes, the better of two times."""
    async with await AsyncConnection.connect(database_url, autocommit=True) as conn:
        site = await site_by_slug(conn, "shop")
        assert site is not None
        month = Scope(site, date(2026, 3, 1), date(2026, 3, 30))
        german = replace(month, filters=parse_filters(["is", "country", ["page_view"]]))
        now = datetime.now(UTC)

        async def bare() -> None:
            await conn.execute("SELECT count(*), count(DISTINCT visitor_id) FROM events")

        questions: dict[str, Callable[[], Awaitable[Any]]] = {
            "bare count and count(distinct)": bare,
            "funnel": lambda: run_funnel(conn, month, Funnel(STEPS, WEEK_S)),
            "funnel per session": lambda: run_funnel(conn, month, Funnel(STEPS, WEEK_S, "session")),
            "funnel, one filter": lambda: run_funnel(conn, german, Funnel(STEPS, WEEK_S)),
            "funnel by country": lambda: run_funnel(
                conn, month, Funnel(STEPS, WEEK_S, dimension="country")
            ),
        }
        for mode in ("bounded", "unbounded", "rolling"):
            questions[f"retention by week, {mode}"] = partial(
                retention, conn, month, mode=mode, as_of=month.end
            )
        questions["retention by week, one filter"] = lambda: retention(
            conn, german, as_of=german.end
        )
        questions["retention by day"] = lambda: retention(conn, month, grain="day", as_of=now)
        for name, question in questions.items():
            print(f"{name:34} {min([await _timed(question) for _ in range(2)]):8.3f} s", flush=True)


async def _timed(question: Callable[[], Awaitable[Any]]) -> float:
    started = time.perf_counter()
    await question()
    return time.perf_counter() - started


def measure(database_url: str, events: int) -> None:
    """Fills the database, computes cohorts ahead, and asks."""
    migrate(database_url)
    fill(database_url, events)
    with connect(database_url) as conn:
        started = time.perf_counter()
        asyncio.run(ask(database_url))
        started = time.perf_counter()
        recompute_due(conn)
        print(f"{'computing cohorts ahead':34} {time.perf_counter() - started:8.3f} s")
    asyncio.run(ask(database_url))


def main() -> None:
    """Runs on a given empty database, or on an embedded one in a temporary directory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--database-url")
    chosen = parser.parse_args()
    if chosen.database_url:
        measure(chosen.database_url, chosen.events)
        return
    with tempfile.TemporaryDirectory() as folder, running_servers(Path(folder)) as servers:
        measure(servers.postgres.url(), chosen.events)


if __name__ == "__main__":
    main()
