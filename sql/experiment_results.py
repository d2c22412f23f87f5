"""Arms of experiments, to compute their statistics from, and the results of that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sql.experiment_units import LOCK
from sql.experiments import Experiment
from sql.text import query


@dataclass(frozen=True)
class EventTotals:
    """What the `exposed` visitors of an arm did of one event; x of m2 is a visitor's total."""

    event: str | None
    """None: nothing yet, the visitors alone."""
    exposed: int
    converters: int
    """Visitors with at least one."""
    conversions: int
    conversions_m2: float | None
    """Sum of (x - mean)² over all exposed; None without any."""
    value: Decimal
    """In the site's currency; a purchase's less refunds."""
    value_m2: float | None


@dataclass(frozen=True)
class ArmDay(EventTotals):
    """An arm as it stood at the end of a local day; variant "": visitors who saw several."""

    day: date
    variant: str


@dataclass(frozen=True)
class ArmSegment(EventTotals):
    """An arm's visitors of one value of a dimension; `value_name` None means unknown."""

    dimension: str
    value_name: str | None
    place: int
    """1 for the value with the most visitors."""
    variant: str


@dataclass(frozen=True)
class Pace:
    """First and last local day with a first exposure, and how many a day; None: none yet."""

    first_day: date | None
    last_day: date | None
    visitors_per_day: float | None


@dataclass(frozen=True)
class Result:
    """A computed result; `result` is what the API answers, but for the definition."""

    day: date
    result: dict[str, Any]
    computed_at: datetime


@dataclass(frozen=True)
class HistoryDay:
    """The estimates as they stood at the end of a local day."""

    day: date
    estimates: list[dict[str, Any]]


def _about(experiment: Experiment) -> dict[str, object]:
    return {"site_id": experiment.site_id, "experiment_id": experiment.experiment_id}


def arms_by_day(conn: psycopg.Connection[Any], experiment: Experiment) -> list[ArmDay]:
    """The arms at the end of every day whose results are out of date, the newest always."""
    with conn.cursor(row_factory=class_row(ArmDay)) as cursor:
        return cursor.execute(query("experiments/arms_by_day"), _about(experiment)).fetchall()


def arms_by_segment(conn: psycopg.Connection[Any], experiment: Experiment) -> list[ArmSegment]:
    """The arms by country, device, source and new or returning; at most ten values each."""
    with conn.cursor(row_factory=class_row(ArmSegment)) as cursor:
        return cursor.execute(query("experiments/arms_by_segment"), _about(experiment)).fetchall()


def pace(conn: psycopg.Connection[Any], experiment: Experiment) -> Pace:
    """How fast visitors come to the experiment."""
    with conn.cursor(row_factory=class_row(Pace)) as cursor:
        row = cursor.execute(query("experiments/pace"), _about(experiment)).fetchone()
    assert row is not None
    return row


def planned_exposures(conn: psycopg.Connection[Any], experiment: Experiment) -> dict[str, float]:
    """How many visitors each variant should have by the weights that stood when they came.

    The weights themselves while they never changed.
    """
    current = {v.key: v.weight for v in experiment.definition.variants}
    changes = conn.execute(
        "SELECT changed_at, old FROM experiment_changes"
        " WHERE site_id = %(site_id)s AND experiment_id = %(experiment_id)s AND field = 'variants'"
        " ORDER BY changed_at",
        _about(experiment),
    ).fetchall()
    if not changes:
        return current
    plans = [{v["key"]: v["weight"] for v in old} for _, old in changes] + [current]
    exposed = conn.execute(
        query("experiments/exposures_by_plan"),
        {**_about(experiment), "changes": [at for at, _ in changes]},
    ).fetchall()
    if not exposed:
        return current
    planned = dict.fromkeys(current, 0.0)
    for number, visitors in exposed:
        shares = {key: plans[number].get(key, 0.0) for key in current}
        total = sum(shares.values()) or 1.0
        for key, weight in shares.items():
            planned[key] += visitors * weight / total
    return planned


