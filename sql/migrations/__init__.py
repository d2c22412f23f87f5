"""Migrations: forward only, safe to run repeatedly and by several processes at once."""

from importlib.resources import files
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from sql.engine import Engine, engine_of, has_timescale_available

_LOCK = 7_001


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("sql") / "migrations"))
    config.attributes["connection"] = connection
    return config


def migrate(database_url: str) -> Engine:
    """Brings the database to the newest schema and returns its engine.

    `database_url` is a libpq URL. Installs the timescaledb extension where the server offers it.
    Concurrent calls wait for each other. Raises psycopg.Error when the server refuses.
    """
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        if has_timescale_available(conn):
            conn.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
        _upgrade(database_url)
        return engine_of(conn)


def _upgrade(database_url: str) -> None:
    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(database_url)

    engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")
    engine.dispose()


def is_current(database_url: str) -> bool:
    """Whether the database has the newest schema."""
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(database_url), poolclass=NullPool
    )
    with engine.connect() as connection:
        head = ScriptDirectory.from_config(_config(connection)).get_current_head()
        return MigrationContext.configure(connection).get_current_revision() == head
