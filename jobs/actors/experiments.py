"""Actors that keep the results of experiments, and the plans for new ones, up to date."""

from datetime import UTC, datetime

import dramatiq

from jobs.connections import connection
from jobs.experiment_refresh import refresh_experiments, refresh_plans
from sql.experiment_units import MOST_TOUCHED


@dramatiq.actor(actor_name="experiments.recompute", max_age=30_000, max_retries=0)
def recompute() -> None:
    """Recomputes the experiments whose visitors were touched or whose definition changed.

    Until less than a run's worth is left: where events never stop there is always more.
    """
    conn = connection()
    while refresh_experiments(conn) >= MOST_TOUCHED:
        pass


@dramatiq.actor(actor_name="experiments.plan", max_age=600_000, max_retries=0)
def plan() -> None:
    """Makes the plans of sites whose plans are an hour old."""
    refresh_plans(connection(), datetime.now(UTC))
