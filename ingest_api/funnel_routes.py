"""Funnels as JSON: asked for, kept and forgotten."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from ingest_api.access import caller_of_request, runtime_of, visible_site
from ingest_api.answers import ApiError
from ingest_api.funnel_models import (
    FunnelDefinition,
    FunnelQuestion,
    NewFunnel,
    SavedAnswer,
    answer_of,
)
from ingest_api.read import RangeQuery, helpful_errors, open_reading
from sql.filters import parse_filters
from sql.funnels import check_funnel, matures_at, run_funnel
from sql.saved_funnels import (
    SavedFunnel,
    delete_funnel,
    funnel_by_id,
    list_funnels,
    save_funnel,
)

router = APIRouter(prefix="/api/v1/funnels", tags=["read"])

FunnelId = Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of a kept funnel")]


@router.post("/query")
async def query_funnel(request: Request, question: FunnelQuestion) -> dict[str, Any]:
    """How many get how far, and how long it takes them.

    `is_mature`: every entry of the range has had its whole window. With a dimension, `split` lists
    its values.
    """
    reading = await open_reading(
        request,
        RangeQuery(
            site_id=question.site_id,
            period=question.period,
            first=question.first,
            last=question.last,
            filters=json.dumps(question.filters) if question.filters else None,
        ),
    )
    scope = reading.scope
    async with helpful_errors():
        funnel = question.funnel()
        check_funnel(funnel)
        common = await reading.common()
        async with reading.pool.connection() as conn:
            rows = await run_funnel(conn, scope, funnel, limit=question.limit)
    answers = [answer_of(funnel, row).model_dump() for row in rows]
    common |= {"is_mature": matures_at(scope, funnel) <= reading.now, "per": funnel.per}
    if funnel.dimension is None:
        return common | answers[0]
    split = [{"value": row.value} | one for row, one in zip(rows, answers, strict=True)]
    return common | {"dimension": funnel.dimension, "split": split}


def _answer(saved: SavedFunnel) -> SavedAnswer:
    return SavedAnswer(
        **saved.definition,
        funnel_id=saved.funnel_id,
        site_id=saved.slug or "",
        name=saved.name,
        created_at=saved.created_at,
    )


@router.post("", status_code=201)
async def post_funnel(request: Request, new: NewFunnel) -> SavedAnswer:
    """Keep a funnel under a name."""
    site = await visible_site(request, new.site_id)
    async with helpful_errors():
        check_funnel(new.funnel())
        parse_filters(new.filters)
    definition = FunnelDefinition.model_validate(
        new.model_dump(include=set(FunnelDefinition.model_fields))
    )
    async with runtime_of(request).pool.connection() as conn:
        saved = await save_funnel(
            conn, site.site_id, new.name, definition.model_dump(exclude_none=True)
        )
    return _answer(saved)


@router.get("")
async def get_funnels(
    request: Request, site_id: Annotated[str, Query(description="Slug of the site")]
) -> dict[str, list[SavedAnswer]]:
    """The kept funnels of a site."""
    site = await visible_site(request, site_id)
    async with runtime_of(request).pool.connection() as conn:
        found = await list_funnels(conn, site.site_id)
    return {"funnels": [_answer(saved) for saved in found]}


async def _kept(request: Request, funnel_id: int) -> SavedFunnel:
    """A kept funnel that the caller may see. Raises ApiError 404."""
    async with runtime_of(request).pool.connection() as conn:
        saved = await funnel_by_id(conn, funnel_id)
    if saved is None or saved.slug is None or not caller_of_request(request).sees(saved.site_id):
        raise ApiError(404, "unknown_funnel", f"There is no funnel {funnel_id}.", field="funnel_id")
    return saved


@router.get("/{funnel_id}")
async def get_funnel(request: Request, funnel_id: FunnelId) -> SavedAnswer:
    """A kept funnel."""
    return _answer(await _kept(request, funnel_id))


@router.delete("/{funnel_id}", status_code=204, response_class=Response)
async def remove_funnel(request: Request, funnel_id: FunnelId) -> Response:
    """Forget a kept funnel."""
    saved = await _kept(request, funnel_id)
    async with runtime_of(request).pool.connection() as conn:
        await delete_funnel(conn, saved)
    return Response(status_code=204)
