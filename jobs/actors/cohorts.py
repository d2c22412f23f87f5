"""Actors that compute cohorts ahead."""

import dramatiq

from jobs.connections import connection
from sql.cohorts import recompute_due

MAX_AGE_MS = 60_000
"""A message that waited longer is dropped: the schedule has sent a newer one."""


@dramatiq.actor(actor_name="cohorts.recompute", max_age=MAX_AGE_MS, max_retries=0)
def recompute() -> None:
    """Computes cohorts whose periods have ended, and again those that late events touched."""
    recompute_due(connection())
