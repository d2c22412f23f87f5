"""How long the results of a large experiment take: all of it anew, and after 1,000 more events.

    python -m bench.experiments postgresql://user@host:port/database [visitors]

The database must be empty and on a scratch server; it is filled with one exposure for each visitor
(default 1,000,000), an event of one of four goals for one in three, and their sessions. Bare
figure: the time that PostgreSQL takes to group the same events by visitor and name.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

import psycopg

from jobs.experiment_refresh import refresh_experiments
from sql.database import connect
from sql.experiment_definitions import parse_definition
from sql.experiments import create_experiment, delete_experiment
from sql.migrations import migrate
from sql.sites import ensure_site, site_by_slug

GOALS = ("purchase", "signup", "add_to_cart", "refund")

FILL = """
INSERT INTO events (site_id, local_day, local_hour, local_weekday, kind, is_conversion,
    is_high_value, is_browser, ts, received_at, batch_seq, session_key, name_id, hostname_id,
    path_id, title_id, referrer_id, source_id, channel_id, utm_source_id, utm_medium_id,
    utm_campaign_id, utm_term_id, utm_content_id, country_id, region_id, city_id, device_id,
    browser_id, os_id, language_id, screen_id, duration_ms, visitor_id, value, revenue, event_id,
    properties)
SELECT 1, ts::date, 0, 1, kind, false, false, false, ts, ts, 1, 0, name_id, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, mod(v, 9), 0, 0, mod(v, 3), 0, 0, 0, 0, 0, hashint8extended(v, 0), value, value,
    v || name, properties
FROM (
    SELECT v, '2026-03-01'::timestamptz + v * interval '2 seconds' AS ts, 3 AS kind, 0 AS name_id,
        'x' AS name, NULL::numeric AS value,
        jsonb_build_object('experiment', 'big', 'variant',
            CASE WHEN mod(hashint8extended(v, 7), 2) = 0 THEN 'control' ELSE 'green' END)
            AS properties
    FROM generate_series(1, %(visitors)s::bigint) AS v
    UNION ALL
    SELECT v, '2026-03-01'::timestamptz + v * interval '2 seconds' + interval '1 minute',
        CASE l.value WHEN 'purchase' THEN 4 WHEN 'refund' THEN 5 ELSE 0 END, l.label_id, l.value,
        round((mod(v, 97) + 1) / 7.0, 2), NULL
    FROM generate_series(1, %(visitors)s::bigint, 3) AS v
    JOIN labels l ON l.site_id = 1 AND l.value = (%(goals)s::text[])[1 + mod(v / 3, 4)]
) AS e
"""

SESSIONS = """
INSERT INTO sessions ({columns})
SELECT {values} FROM events WHERE kind = 3
"""
GIVEN = {
    "site_id": "1", "started_at": "ts", "session_id": "visitor_id", "visitor_id": "visitor_id",
    "ended_at": "ts + interval '1 minute'", "local_day": "local_day", "last_day": "local_day",
    "is_bounce": "false", "country_id": "country_id", "device_id": "device_id",
}  # fmt: skip
"""Columns of a visitor's one session; the others are 0."""

VISITORS = """
INSERT INTO visitors
SELECT 1, visitor_id, ts, ts, local_day, NULL FROM events WHERE kind = 3
"""


def timed(label: str, work: Callable[[], object]) -> None:
    """Prints how long `work` took."""
    begun = time.perf_counter()
    work()
    print(f"{label:<60} {time.perf_counter() - begun:8.2f} s", flush=True)


async def define(url: str, *, anew: bool) -> None:
    """Defines the experiment `big` on the site `bench`."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        site = await site_by_slug(conn, "bench")
        assert site is not None
        if anew:
            await delete_experiment(conn, site, "big")
        sent = {
            "key": "big",
            "variants": [{"key": "control"}, {"key": "green"}],
            "control": "control",
            "goals": [{"event": event, "metric": "value"} for event in GOALS],
        }
        await create_experiment(conn, site, parse_definition(site, sent))


def fill(conn: psycopg.Connection[Any], visitors: int) -> None:
    """Events of the visitors and their sessions, without the pipeline."""
    for month in ("2026-03-01", "2026-04-01"):
        conn.execute("SELECT ensure_month(%s::date)", (month,))
    conn.execute(FILL, {"visitors": visitors, "goals": list(GOALS)})
    columns = [c.name for c in conn.execute("SELECT * FROM sessions LIMIT 0").description or ()]
    values = [GIVEN.get(column, "0") for column in columns]
    sessions = SESSIONS.format(columns=", ".join(columns), values=", ".join(values))
    conn.execute(sessions.encode())
    conn.execute(VISITORS)
    conn.execute("ANALYZE")


def touch(conn: psycopg.Connection[Any]) -> None:
    """A thousand of the visitors buy something."""
    conn.execute(
        "WITH e AS (SELECT * FROM events WHERE kind = 4 LIMIT 1000) INSERT INTO touched_units"
        " SELECT site_id, visitor_id FROM e"
    )


def main() -> None:
    """Prints the times."""
    url = sys.argv[1]
    visitors = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    migrate(url)
    with connect(url) as conn:
        ensure_site(conn, "bench")
        asyncio.run(define(url, anew=False))
        refresh_experiments(conn)
        timed("filling", lambda: fill(conn, visitors))
        bare = (
            "SELECT count(*) FROM (SELECT visitor_id, name_id, count(*), sum(value)"
            " FROM events GROUP BY 1, 2) AS g"
        )
        timed(f"bare: grouping the events of {visitors:,} visitors", lambda: conn.execute(bare))
        asyncio.run(define(url, anew=True))
        timed("a new definition, all of it", lambda: refresh_experiments(conn))
        conn.execute("UPDATE experiments SET needs_rebuild = true")
        timed("a changed definition, all of it again", lambda: refresh_experiments(conn))
        touch(conn)
        timed("1,000 touched visitors", lambda: refresh_experiments(conn))
        timed("nothing due", lambda: refresh_experiments(conn))


if __name__ == "__main__":
    main()
