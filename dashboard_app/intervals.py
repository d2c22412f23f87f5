"""Which buckets fit a range."""

from datetime import date, datetime, timedelta

INTERVALS = {
    "minute": "Minutes",
    "hour": "Hours",
    "day": "Days",
    "week": "Weeks",
    "month": "Months",
}


def fitting_intervals(first: date, last: date) -> list[str]:
    """Intervals that give a range of local days at least two and not too many buckets."""
    days = (last - first).days + 1
    limits = {
        "minute": (1, 1),
        "hour": (1, 31),
        "day": (2, 400),
        "week": (14, 3660),
        "month": (59, 36600),
    }
    return [interval for interval, (low, high) in limits.items() if low <= days <= high]


def default_interval(first: date, last: date) -> str:
    """Hours for a day or two, days up to a quarter, then weeks, then months."""
    days = (last - first).days + 1
    for interval, most in (("hour", 2), ("day", 100), ("week", 400)):
        if days <= most:
            return interval
    return "month"


def chosen_interval(chosen: str | None, first: date, last: date) -> str:
    """The chosen interval where it fits the range, else the default."""
    fitting = fitting_intervals(first, last)
    return chosen if chosen in fitting else default_interval(first, last)


def bucket_end(bucket: date, interval: str) -> date:
    """First bucket after this one, as a local day or, for minutes and hours, an instant."""
    if isinstance(bucket, datetime):
        return bucket + timedelta(minutes=1 if interval == "minute" else 60)
    if interval == "week":
        return bucket - timedelta(days=bucket.weekday()) + timedelta(days=7)
    if interval == "month":
        return (bucket.replace(day=1) + timedelta(days=32)).replace(day=1)
    return bucket + timedelta(days=1)


def has_begun(bucket: date, as_of: datetime) -> bool:
    """Whether the bucket begins at or before `as_of`, an instant in the site's zone."""
    return bucket <= (as_of if isinstance(bucket, datetime) else as_of.date())


def is_running(bucket: date, interval: str, as_of: datetime) -> bool:
    """Whether the bucket has begun but not ended at `as_of`, an instant in the site's zone."""
    end = bucket_end(bucket, interval)
    return end > as_of if isinstance(end, datetime) else end > as_of.date()
