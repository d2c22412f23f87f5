"""Actor that stores what filters on frequent values show of closed days."""

import dramatiq

from jobs.connections import connection
from sql.filtered_days import store_due

MAX_AGE_MS = 120_000
"""A message that waited longer is dropped: the schedule has sent a newer one."""

PATIENCE_S = 30.0
"""A thread of the worker is not kept longer than this and one more day takes."""


@dramatiq.actor(actor_name="filtered_days.store", max_age=MAX_AGE_MS, max_retries=0)
def store() -> None:
    """Stores the days that have ended, and again those that late events touched."""
    store_due(connection(), patience_s=PATIENCE_S)
