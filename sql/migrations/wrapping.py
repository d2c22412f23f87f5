"""How the two engines wrap the same SQL: partitions and tables, or hypertables and aggregates."""

import re
from types import ModuleType

import sqlalchemy as sa

from sql.engine import Engine
from sql.rollups import EventRollup, event_rollups
from sql.text import load_sql

_PARTITIONED = re.compile(
    r"CREATE TABLE (\w+) \((?:(?!CREATE TABLE).)*?\)"
    r" /\*partitioned (\w+)(?:, in halves of (\w+))?\*/",
    re.DOTALL,
)
_HALF = 2**63 - 1
"""Of all bigint values; the least one makes a chunk of its own."""


def engine_of_migration(op: ModuleType) -> Engine:
    """The engine of the database that is being migrated."""
    found = op.get_bind().execute(
        sa.text("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'")
    )
    return Engine.TIMESCALE if found.first() else Engine.PLAIN


def apply_schema(op: ModuleType, engine: Engine, name: str) -> None:
    """Runs sql/schema/NAME.sql; tables marked /*partitioned column*/ are partitioned by it.

    Those "in halves of" another one have a part for its negative values and one for the others.
    """
    text = load_sql(f"schema/{name}.sql")
    tables = _PARTITIONED.findall(text)
    if engine is Engine.PLAIN:
        text = re.sub(r"/\*partitioned (\w+).*?\*/", r"PARTITION BY RANGE (\1)", text)
    _execute(op, text)
    for table, column, halved in tables:
        if engine is Engine.TIMESCALE:
            _execute(
                op,
                f"SELECT create_hypertable('{table}', by_range('{column}', INTERVAL '1 month'),"
                " create_default_indexes => false)",
            )
            if halved:
                _execute(op, f"SELECT add_dimension('{table}', by_range('{halved}', {_HALF}))")


def create_event_rollups(op: ModuleType, engine: Engine) -> None:
    """Creates the rollups of raw events: real-time aggregates, or tables of the same columns."""
    for rollup in event_rollups():
        if engine is Engine.TIMESCALE:
            _execute(op, _aggregate(rollup))
            _execute(op, _table(rollup, rollup.kept))
            _execute(op, _view(rollup))
        else:
            _execute(op, _table(rollup, rollup.name))


def _aggregate(rollup: EventRollup) -> str:
    select = rollup.select
    if rollup.lower:
        select = re.sub(rf"\b{rollup.lower.name}\b", rollup.lower.live, select)
    return (
        f"CREATE MATERIALIZED VIEW {rollup.live}"
        " WITH (timescaledb.continuous, timescaledb.materialized_only = false,"
        f" timescaledb.create_group_indexes = false) AS {select} WITH NO DATA;"
        f"CREATE INDEX ON {rollup.live} (site_id, {rollup.day})"
    )


def _table(rollup: EventRollup, name: str) -> str:
    key = ", ".join(rollup.key)
    return (
        f"CREATE TABLE {name} AS {rollup.select} WITH NO DATA;"
        f"ALTER TABLE {name} ADD PRIMARY KEY ({key});"
    )


def _view(rollup: EventRollup) -> str:
    """What is kept, and of the aggregate the days from a site's bound on.

    What the aggregate holds of the days before depends on when it was last refreshed. The week
    that the bound divides is summed from its days.
    """
    branches = [
        f"TABLE {rollup.kept}",
        f"SELECT r.* FROM {rollup.live} r LEFT JOIN rollup_bounds b USING (site_id)"
        f" WHERE b.day IS NULL OR r.{rollup.day} >= b.day",
    ]
    if rollup.lower:
        # OFFSET 0: site by site, so that nothing is read for one without a bound
        divided = (
            "SELECT * FROM (SELECT site_id, day AS bound FROM rollup_bounds) AS b JOIN LATERAL ("
            f"SELECT * FROM {rollup.lower.live} r WHERE r.site_id = b.site_id"
            f" AND r.{rollup.lower.day} >= bound AND r.{rollup.lower.day} < bound"
            " + (8 - extract(isodow FROM bound)::int) % 7 OFFSET 0) AS r USING (site_id)"
        )
        branches.append(f"(WITH {rollup.lower.name} AS ({divided}) {rollup.select})")
    return f"CREATE VIEW {rollup.name} AS {' UNION ALL '.join(branches)}"


def _execute(op: ModuleType, text: str) -> None:
    op.get_bind().connection.driver_connection.execute(text)
