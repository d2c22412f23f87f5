"""The first schema, on either engine."""

from alembic import op

from sql.engine import Engine
from sql.migrations.wrapping import apply_schema, create_event_rollups, engine_of_migration

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("01_sites", "02_events", "03_sessions", "04_session_rollups")
VIEWS = (
    "05_views", "06_cohorts", "07_kpis", "08_experiments", "09_experiment_functions",
)  # fmt: skip


def upgrade() -> None:
    """Creates every relation; the time-partitioned ones and the rollups as the engine has them."""
    engine = engine_of_migration(op)
    apply_schema(op, engine, "00_plain" if engine is Engine.PLAIN else "00_timescale")
    for name in TABLES:
        apply_schema(op, engine, name)
    create_event_rollups(op, engine)
    for name in VIEWS:
        apply_schema(op, engine, name)
