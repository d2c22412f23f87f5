"""What the read routes answer. Rates are 0-1 and null when undefined; money is a decimal string."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer

_CENT = Decimal("0.01")
_MICRO = Decimal("0.000001")


def money_text(amount: Decimal) -> str:
    """Plain notation with at least two decimals, at most six."""
    exponent = amount.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    if exponent >= -2:
        return f"{amount.quantize(_CENT):f}"
    if exponent < -6:
        amount = amount.quantize(_MICRO)
    return f"{amount.normalize():f}"


Money = Annotated[Decimal, PlainSerializer(money_text, return_type=str)]


class Answer(BaseModel):
    """Built from the row classes of sql, whose derived metrics are properties."""

    model_config = ConfigDict(from_attributes=True)


class OverviewFigures(Answer):
    """The main figures; `session_duration_s` is the mean."""

    visitors: int
    new_visitors: int
    sessions: int
    pageviews: int
    events: int
    views_per_session: float | None
    bounce_rate: float | None
    session_duration_s: float | None
    conversions: int
    converting_visitors: int
    conversion_rate: float | None
    purchases: int
    revenue_gross: Money
    revenue_net: Money
    average_order_value: Money | None
    conversions_per_session: float | None
    without_identity: int


class Point(Answer):
    """A bucket of a series, empty ones included."""

    bucket: str
    visitors: int
    new_visitors: int
    sessions: int
    pageviews: int
    events: int
    bounces: int
    views_per_session: float | None
    bounce_rate: float | None
    session_duration_s: float | None
    conversions: int
    purchases: int
    converting_visitors: int
    conversion_rate: float | None
    revenue_gross: Money
    revenue_net: Money


class Page(Answer):
    """A page; null when page views came without one."""

    page: str | None
    pageviews: int
    visitors: int
    entries: int
    exits: int
    bounce_rate: float | None
    time_on_page_s: float | None
    share: float | None


class Breakdown(Answer):
    """A value of a dimension; null means unknown. `share` is of sessions."""

    value: str | None
    visitors: int
    sessions: int
    events: int
    pageviews: int
    bounce_rate: float | None
    session_duration_s: float | None
    conversions: int
    revenue_net: Money
    share: float | None


class EventBreakdown(Answer):
    """An event name or a value of a property; `share` is of events (that have the property)."""

    value: str
    visitors: int
    sessions: int
    events: int
    conversions: int
    revenue_net: Money
    share: float | None


class UsersFigures(Answer):
    """New and returning visitors, and the engagement score (0-100) over the range."""

    new_visitors: int
    returning_visitors: int
    sessions_per_visitor: float | None
    session_duration_median_s: float | None
    engagement_mean: float | None


class Event(Answer):
    """An event of the last minutes."""

    at: datetime
    name: str
    page: str | None
    country: str | None
    device: str | None
    browser: str | None
    source: str | None
    value: Money | None
    currency: str | None


def dump(model: type[Answer], row: Any) -> dict[str, Any]:
    """A row of sql as the JSON of its model."""
    return model.model_validate(row).model_dump(mode="json")


Uniques = Literal["exact"]
