"""Segments: filters of a site with a name."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ingest_api.access import runtime_of, visible_site
from ingest_api.answers import ApiError
from ingest_api.read import helpful_errors
from sql import segments

router = APIRouter(prefix="/api/v1/segments", tags=["read"])

SiteQuery = Annotated[str, Query(description="Slug of the site")]


class SegmentAnswer(BaseModel):
    """A segment; `["is", "segment", [name]]` stands for its filters."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    filters: list[Any]
    created_at: datetime


class NewSegment(BaseModel):
    """A filter to be named."""

    model_config = ConfigDict(extra="forbid")

    site_id: str = Field(description="Slug of the site")
    name: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")
    filters: list[Any] = Field(examples=[["is", "country", ["DE"]]])


@router.get("")
async def get_segments(request: Request, site_id: SiteQuery) -> dict[str, list[SegmentAnswer]]:
    """The segments of a site."""
    site = await visible_site(request, site_id)
    async with runtime_of(request).pool.connection() as conn:
        found = await segments.list_segments(conn, site.site_id)
    return {"segments": [SegmentAnswer.model_validate(segment) for segment in found]}


@router.post("", status_code=201)
async def post_segment(request: Request, new: NewSegment) -> SegmentAnswer:
    """Name a filter."""
    site = await visible_site(request, new.site_id)
    async with runtime_of(request).pool.connection() as conn, helpful_errors():
        stored = await segments.add_segment(conn, site.site_id, new.name, new.filters)
    if stored is None:
        raise ApiError(
            409, "segment_exists", f"There is a segment {new.name!r} already.", field="name"
        )
    return SegmentAnswer.model_validate(stored)


@router.delete("", status_code=204, response_class=Response)
async def remove_segment(
    request: Request, site_id: SiteQuery, name: Annotated[str, Query(description="Of the segment")]
) -> Response:
    """Forget a segment; filters that name it are refused from then on."""
    site = await visible_site(request, site_id)
    async with runtime_of(request).pool.connection() as conn:
        found = "\x00" not in name and await segments.delete_segment(conn, site.site_id, name)
    if not found:
        raise ApiError(404, "unknown_segment", f"There is no segment {name!r}.", field="name")
    return Response(status_code=204)
