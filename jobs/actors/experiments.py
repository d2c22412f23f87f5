"""Actors that keep the results of experiments, and the plans for new ones, up to date."""

from datetime import UTC, datetime

import dramatiq

from jobs.connections import connection
from jobs.experiment_refresh import refresh_experiments, refresh_plans


@dramatiq.actor(actor_name="experiments.recompute", max_age=30_000, max_retries=0)
def recompute() -> None:
    """Recomputes the experiments whose visitors were touched or whose definition changed."""
    conn = connection()
    while refresh_experiments(conn):
        pass


@dramatiq.actor(actor_name="experiments.plan", max_age=600_000, max_retries=0)
def plan() -> None:
    """Makes the plans of sites whose plans are an hour old."""
    refresh_plans(connection(), datetime.now(UTC))
