"""Bringing experiments up to date: units in the database, statistics here, results back."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from jobs.experiment_arms import by_variant
from jobs.experiment_estimates import history_of
from jobs.experiment_plans import plans_by_goal
from jobs.experiments import Observed, result_of
from sql.database import SyncConnection
from sql.experiment_plans import baselines, sites_to_plan, store_plans
from sql.experiment_results import (
    ArmDay,
    arms_by_day,
    arms_by_segment,
    own_results,
    pace,
    planned_exposures,
    release_results,
    results_are_due,
    store_results,
)
from sql.experiment_units import recompute_due, units_are_due
from sql.experiments import Experiment, experiments_with_changed_results
from sql.scope import local_today
from sql.sites import sites_by_id


def experiments_are_due(conn: SyncConnection) -> bool:
    """Whether anything that happened, or was defined, is not in the results yet."""
    return units_are_due(conn) or results_are_due(conn)


def refresh_experiments(conn: SyncConnection) -> int:
    """Recomputes units and results that are due; returns how many touches and results.

    0 also when somebody else is at it. Needs a connection in autocommit mode outside a
    transaction. Safe to repeat.
    """
    handled = recompute_due(conn)
    if not results_are_due(conn) or not own_results(conn):
        return handled
    try:
        return handled + sum(
            _refresh(conn, experiment) for experiment in experiments_with_changed_results(conn)
        )
    finally:
        release_results(conn)


def _refresh(conn: SyncConnection, experiment: Experiment) -> bool:
    rows = arms_by_day(conn, experiment)
    definition = experiment.definition
    history = history_of(definition, rows) or {_today(conn, experiment): []}
    observed = Observed(
        totals=by_variant(_newest(rows)),
        segments=arms_by_segment(conn, experiment),
        planned=planned_exposures(conn, experiment),
        pace=pace(conn, experiment),
    )
    return store_results(conn, experiment, history, result_of(definition, observed))


def _newest(rows: list[ArmDay]) -> Iterable[ArmDay]:
    last = max((row.day for row in rows), default=date.min)
    return (row for row in rows if row.day == last)


def _today(conn: SyncConnection, experiment: Experiment) -> date:
    site = sites_by_id(conn)[experiment.site_id]
    return local_today(site, datetime.now(UTC))


def refresh_plans(conn: SyncConnection, now: datetime) -> int:
    """Makes the plans of sites whose plans are missing or old; returns of how many sites."""
    sites = sites_to_plan(conn)
    for site in sites:
        store_plans(conn, site, plans_by_goal(baselines(conn, site, now)))
    return len(sites)
