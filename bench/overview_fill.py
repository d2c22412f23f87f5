"""Invented traffic for `bench.overview`, made into sessions and rollups by the real jobs."""

from datetime import date, timedelta
from pathlib import Path

from sql.database import SyncConnection, connect
from sql.event_rollups import add_touched_batches
from sql.filtered_days import store_due
from sql.labels import store_labels
from sql.migrations import migrate
from sql.planner_statistics import gather_statistics
from sql.sessions import rebuild_sessions
from sql.sites import ensure_site
from sql.writing import VISITOR_SHARDS

FIRST, DAYS = date(2026, 3, 1), 30
ZONE = "Europe/Berlin"
SITES = {"shop": 0.8, "one": 0.05, "two": 0.05, "three": 0.05, "four": 0.05}
"""A site's share of the events."""
EVENTS_PER_SESSION = 5.36
SESSIONS_PER_VISITOR = 1.7

LABELS = {
    "names": ["page_view", "engagement", "click", "purchase"],
    "paths": [f"/page/{i}" for i in range(2_000)],
    "channels": ["Direct", "Organic Search", "Organic Social", "Email", "Paid Search", "Referral"],
    "sources": [f"source {i}" for i in range(24)],
    "referrers": [f"https://from{i}.example" for i in range(240)],
    "countries": ["DE", "US", "FR", "GB", "IN", "NL", "ES", "IT", "PL", "SE", "BR", "JP", "CA"],
    "regions": [f"region {i}" for i in range(80)],
    "cities": [f"city {i}" for i in range(400)],
    "devices": ["desktop", "mobile", "tablet"],
    "browsers": ["Chrome", "Safari", "Firefox", "Edge"],
    "systems": ["Windows", "iOS", "Android", "macOS", "Linux"],
    "languages": ["de", "en", "fr", "es"],
    "screens": ["1920x1080", "390x844", "1440x900", "360x800"],
}

_DRAWING = (
    "CREATE OR REPLACE FUNCTION pg_temp.hash(n bigint, salt bigint) RETURNS float8 LANGUAGE sql"
    " IMMUTABLE PARALLEL SAFE"
    " RETURN (hashint8extended(n, salt) & 2147483647) / 2147483648.0::float8",
    "CREATE OR REPLACE FUNCTION pg_temp.pick(ids integer[], place float8) RETURNS integer"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN ids[1 + floor(place * cardinality(ids))::int]",
)

_TOUCHES = (
    "INSERT INTO touched_visitors"
    " SELECT mod(mod(visitor_id, %(shards)s) + %(shards)s, %(shards)s), site_id, visitor_id,"
    " session_key, min(ts), max(ts), max(received_at)"
    " FROM events WHERE site_id = %(site_id)s AND batch_seq = %(batch_seq)s"
    " GROUP BY site_id, visitor_id, session_key",
    "INSERT INTO touched_batches SELECT %(batch_seq)s, site_id, min(ts), max(ts), max(received_at)"
    " FROM events WHERE site_id = %(site_id)s AND batch_seq = %(batch_seq)s GROUP BY site_id",
)


def fill(database_url: str, events: int) -> None:
    """Writes about `events` events, a day of each site at a time, and runs the jobs after each."""
    migrate(database_url)
    with connect(database_url) as conn:
        conn.execute("SET synchronous_commit = off; SET jit = off; SET work_mem = '128MB'")
        conn.execute("SELECT ensure_month(%s), ensure_month(%s)", (FIRST, FIRST + timedelta(DAYS)))
        for statement in _DRAWING:
            conn.execute(statement.encode())
        given = {slug: _site(conn, slug) for slug in SITES}
        for day in range(DAYS):
            for slug, share in SITES.items():
                _write_day(conn, given[slug], day, int(events * share / EVENTS_PER_SESSION))
            while rebuild_sessions(conn) + add_touched_batches(conn):
                pass
            store_due(conn, rest_s=0)
        gather_statistics(conn)
        conn.execute("VACUUM ANALYZE")


def _site(conn: SyncConnection, slug: str) -> dict[str, object]:
    ensure_site(conn, slug, timezone=ZONE)
    row = conn.execute("SELECT site_id FROM sites WHERE slug = %s", (slug,)).fetchone()
    assert row is not None
    given: dict[str, object] = {"site_id": row[0], "timezone": ZONE}
    for kind, texts in LABELS.items():
        found = store_labels(conn, row[0], texts)
        given[kind] = [found[text] for text in texts]
    return given


def _write_day(conn: SyncConnection, site: dict[str, object], day: int, sessions: int) -> None:
    row = conn.execute("SELECT nextval('batch_seq')").fetchone()
    assert row is not None
    given = {
        **site,
        "day": FIRST + timedelta(days=day),
        "first_session": day * (sessions // DAYS),
        "sessions": sessions // DAYS,
        "visitors": int(sessions / SESSIONS_PER_VISITOR),
        "batch_seq": row[0],
        "shards": VISITOR_SHARDS,
    }
    text = Path(__file__).with_name("overview_events.sql").read_text(encoding="utf-8")
    with conn.transaction():
        for statement in (text, *_TOUCHES):
            conn.execute(statement.encode(), given)
