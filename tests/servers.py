"""Real servers for the tests: started once, a fresh migrated database in a fraction of a second.

PostgreSQL is the embedded one, or the one TIDELINE_TEST_DATABASE_URL names; Redis is always the
embedded one. A server that cannot start fails the tests.
"""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
import redis
from psycopg import sql as composed
from psycopg.conninfo import conninfo_to_dict

from sql.migrations import migrate
from tideline.embedded import running_servers

OUR_PREFIX = "tideline_test_"


@dataclass(frozen=True)
class TestServers:
    """The servers of a test run."""

    __test__ = False

    admin_url: str
    """URL of a database on the PostgreSQL server from which others may be created."""
    redis_url: str
    template: str
    """Name of the migrated database that others are copies of; nobody may connect to it."""
    version: str
    """Such as "PostgreSQL 18.6, plain" or "PostgreSQL 18.6, TimescaleDB 2.29.2"."""

    def database_url(self, name: str) -> str:
        """The URL of a database of that name on the same server."""
        return with_database(self.admin_url, name)

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The URL of a new database without a schema, dropped at the end of the block."""
        name = OUR_PREFIX + secrets.token_hex(6)
        administrate(self.admin_url, "CREATE DATABASE {}", name)
        try:
            yield self.database_url(name)
        finally:
            self._drop(name)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new migrated database, dropped at the end of the block."""
        name = OUR_PREFIX + secrets.token_hex(6)
        administrate(
            self.admin_url,
            "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy",
            name,
            self.template,
        )
        try:
            yield self.database_url(name)
        finally:
            self._drop(name)

    def clean_redis(self) -> str:
        """The URL of Redis, emptied."""
        with redis.Redis.from_url(self.redis_url) as client:
            client.flushall()
        return self.redis_url

    def _drop(self, name: str) -> None:
        administrate(self.admin_url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def administrate(admin_url: str, statement: LiteralString, *names: str) -> None:
    """Run a statement about databases, whose names take the places of the braces."""
    query = composed.SQL(statement).format(*map(composed.Identifier, names))
    with psycopg.connect(admin_url, autocommit=True) as conn:
        conn.execute(query)


def with_database(url: str, name: str) -> str:
    """The same server's URL with another database name."""
    parts: dict[str, Any] = conninfo_to_dict(url)
    parts.pop("dbname", None)
    user = quote(str(parts.pop("user", "")), safe="")
    rest = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in parts.items())
    return f"postgresql://{user}@/{quote(name)}?{rest}"


def server_version(url: str) -> str:
    """The versions of PostgreSQL and, when it is installed there, of TimescaleDB."""
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT split_part(current_setting('server_version'), ' ', 1)")
        number = row.fetchone()
        row = conn.execute("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'")
        extension = row.fetchone()
    text = f"PostgreSQL {number[0] if number else '?'}"
    return f"{text}, TimescaleDB {extension[0]}" if extension else f"{text}, plain"


@contextmanager
def migrated_template(admin_url: str) -> Iterator[tuple[str, str]]:
    """Name and server version of a migrated database, dropped after the block.

    It is closed to connections, because TimescaleDB's scheduler would otherwise connect to it, and
    a database somebody is connected to cannot be copied.
    """
    name = OUR_PREFIX + "template_" + secrets.token_hex(4)
    url = with_database(admin_url, name)
    administrate(admin_url, "CREATE DATABASE {}", name)
    try:
        migrate(url)
        version = server_version(url)
        administrate(admin_url, "ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
        with psycopg.connect(admin_url, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                (name,),
            )
        yield name, version
    finally:
        administrate(admin_url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


@contextmanager
def test_servers() -> Iterator[TestServers]:
    """Start the servers and make the template; everything is gone after the block."""
    with (
        tempfile.TemporaryDirectory(prefix="tideline-test-") as directory,
        running_servers(Path(directory), durable=False) as embedded,
    ):
        admin_url = os.environ.get("TIDELINE_TEST_DATABASE_URL") or embedded.postgres.url()
        with migrated_template(admin_url) as (template, version):
            yield TestServers(admin_url, embedded.redis.url, template, version)