def store_results(
    conn: psycopg.Connection[Any],
    experiment: Experiment,
    history: Mapping[date, Sequence[Mapping[str, Any]]],
    result: Mapping[str, Any],
) -> bool:
    """Stores the newest result and the estimates of the days that were out of date.

    `history` maps at least one day; the newest is that of the result. False, and nothing is
    stored, when the definition has changed meanwhile.
    """
    newest = max(history)
    with conn.transaction():
        current = conn.execute(
            "SELECT 1 FROM experiments WHERE experiment_id = %s AND revision = %s FOR UPDATE",
            (experiment.experiment_id, experiment.revision),
        ).fetchone()
        if current is None:
            return False
        conn.execute(
            "DELETE FROM experiment_results r USING experiments x"
            " WHERE r.site_id = %(site_id)s AND r.experiment_id = %(experiment_id)s"
            " AND x.experiment_id = r.experiment_id AND r.day >= x.changed_from",
            _about(experiment),
        )
        conn.execute(
            "UPDATE experiment_results SET result = NULL WHERE site_id = %(site_id)s"
            " AND experiment_id = %(experiment_id)s AND result IS NOT NULL",
            _about(experiment),
        )
        with conn.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO experiment_results (site_id, experiment_id, day, estimates, result)"
                " VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (site_id, experiment_id, day) DO UPDATE SET"
                " estimates = excluded.estimates, result = excluded.result, computed_at = now()",
                [
                    (experiment.site_id, experiment.experiment_id, day, Jsonb(list(estimates)),
                     Jsonb(dict(result)) if day == newest else None)
                    for day, estimates in sorted(history.items())
                ],
            )  # fmt: skip
        conn.execute(
            "UPDATE experiments SET changed_from = NULL WHERE experiment_id = %s",
            (experiment.experiment_id,),
        )
    return True


def results_are_due(conn: psycopg.Connection[Any]) -> bool:
    """Whether units changed, or are about to, and the results do not say so yet."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM experiments JOIN sites USING (site_id)"
        " WHERE changed_from IS NOT NULL AND deleted_at IS NULL)"
    ).fetchone()
    return bool(row and row[0])


def own_results(conn: psycopg.Connection[Any]) -> bool:
    """Takes the lease of whoever computes results, so that units stand still meanwhile."""
    row = conn.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
    return bool(row and row[0])


def release_results(conn: psycopg.Connection[Any]) -> None:
    """Gives the lease back."""
    if not conn.closed:
        conn.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


async def newest_result(
    conn: psycopg.AsyncConnection[Any], experiment: Experiment
) -> Result | None:
    """The newest result; None before there is one."""
    async with conn.cursor(row_factory=class_row(Result)) as cursor:
        await cursor.execute(
            "SELECT day, result, computed_at FROM experiment_results"
            " WHERE site_id = %(site_id)s AND experiment_id = %(experiment_id)s"
            " AND result IS NOT NULL ORDER BY day DESC LIMIT 1",
            _about(experiment),
        )
        return await cursor.fetchone()


async def history_of(
    conn: psycopg.AsyncConnection[Any], experiment: Experiment
) -> list[HistoryDay]:
    """The estimates by local day, oldest first; days on which nothing changed are left out."""
    async with conn.cursor(row_factory=class_row(HistoryDay)) as cursor:
        await cursor.execute(
            "SELECT day, estimates FROM experiment_results"
            " WHERE site_id = %(site_id)s AND experiment_id = %(experiment_id)s ORDER BY day",
            _about(experiment),
        )
        return await cursor.fetchall()


async def is_behind(conn: psycopg.AsyncConnection[Any], experiment: Experiment) -> bool:
    """Whether the newest result lacks something that other reports have."""
    cursor = await conn.execute(
        "SELECT changed_from IS NOT NULL OR needs_rebuild"
        " OR EXISTS (SELECT FROM touched_units t WHERE t.site_id = x.site_id)"
        " FROM experiments x WHERE x.experiment_id = %s",
        (experiment.experiment_id,),
    )
    row = await cursor.fetchone()
    return bool(row and row[0])
