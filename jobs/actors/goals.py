"""The actor that follows changed goals."""

import dramatiq

from jobs.connections import connection
from sql.goals import apply_changed_goals


@dramatiq.actor(actor_name="goals.apply", max_age=60_000, max_retries=0, time_limit=3_600_000)
def apply() -> None:
    """Marks the events of sites whose goals changed."""
    apply_changed_goals(connection())
