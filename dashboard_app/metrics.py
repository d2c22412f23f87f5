"""What each figure is called, means, how it is written and which direction is good."""

from collections.abc import Callable
from dataclasses import dataclass

from dashboard_app import formats
from dashboard_app.formats import Number
from sql.traffic import TrafficPoint


@dataclass(frozen=True)
class Metric:
    """A figure of the overview and the attribute of `Overview` and `TrafficPoint` behind it."""

    key: str
    label: str
    attribute: str
    definition: str
    write: Callable[[Number | None], str] = formats.count
    good: int = 1
    """+1: more is better; −1: less is better."""
    is_money: bool = False

    def of_point(self, point: TrafficPoint) -> Number | None:
        """The metric of one bucket; None where it is not defined."""
        value: Number | None = getattr(point, self.attribute, None)
        return value

    def text(self, value: Number | None, currency: str) -> str:
        """The value as people read it."""
        return formats.money(value, currency) if self.is_money else self.write(value)


METRICS = (
    Metric(
        "visitors",
        "Visitors",
        "visitors",
        "Different visitors with at least one event in the range. Each counts once, "
        "however often they came.",
        formats.short,
    ),
    Metric(
        "sessions",
        "Sessions",
        "sessions",
        "Visits that start in the range. A visit ends after 30 minutes without an event, "
        "unless the site says otherwise.",
        formats.short,
    ),
    Metric(
        "pageviews",
        "Page views",
        "pageviews",
        "Events named page_view in the range, views without a visitor included.",
        formats.short,
    ),
    Metric(
        "views_per_session",
        "Views per session",
        "views_per_session",
        "Page views of the sessions that start in the range, wherever those views fall, "
        "divided by these sessions.",
        formats.decimal,
    ),
    Metric(
        "bounce_rate",
        "Bounce rate",
        "bounce_rate",
        "Sessions with exactly one page view and no other event (experiment exposures and "
        "engagement pings aside), divided by all sessions.",
        formats.rate,
        good=-1,
    ),
    Metric(
        "session_duration",
        "Session duration",
        "session_duration_s",
        "Mean time from a session's first to its last event; sessions of zero seconds count.",
        formats.duration,
    ),
    Metric(
        "conversion_rate",
        "Conversion rate",
        "conversion_rate",
        "Visitors with a conversion divided by visitors. A conversion is an event that "
        "matches a goal; every site starts with the goal purchase.",
        formats.rate,
    ),
    Metric(
        "revenue",
        "Revenue",
        "revenue_net",
        "Purchases less refunds, exact to the cent, in the site's currency. Values in other "
        "currencies are kept but not added.",
        is_money=True,
    ),
)
BY_KEY = {metric.key: metric for metric in METRICS}


def metric_of(key: str) -> Metric:
    """The metric of a key; visitors when a link names one that does not exist."""
    return BY_KEY.get(key, METRICS[0])


def verdict(metric: Metric, change: float | None) -> str:
    """better, worse or same, for the colour of a change."""
    if change is None or abs(change) < 0.0005:
        return "same"
    return "better" if change * metric.good > 0 else "worse"
