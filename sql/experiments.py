"""Experiments: what is compared, by which goals, and how a definition changes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sql.experiment_definitions import Definition, Goal, Variant
from sql.experiment_units import LOCK
from sql.sites import Site
from sql.zone_changes import hold_number

_COLUMNS = (
    "x.site_id, x.experiment_id, x.key, x.name, x.variants, x.control, x.goals, x.starts_at,"
    " x.ends_at, x.attribution_window_s, x.created_at, x.revision"
)
_FIELDS = (
    "name", "variants", "control", "goals", "starts_at", "ends_at", "attribution_window_s",
)  # fmt: skip


@dataclass(frozen=True)
class Experiment:
    """A stored definition."""

    site_id: int
    experiment_id: int
    definition: Definition
    created_at: datetime
    revision: int
    """Grows with every change."""


@dataclass(frozen=True)
class Change:
    """A change of a definition while it stood; `old` and `new` are JSON values."""

    changed_at: datetime
    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Summary:
    """An experiment with what its newest result says; the latter None before there is one."""

    experiment: Experiment
    computed_at: datetime | None
    verdict: str | None
    reason: str | None
    winner: str | None
    exposed: int
    """Visitors in all arms; those who saw several variants are not counted."""


@dataclass(frozen=True)
class _Row:
    site_id: int
    experiment_id: int
    key: str
    name: str
    variants: list[dict[str, Any]]
    control: str
    goals: list[dict[str, Any]]
    starts_at: datetime | None
    ends_at: datetime | None
    attribution_window_s: int | None
    created_at: datetime
    revision: int

    def experiment(self) -> Experiment:
        definition = Definition(
            key=self.key,
            name=self.name,
            variants=tuple(Variant(**variant) for variant in self.variants),
            control=self.control,
            goals=tuple(Goal(**goal) for goal in self.goals),
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            attribution_window_s=self.attribution_window_s,
        )
        return Experiment(
            self.site_id, self.experiment_id, definition, self.created_at, self.revision
        )


async def create_experiment(
    conn: psycopg.AsyncConnection[Any], site: Site, definition: Definition
) -> Experiment | None:
    """Stores a definition; None when the key is taken on the site."""
    columns = ("key", *_FIELDS)
    row = {name: _plain(definition, name) for name in columns}
    async with conn.transaction():
        site = await _held(conn, site)
        inserted = await conn.execute(
            f"INSERT INTO experiments (site_id, {', '.join(columns)})"
            f" VALUES (%(site_id)s, {', '.join(f'%({name})s' for name in columns)})"
            " ON CONFLICT (site_id, key) DO NOTHING",
            {"site_id": site.site_id, **row},
        )
        if inserted.rowcount == 0:
            return None
        await _store_labels(conn, site, definition)
    return await experiment_by_key(conn, site, definition.key)


async def _held(conn: psycopg.AsyncConnection[Any], site: Site) -> Site:
    """The site under the number it has now, and keeps until the caller's transaction ends."""
    return replace(site, site_id=await hold_number(conn, site.site_id))


async def _store_labels(
    conn: psycopg.AsyncConnection[Any], site: Site, definition: Definition
) -> None:
    """Gives the goals' events their ids before any of them arrives."""
    events = sorted({goal.event for goal in definition.goals} | {"refund"})
    await conn.execute(
        "INSERT INTO labels (site_id, hash, value)"
        " SELECT %s, label_hash(event), event FROM unnest(%s::text[]) AS event"
        " ORDER BY 2 ON CONFLICT DO NOTHING",
        (site.site_id, events),
    )


async def update_experiment(
    conn: psycopg.AsyncConnection[Any], site: Site, old: Experiment, new: Definition
) -> Experiment | None:
    """Changes a definition and records what changed; None when `old` is not current any more."""
    before = {name: _plain(old.definition, name) for name in _FIELDS}
    after = {name: _plain(new, name) for name in _FIELDS}
    changed = [n for n in _FIELDS if getattr(old.definition, n) != getattr(new, n)]
    if changed:
        async with conn.transaction():
            site = await _held(conn, site)
            assignments = ", ".join(f"{name} = %({name})s" for name in changed)
            updated = await conn.execute(
                f"UPDATE experiments SET {assignments}, revision = revision + 1,"
                " needs_rebuild = needs_rebuild OR %(rebuild)s, changed_from = '-infinity'"
                " WHERE experiment_id = %(id)s AND revision = %(revision)s",
                {
                    **after,
                    "rebuild": old.definition.units_differ(new),
                    "id": old.experiment_id,
                    "revision": old.revision,
                },
            )
            if updated.rowcount == 0:
                return None
            await _store_labels(conn, site, new)
            await _record(conn, site, old, [(name, before[name], after[name]) for name in changed])
    return await experiment_by_key(conn, site, new.key)


