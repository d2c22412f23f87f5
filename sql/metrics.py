"""Every rate and mean of the product, each written once."""

from decimal import Decimal
from typing import Protocol


class _Counts(Protocol):
    @property
    def sessions(self) -> int: ...
    @property
    def bounces(self) -> int: ...
    @property
    def duration_us(self) -> int: ...


def ratio(part: float | Decimal, whole: float) -> float | None:
    """part / whole; None when whole is 0."""
    return float(part) / whole if whole else None


class SessionRates:
    """What follows from sessions, their bounces and their summed duration."""

    @property
    def bounce_rate(self: _Counts) -> float | None:
        """Sessions that bounced / sessions, 0-1; None without sessions."""
        return ratio(self.bounces, self.sessions)

    @property
    def session_duration_s(self: _Counts) -> float | None:
        """Mean of last - first event, seconds, zero-second sessions included; None without."""
        return ratio(self.duration_us / 1e6, self.sessions)


class _Views(Protocol):
    @property
    def sessions(self) -> int: ...
    @property
    def session_pageviews(self) -> int: ...


class SessionViews:
    """What follows from sessions and their page views."""

    @property
    def views_per_session(self: _Views) -> float | None:
        """Page views of the sessions that start in the range / those sessions; None without."""
        return ratio(self.session_pageviews, self.sessions)


class _Converting(Protocol):
    @property
    def visitors(self) -> int: ...
    @property
    def converting_visitors(self) -> int: ...


class ConversionRate:
    """What follows from visitors and those of them who converted."""

    @property
    def conversion_rate(self: _Converting) -> float | None:
        """Visitors with a conversion / visitors, 0-1; None without visitors."""
        return ratio(self.converting_visitors, self.visitors)
