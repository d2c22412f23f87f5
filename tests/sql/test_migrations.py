"""Migrations on an empty database, on a migrated one, and by several at once."""

from concurrent.futures import ThreadPoolExecutor

import psycopg

from sql.migrations import is_current, migrate
from tests.servers import TestServers


def relations(url: str) -> set[str]:
    with psycopg.connect(url) as conn:
        rows = conn.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        )
        return {row[0] for row in rows}


def test_an_empty_database_gets_every_relation(servers: TestServers) -> None:
    with servers.empty_database() as url:
        assert not is_current(url)
        migrate(url)
        assert is_current(url)
        binding = {
            "sites", "api_keys", "users", "events", "sessions", "visitors", "visitor_days",
            "session_days", "session_pages", "visitor_value_days", "value_gaps", "traffic_hourly",
            "traffic_daily", "dimension_daily", "page_daily", "unique_gaps", "goals",
            "dead_letters", "batch_ledger", "seen_events",
        }  # fmt: skip
        assert binding <= relations(url)


def test_a_migrated_database_stays_as_it_is(servers: TestServers) -> None:
    with servers.database() as url:
        before = relations(url)
        migrate(url)
        assert relations(url) == before


def test_several_processes_may_migrate_at_once(servers: TestServers) -> None:
    with servers.empty_database() as url, ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(migrate, [url] * 4))
        assert len(set(engines)) == 1
        assert is_current(url)
