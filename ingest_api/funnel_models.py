"""What the funnel routes take and answer."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sql.filters import parse_filters
from sql.funnel_steps import Step
from sql.funnels import DEFAULT_WINDOW_S, MOST_STEPS, MOST_WINDOW_S, Funnel, FunnelRow

Text = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")]


class StepBody(BaseModel):
    """An event by name, or page views of a path: one of `event` and `page`."""

    model_config = ConfigDict(extra="forbid")

    event: Text | None = Field(None, examples=["add_to_cart"])
    page: Text | None = Field(
        None, description="Path; * stands for any characters", examples=["/product/*"]
    )
    filters: list[Any] | None = Field(
        None,
        description="property:KEY, page and event are about the event itself, every other dimension"
        " about its session",
        examples=[["is", "property:plan", ["pro"]]],
    )
    label: Text | None = None


class FunnelDefinition(BaseModel):
    """A funnel's steps and rules."""

    model_config = ConfigDict(extra="forbid")

    steps: list[StepBody] = Field(min_length=2, max_length=MOST_STEPS)
    window_s: float = Field(
        DEFAULT_WINDOW_S,
        gt=0,
        le=MOST_WINDOW_S,
        allow_inf_nan=False,
        description="Elapsed seconds from the first to the last step, inclusive",
    )
    per: Literal["visitor", "session"] = "visitor"
    filters: list[Any] | None = Field(None, description="Only events of selected sessions count")
    dimension: str | None = Field(
        None, description="Splits by a dimension of sessions, as if each value were filtered for"
    )

    def funnel(self) -> Funnel:
        """The funnel that is meant. Raises FilterError."""
        steps = [
            Step(step.event, step.page, parse_filters(step.filters), step.label)
            for step in self.steps
        ]
        return Funnel(steps, self.window_s, self.per, self.dimension)


class FunnelQuestion(FunnelDefinition):
    """A funnel of a range; entries lie in it, later steps may fall after it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    site_id: str = Field(description="Slug of the site")
    period: str | None = Field(None, description="today, 7d, 30d (default), 90d, month, 12mo, all")
    first: str | None = Field(None, alias="from", description="First local day, YYYY-MM-DD")
    last: str | None = Field(None, alias="to", description="Last local day, included")
    limit: int = Field(100, ge=1, le=1000, description="Values of the dimension at most")


class NewFunnel(FunnelDefinition):
    """A funnel to be kept."""

    site_id: str = Field(description="Slug of the site")
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class SavedAnswer(FunnelDefinition):
    """A kept funnel."""

    funnel_id: int
    site_id: str
    name: str
    created_at: datetime


class StepAnswer(BaseModel):
    """How many reach a step; rates 0-1, null where undefined."""

    label: str
    count: int
    from_first: float | None
    from_previous: float | None


class TimeToConvert(BaseModel):
    """Seconds from the earliest completing entry to its end, of the `n` that complete."""

    n: int
    median: float | None
    mean: float | None


class FunnelAnswer(BaseModel):
    """A funnel's figures."""

    steps: list[StepAnswer]
    time_to_convert_s: TimeToConvert


def answer_of(funnel: Funnel, row: FunnelRow) -> FunnelAnswer:
    """A row of sql as the routes answer it."""
    rates = zip(row.counts, row.from_first, row.from_previous, strict=True)
    return FunnelAnswer(
        steps=[
            StepAnswer(
                label=step.text, count=count, from_first=from_first, from_previous=from_previous
            )
            for step, (count, from_first, from_previous) in zip(funnel.steps, rates, strict=True)
        ],
        time_to_convert_s=TimeToConvert(n=row.converted, median=row.median_s, mean=row.mean_s),
    )
