"""What an experiment on a site would need: the site's own baselines, and the plans made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sql.experiment_results import EventTotals
from sql.scope import local_today, midnight
from sql.sites import Site, sites_by_id
from sql.text import query

BASELINE_DAYS = 28
KEPT_S = 3_600
"""How long a plan stands before it is made anew, seconds."""


@dataclass(frozen=True)
class Baselines:
    """What visitors did on the last `days` complete local days; one entry an event."""

    days: int
    events: Sequence[EventTotals]


@dataclass(frozen=True)
class StoredPlan:
    """What an experiment with this goal would need; see `jobs.experiment_plans`."""

    event: str
    metric: str
    plan: dict[str, Any]
    computed_at: datetime


def sites_to_plan(conn: psycopg.Connection[Any]) -> list[Site]:
    """Sites whose plans are missing or older than an hour."""
    fresh = {
        row[0]
        for row in conn.execute(
            "SELECT DISTINCT site_id FROM experiment_plans"
            " WHERE computed_at > now() - make_interval(secs => %s)",
            (KEPT_S,),
        )
    }
    return [site for number, site in sorted(sites_by_id(conn).items()) if number not in fresh]


def baselines(conn: psycopg.Connection[Any], site: Site, now: datetime) -> Baselines:
    """What the site's visitors did on its last 28 complete local days, or since its first."""
    today = local_today(site, now.astimezone(UTC))
    row = conn.execute(
        "SELECT min(local_day) FROM event_quarters WHERE site_id = %s", (site.site_id,)
    ).fetchone()
    begin = today - timedelta(days=BASELINE_DAYS)
    first = max(begin, row[0]) if row and row[0] else today
    if first >= today:
        return Baselines(0, [])
    with conn.cursor(row_factory=class_row(EventTotals)) as cursor:
        cursor.execute(
            query("experiments/baselines"),
            {
                "site_id": site.site_id,
                "first": first,
                "last": today - timedelta(days=1),
                "start": midnight(site, first),
                "end": midnight(site, today),
                "currency": site.currency,
            },
        )
        return Baselines((today - first).days, cursor.fetchall())


def store_plans(
    conn: psycopg.Connection[Any], site: Site, plans: Mapping[tuple[str, str], Mapping[str, Any]]
) -> None:
    """Replaces the site's plans, by (event, metric)."""
    with conn.transaction():
        conn.execute("DELETE FROM experiment_plans WHERE site_id = %s", (site.site_id,))
        with conn.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO experiment_plans (site_id, event, metric, plan)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT (site_id, event, metric)"
                " DO UPDATE SET plan = excluded.plan, computed_at = now()",
                [
                    (site.site_id, event, metric, Jsonb(dict(plan)))
                    for (event, metric), plan in sorted(plans.items())
                ],
            )


async def plans_of(conn: psycopg.AsyncConnection[Any], site: Site) -> list[StoredPlan]:
    """The site's plans by event and metric; none before its first complete day."""
    async with conn.cursor(row_factory=class_row(StoredPlan)) as cursor:
        await cursor.execute(
            "SELECT event, metric, plan, computed_at FROM experiment_plans"
            " WHERE site_id = %s ORDER BY event, metric",
            (site.site_id,),
        )
        return await cursor.fetchall()
