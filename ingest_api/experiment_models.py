"""Experiments as they are sent and answered. Statistics are numbers, null where undefined."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Metric = Literal["conversion", "count", "value"]
Interval = tuple[float, float]
VerdictWord = Literal["win", "loss", "no difference detected", "not enough data", "do not trust"]


class Sent(BaseModel):
    """Part of a definition."""

    model_config = ConfigDict(extra="forbid", strict=True)


class VariantSent(Sent):
    """An arm; the weight is its planned share, relative to the others'."""

    key: str = Field(examples=["green"])
    weight: float = Field(default=1, ge=0, le=1e9)


class GoalSent(Sent):
    """An event to compare the arms by; the first goal is primary unless another says so."""

    event: str = Field(examples=["purchase"])
    metric: Metric
    primary: bool | None = None
    role: Literal["primary", "secondary", "guardrail"] | None = None
    direction: Literal["increase", "decrease"] | None = Field(
        default=None, description="What would be better; a guardrail must say it"
    )


class ExperimentChanges(Sent):
    """What can be changed of an experiment; an absent field stays as it is."""

    name: str | None = None
    variants: list[VariantSent] | None = None
    control: str | None = None
    goals: list[GoalSent] | None = None
    starts_at: str | None = Field(
        default=None, description="ISO 8601 with an offset, or a local day; null: no limit"
    )
    ends_at: str | None = Field(
        default=None, description="As starts_at; exposures at or after it do not count"
    )
    attribution_window_s: int | None = Field(
        default=None, description="Outcomes count this long after the first exposure; null: always"
    )

    def sent(self) -> dict[str, Any]:
        """The fields that were sent, by name."""
        return self.model_dump(exclude_unset=True, exclude={"site_id"})


class NewExperiment(ExperimentChanges):
    """An experiment to be defined."""

    site_id: str = Field(description="Slug of the site")
    key: str = Field(description="As in the exposures' property `experiment`", max_length=100)


class Variant(BaseModel):
    """An arm and its planned weight."""

    key: str
    weight: float


class SplitGoal(BaseModel):
    """The goal of a comparison without a role."""

    event: str
    metric: Metric


class Goal(SplitGoal):
    """A goal of the definition."""

    role: Literal["primary", "secondary", "guardrail"]
    direction: Literal["increase", "decrease"]


class Outcomes(BaseModel):
    """What the exposed visitors of an arm did of an event; means are per exposed visitor."""

    converters: int
    conversion_rate: float | None
    conversions: int
    count_mean: float | None
    count_variance: float | None
    value_sum: float
    value_mean: float | None
    value_variance: float | None


class GoalOutcomes(Goal, Outcomes):
    """An arm's outcomes of one goal."""


class SplitArm(Outcomes):
    """An arm by its primary goal's event."""

    variant: str
    exposed: int


class Arm(SplitArm):
    """An arm; the flat fields are those of the primary goal's event."""

    goals: list[GoalOutcomes]


class Srm(BaseModel):
    """Whether visitors arrived in the planned proportions."""

    p_value: float | None
    alarm: bool
    expected: dict[str, float] | None = None


class Estimate(BaseModel):
    """A variant against control, without a verdict."""

    variant: str
    goal: SplitGoal
    difference: float | None
    difference_ci: Interval | None
    lift: float | None
    lift_ci: Interval | None
    p_value: float | None
    sequential_ci: Interval | None


class SplitEstimate(Estimate):
    """A comparison within a segment."""

    p_value_holm: float | None


class DayEstimate(Estimate):
    """A comparison as of a day; exposed: control's and the variant's visitors."""

    exposed: tuple[int, int]


class Comparison(Estimate):
    """A variant against control on a goal; `sequential_ci` may be looked at every day."""

    goal: Goal
    is_lift_rough: bool
    p_value_holm: float | None
    chance_to_beat_control: float | None
    expected_loss: float | None
    sequential_p_value: float | None
    sequential_p_value_adjusted: float | None
    verdict: VerdictWord
    reason: str


class LiftOutlook(BaseModel):
    """Days from the first exposure until a lift is detected; and those of them still to come."""

    relative_lift: float
    days: int | None
    days_left: int | None


class Outlook(BaseModel):
    """What the experiment's traffic can show."""

    visitors_per_day: float | None
    first_day: date | None
    last_day: date | None
    detectable_lift: float | None
    lifts: list[LiftOutlook]


class SplitValue(BaseModel):
    """The arms among the visitors of one value; null means unknown."""

    value: str | None
    arms: list[SplitArm]
    comparisons: list[SplitEstimate]


class Split(BaseModel):
    """The primary goal by the ten values with the most visitors."""

    dimension: str
    warning: str
    comparisons: int
    values: list[SplitValue]


class Change(BaseModel):
    """A change of the definition while it stood."""

    changed_at: datetime
    field: str
    old: Any
    new: Any


class LocalRange(BaseModel):
    """First and last local day with a first exposure; null: nobody was exposed."""

    first: date | None = Field(alias="from")
    last: date | None = Field(alias="to")
    timezone: str


class DefinitionAnswer(BaseModel):
    """A definition."""

    site_id: str
    key: str
    name: str
    variants: list[Variant]
    control: str
    goals: list[Goal]
    starts_at: datetime | None
    ends_at: datetime | None
    attribution_window_s: int | None
    created_at: datetime
    exposed: int
    verdict: VerdictWord
    reason: str | None
    winner: str | None
    computed_at: datetime | None


class ExperimentAnswer(DefinitionAnswer):
    """An experiment with its newest result."""

    arms: list[Arm]
    multi_exposed_excluded: int
    srm: Srm
    comparisons: list[Comparison]
    outlook: Outlook | None = None
    split: Split | None = None
    changes: list[Change]
    as_of: datetime
    range: LocalRange
    uniques: Literal["exact"]
    currency: str


class ExperimentList(BaseModel):
    """The site's experiments."""

    as_of: datetime
    experiments: list[DefinitionAnswer]


class HistoryDay(BaseModel):
    """The estimates at the end of a local day."""

    day: date
    estimates: list[DayEstimate]


class ExperimentHistory(BaseModel):
    """The estimates over time."""

    as_of: datetime
    days: list[HistoryDay]


class PlannedLift(BaseModel):
    """Visitors and days until a lift is detected with 80 % power, looked at daily or once."""

    relative_lift: float
    sample_size_per_arm: int | None
    days: int | None
    sample_size_per_arm_one_look: int | None
    days_one_look: int | None


class Detectable(BaseModel):
    """The smallest lift that is detected after some days, looked at daily."""

    days: int
    relative_lift: float | None


class PlannedArms(BaseModel):
    """A plan for a number of arms, control among them."""

    lifts: list[PlannedLift]
    detectable: list[Detectable]


class Plan(BaseModel):
    """What an experiment on an event would need; the baseline is that of the last `days`."""

    event: str
    metric: Metric
    baseline: float | None
    standard_deviation: float | None
    visitors: int
    days: int
    visitors_per_day: float
    arms: dict[str, PlannedArms]
    computed_at: datetime


class PlanList(BaseModel):
    """The plans of a site."""

    as_of: datetime
    plans: list[Plan]