async def _record(
    conn: psycopg.AsyncConnection[Any],
    site: Site,
    old: Experiment,
    changes: Sequence[tuple[str, Any, Any]],
) -> None:
    def as_json(value: Any) -> Jsonb:
        return value if isinstance(value, Jsonb) else Jsonb(value, dumps=_dumps)

    async with conn.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO experiment_changes (site_id, experiment_id, field, old, new)"
            " VALUES (%s, %s, %s, %s, %s)",
            [
                (site.site_id, old.experiment_id, field, as_json(before), as_json(after))
                for field, before, after in changes
            ],
        )


def _dumps(value: Any) -> str:
    return json.dumps(value, default=datetime.isoformat)


def _plain(definition: Definition, name: str) -> Any:
    value = getattr(definition, name)
    return Jsonb([asdict(part) for part in value]) if isinstance(value, tuple) else value


async def delete_experiment(conn: psycopg.AsyncConnection[Any], site: Site, key: str) -> bool:
    """Deletes an experiment with all that was computed; its events stay. False: there is none."""
    async with conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        site = await _held(conn, site)
        found = await conn.execute(
            "DELETE FROM experiments WHERE site_id = %s AND key = %s RETURNING experiment_id",
            (site.site_id, key),
        )
        row = await found.fetchone()
        for relation in ("units", "outcomes", "days", "segments") if row else ():
            await conn.execute(
                f"DELETE FROM experiment_{relation} WHERE site_id = %s AND experiment_id = %s",
                (site.site_id, row and row[0]),
            )
        return row is not None


async def experiment_by_key(
    conn: psycopg.AsyncConnection[Any], site: Site, key: str
) -> Experiment | None:
    """The experiment of that key; None when the site has none."""
    async with conn.cursor(row_factory=class_row(_Row)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM experiments x WHERE x.site_id = %s AND x.key = %s",
            (site.site_id, key),
        )
        row = await cursor.fetchone()
        return None if row is None else row.experiment()


async def list_experiments(conn: psycopg.AsyncConnection[Any], site: Site) -> list[Summary]:
    """The site's experiments, newest first."""
    cursor = await conn.execute(
        f"SELECT {_COLUMNS}, r.computed_at, r.result ->> 'verdict', r.result ->> 'reason',"
        " r.result ->> 'winner', coalesce((r.result ->> 'exposed')::bigint, 0)"
        " FROM experiments x LEFT JOIN experiment_results r"
        " ON r.site_id = x.site_id AND r.experiment_id = x.experiment_id AND r.result IS NOT NULL"
        " WHERE x.site_id = %s ORDER BY x.created_at DESC, x.experiment_id DESC",
        (site.site_id,),
    )
    return [Summary(_Row(*row[:12]).experiment(), *row[12:]) async for row in cursor]


async def changes_of(conn: psycopg.AsyncConnection[Any], experiment: Experiment) -> list[Change]:
    """The changes of a definition, oldest first."""
    async with conn.cursor(row_factory=class_row(Change)) as cursor:
        await cursor.execute(
            "SELECT changed_at, field, old, new FROM experiment_changes"
            " WHERE site_id = %s AND experiment_id = %s ORDER BY changed_at, field",
            (experiment.site_id, experiment.experiment_id),
        )
        return await cursor.fetchall()


def experiments_with_changed_results(conn: psycopg.Connection[Any]) -> list[Experiment]:
    """Experiments whose units are up to date and whose results are not."""
    with conn.cursor(row_factory=class_row(_Row)) as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM experiments x JOIN sites s USING (site_id)"
            " WHERE x.changed_from IS NOT NULL AND NOT x.needs_rebuild AND s.deleted_at IS NULL"
            " ORDER BY x.experiment_id"
        )
        return [row.experiment() for row in cursor]


def as_mapping(definition: Definition) -> Mapping[str, Any]:
    """The definition as it is sent to the API, instants as ISO 8601 text."""
    return {
        **asdict(definition),
        "starts_at": definition.starts_at and definition.starts_at.isoformat(),
        "ends_at": definition.ends_at and definition.ends_at.isoformat(),
    }
