"""Experiments: defined, changed and read by machines. The worker computes; this only answers."""

from datetime import UTC
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from ingest_api.access import runtime_of
from ingest_api.answers import ApiError
from ingest_api.experiment_models import (
    ExperimentAnswer,
    ExperimentChanges,
    ExperimentHistory,
    ExperimentList,
    NewExperiment,
    PlanList,
)
from ingest_api.read import stored_site
from sql.database import AsyncConnection
from sql.experiment_definitions import Definition, ExperimentError, parse_definition
from sql.experiment_plans import plans_of
from sql.experiment_results import history_of, is_behind, newest_result
from sql.experiments import (
    Experiment,
    Summary,
    as_mapping,
    changes_of,
    create_experiment,
    delete_experiment,
    experiment_by_key,
    list_experiments,
    update_experiment,
)
from sql.freshness import as_of
from sql.sites import Site

router = APIRouter(prefix="/api/v1/experiments", tags=["experiments"])

Json = dict[str, Any]
SPLITS = ("country", "device", "source", "visitor")
SPLIT_WARNING = (
    "Looking into many segments finds differences that are not there: of twenty comparisons, one"
    " is below 0.05 by chance. p_value_holm is corrected for the comparisons of this split; take"
    " what you find as a question for the next experiment, not as an answer of this one."
)

SiteId = Annotated[str, Query(description="Slug of the site")]
Key = Annotated[str, Path(description="Key of the experiment")]


def _checked(site: Site, sent: Json) -> Definition:
    try:
        return parse_definition(site, sent)
    except ExperimentError as error:
        raise ApiError(400, "invalid_parameter", f"{error}.", field=error.field) from error


async def _found(conn: AsyncConnection, site: Site, key: str) -> Experiment:
    experiment = await experiment_by_key(conn, site, key) if key.isprintable() else None
    if experiment is None:
        raise ApiError(
            404,
            "unknown_experiment",
            f"There is no experiment {key!r} on {site.slug}.",
            field="key",
        )
    return experiment


@router.post("", status_code=201, response_model=ExperimentAnswer)
async def post_experiment(request: Request, new: NewExperiment) -> Json:
    """Define an experiment. Exposures that arrived before count, as far as the dates allow."""
    site = await stored_site(request, new.site_id)
    definition = _checked(site, new.sent())
    async with runtime_of(request).pool.connection() as conn:
        experiment = await create_experiment(conn, site, definition)
        if experiment is None:
            raise ApiError(
                409,
                "experiment_exists",
                f"There is an experiment {definition.key!r} on {site.slug} already;"
                " PATCH changes it.",
                field="key",
            )
        return await _answer(conn, site, experiment)


@router.get("", response_model=ExperimentList)
async def get_experiments(request: Request, site_id: SiteId) -> Json:
    """The site's experiments, newest first, each with its verdict."""
    site = await stored_site(request, site_id)
    async with runtime_of(request).pool.connection() as conn:
        found = await list_experiments(conn, site)
        included = await as_of(conn, site)
    return {"as_of": included, "experiments": [_summary(site, one) for one in found]}


def _summary(site: Site, found: Summary) -> Json:
    return {
        **_definition(site, found.experiment),
        "exposed": found.exposed,
        "verdict": found.verdict or "not enough data",
        "reason": found.reason,
        "winner": found.winner,
        "computed_at": found.computed_at,
    }


def _definition(site: Site, experiment: Experiment) -> Json:
    return {
        "site_id": site.slug,
        **as_mapping(experiment.definition),
        "created_at": experiment.created_at,
    }


class PlanQuery(BaseModel):
    """A thought-of experiment: the goal, and optionally the lift that matters."""

    site_id: str = Field(description="Slug of the site")
    event: str | None = None
    metric: str | None = Field(None, description="conversion, count or value")
    relative_lift: float | None = Field(None, description="0.01, 0.02, 0.05, 0.1 or 0.2")


@router.get("/plan", response_model=PlanList)
async def get_plan(request: Request, query: Annotated[PlanQuery, Query()]) -> Json:
    """What an experiment would need, from the site's last 28 complete days; made hourly."""
    site = await stored_site(request, query.site_id)
    async with runtime_of(request).pool.connection() as conn:
        stored = await plans_of(conn, site)
        included = await as_of(conn, site)
    wanted = [
        plan
        for plan in stored
        if query.event in (None, plan.event) and query.metric in (None, plan.metric)
    ]
    if query.event is not None and not wanted:
        raise ApiError(
            404, "unknown_plan", _no_plan(query, {p.event for p in stored}), field="event"
        )
    return {
        "as_of": included,
        "plans": [
            {
                "event": one.event,
                "metric": one.metric,
                "computed_at": one.computed_at,
                **_of_lift(one.plan, query.relative_lift),
            }
            for one in wanted
        ],
    }


def _no_plan(query: PlanQuery, events: set[str]) -> str:
    known = ", ".join(sorted(events)) or "none yet"
    metric = f" by {query.metric}" if query.metric else ""
    return f"There is no plan for {query.event!r}{metric}; events with a plan: {known}."


