"""Goals: which events are conversions."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ingest_api.access import runtime_of, visible_site
from ingest_api.answers import ApiError
from sql import goals

router = APIRouter(prefix="/api/v1/goals", tags=["sites"])

SiteQuery = Annotated[str, Query(description="Slug of the site")]


class GoalAnswer(BaseModel):
    """Events of this name are conversions."""

    model_config = ConfigDict(from_attributes=True)

    event: str
    created_at: datetime


class NewGoal(BaseModel):
    """A goal to be made."""

    model_config = ConfigDict(extra="forbid")

    site_id: str = Field(description="Slug of the site")
    event: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$", examples=["signup"])


@router.get("")
async def get_goals(request: Request, site_id: SiteQuery) -> dict[str, list[GoalAnswer]]:
    """The goals of a site."""
    site = await visible_site(request, site_id)
    async with runtime_of(request).pool.connection() as conn:
        found = await goals.list_goals(conn, site.site_id)
    return {"goals": [GoalAnswer.model_validate(goal) for goal in found]}


@router.post("", status_code=201)
async def post_goal(request: Request, new: NewGoal) -> GoalAnswer:
    """Make an event a conversion; a job marks those that are stored already."""
    site = await visible_site(request, new.site_id)
    async with runtime_of(request).pool.connection() as conn:
        stored = await goals.add_goal(conn, site.site_id, new.event)
    if stored is None:
        raise ApiError(409, "goal_exists", f"There is a goal {new.event!r} already.", field="event")
    return GoalAnswer.model_validate(stored)


@router.delete("", status_code=204, response_class=Response)
async def remove_goal(
    request: Request, site_id: SiteQuery, event: Annotated[str, Query(description="Of the goal")]
) -> Response:
    """Let an event be a conversion no more; a job unmarks those that are stored."""
    site = await visible_site(request, site_id)
    async with runtime_of(request).pool.connection() as conn:
        found = "\x00" not in event and await goals.delete_goal(conn, site.site_id, event)
    if not found:
        raise ApiError(404, "unknown_goal", f"There is no goal {event!r}.", field="event")
    return Response(status_code=204)
