"""Retention and lifetime value as JSON."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, Field

from ingest_api.read import RangeQuery, helpful_errors, open_reading
from ingest_api.read_models import Answer, Money, dump
from sql.retention import GRAINS, default_as_of, retention

router = APIRouter(prefix="/api/v1", tags=["read"])


class RetentionQuery(RangeQuery):
    """Cohorts: those that the range's days lie in."""

    grain: str = Field("week", description=", ".join(GRAINS))
    mode: str = Field(
        "bounded",
        description="bounded (active in period N), unbounded (in N or later) or rolling (N × 24 h,"
        " 168 h or, by month, 720 h since the first event)",
    )
    as_of: AwareDatetime | None = Field(
        None,
        description="Activity at or after this instant is invisible; default: the earlier of now"
        " and the end of the range",
    )


class CohortFigures(Answer):
    """A cohort, one number per period from its own on."""

    cohort: date = Field(description="First local day")
    size: int
    retained: list[int]
    complete: list[bool] = Field(
        description="Whether the period has ended; rolling: whether every member lived through it"
    )
    ltv: list[Money | None] = Field(
        description="Net revenue of the members up to the calendar period / all members"
    )


@router.get("/retention")
async def get_retention(
    request: Request, query: Annotated[RetentionQuery, Query()]
) -> dict[str, Any]:
    """Who came back, by cohort of the first event ever, and what a member has brought in."""
    reading = await open_reading(request, query)
    async with helpful_errors():
        as_of = min(query.as_of or default_as_of(reading.scope, reading.now), reading.now)
        common = await reading.common()
        async with reading.pool.connection() as conn:
            found = await retention(
                conn, reading.scope, grain=query.grain, mode=query.mode, as_of=as_of
            )
    included = min(datetime.fromisoformat(common["as_of"]), as_of)
    return (
        common
        | {"as_of": included.astimezone(UTC).isoformat()}
        | {"grain": found.grain, "mode": found.mode, "currency": reading.site.currency}
        | {
            "cohorts": [dump(CohortFigures, cohort) for cohort in found.cohorts],
            "average": found.average,
        }
    )