def _of_lift(plan: Json, lift: float | None) -> Json:
    if lift is None:
        return plan
    known = sorted(
        {row["relative_lift"] for arms in plan["arms"].values() for row in arms["lifts"]}
    )
    if known and lift not in known:
        raise ApiError(
            400,
            "invalid_parameter",
            f"relative_lift {lift:g} is not planned; {', '.join(map(str, known))} are.",
            field="relative_lift",
        )
    arms = {
        number: {**one, "lifts": [row for row in one["lifts"] if row["relative_lift"] == lift]}
        for number, one in plan["arms"].items()
    }
    return {**plan, "arms": arms}


class ExperimentQuery(BaseModel):
    """An experiment, perhaps split."""

    site_id: str = Field(description="Slug of the site")
    split: str | None = Field(None, description=", ".join(SPLITS))


@router.get("/{key}", response_model=ExperimentAnswer)
async def get_experiment(
    request: Request, key: Key, query: Annotated[ExperimentQuery, Query()]
) -> Json:
    """The arms, the comparisons with control and the verdict; `computed_at` null: not yet."""
    site = await stored_site(request, query.site_id)
    if query.split is not None and query.split not in SPLITS:
        raise ApiError(
            400,
            "invalid_parameter",
            f"{query.split!r} is not a split; one of {', '.join(SPLITS)} is.",
            field="split",
        )
    async with runtime_of(request).pool.connection() as conn:
        return await _answer(conn, site, await _found(conn, site, key), query.split)


async def _answer(
    conn: AsyncConnection, site: Site, experiment: Experiment, split: str | None = None
) -> Json:
    newest = await newest_result(conn, experiment)
    result = dict(newest.result) if newest else _nothing_yet(experiment.definition)
    splits = result.pop("splits", {})
    if split is not None:
        cut = splits.get(split, {"comparisons": 0, "values": []})
        result["split"] = {"dimension": split, "warning": SPLIT_WARNING, **cut}
    computed_at = newest.computed_at if newest else None
    included = await as_of(conn, site)
    if await is_behind(conn, experiment):
        included = min(included, computed_at or experiment.created_at)
    changes = await changes_of(conn, experiment)
    outlook = result.get("outlook", {})
    return {
        **_definition(site, experiment),
        **result,
        "changes": [vars(change) for change in changes],
        "computed_at": computed_at,
        "as_of": included.astimezone(UTC),
        "range": {
            "from": outlook.get("first_day"),
            "to": outlook.get("last_day"),
            "timezone": site.timezone,
        },
        "uniques": "exact",
        "currency": site.currency,
    }


def _nothing_yet(definition: Definition) -> Json:
    """What stands until the worker has computed a result: arms of nobody."""
    nothing: Json = {
        "converters": 0, "conversion_rate": None, "conversions": 0, "count_mean": None,
        "count_variance": None, "value_sum": 0.0, "value_mean": None, "value_variance": None,
    }  # fmt: skip
    goals = [{**vars(goal), **nothing} for goal in definition.goals]
    return {
        "exposed": 0,
        "arms": [
            {"variant": variant.key, "exposed": 0, **nothing, "goals": goals}
            for variant in definition.variants
        ],
        "multi_exposed_excluded": 0,
        "srm": {"p_value": None, "alarm": False},
        "comparisons": [],
        "verdict": "not enough data",
        "reason": "nothing has been computed yet; it takes a few seconds",
        "winner": None,
    }


@router.get("/{key}/history", response_model=ExperimentHistory)
async def get_history(request: Request, key: Key, site_id: SiteId) -> Json:
    """The estimates as they stood at the end of each local day, by what is known now."""
    site = await stored_site(request, site_id)
    async with runtime_of(request).pool.connection() as conn:
        days = await history_of(conn, await _found(conn, site, key))
        included = await as_of(conn, site)
    return {"as_of": included, "days": [vars(day) for day in days if day.estimates]}


@router.patch("/{key}", response_model=ExperimentAnswer)
async def patch_experiment(
    request: Request, key: Key, site_id: SiteId, changes: ExperimentChanges
) -> Json:
    """Change an experiment; what changed, and when, is recorded and shown with its result."""
    site = await stored_site(request, site_id)
    async with runtime_of(request).pool.connection() as conn:
        old = await _found(conn, site, key)
        definition = _checked(site, {**as_mapping(old.definition), **changes.sent(), "key": key})
        changed = await update_experiment(conn, site, old, definition)
        if changed is None:
            raise ApiError(
                409, "changed_meanwhile", f"{key!r} was changed meanwhile; read it and try again."
            )
        return await _answer(conn, site, changed)


@router.delete("/{key}", status_code=204, response_class=Response)
async def remove_experiment(request: Request, key: Key, site_id: SiteId) -> Response:
    """Delete an experiment with all that was computed; its events stay."""
    site = await stored_site(request, site_id)
    async with runtime_of(request).pool.connection() as conn:
        await _found(conn, site, key)
        await delete_experiment(conn, site, key)
    return Response(status_code=204)
