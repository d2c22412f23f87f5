"""The arrows beside the period, and the buckets that fit a range."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from dashboard_app.filters import ViewState
from dashboard_app.intervals import chosen_interval, fitting_intervals, has_begun, is_running
from dashboard_app.periods import shifted

TODAY = date(2026, 3, 10)


def days(first: str, last: str) -> ViewState:
    return ViewState().between(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("view", "first", "last", "steps", "expected"),
    [
        (ViewState(), "2026-02-09", "2026-03-10", -1, days("2026-01-10", "2026-02-08")),
        (days("2026-01-10", "2026-02-08"), "2026-01-10", "2026-02-08", 1, ViewState()),
        (ViewState(), "2026-02-09", "2026-03-10", 1, None),
        (
            ViewState(period="month"), "2026-03-01", "2026-03-10", -1,
            days("2026-02-01", "2026-02-28"),
        ),
        (
            days("2026-02-01", "2026-02-28"), "2026-02-01", "2026-02-28", 1,
            ViewState(period="month"),
        ),
        (
            days("2026-01-01", "2026-01-31"), "2026-01-01", "2026-01-31", -1,
            days("2025-12-01", "2025-12-31"),
        ),
        (
            days("2026-03-09", "2026-03-09"), "2026-03-09", "2026-03-09", 1,
            ViewState(period="today"),
        ),
        (ViewState(period="all"), "2024-01-01", "2026-03-10", -1, None),
    ],
)  # fmt: skip
def test_the_arrows_step_by_the_period(
    view: ViewState, first: str, last: str, steps: int, expected: ViewState | None
) -> None:
    shown = date.fromisoformat(first), date.fromisoformat(last)
    assert shifted(view, *shown, TODAY, steps) == expected


@pytest.mark.parametrize(
    ("length", "fitting", "default"),
    [
        (1, ["minute", "hour"], "hour"),
        (2, ["hour", "day"], "hour"),
        (30, ["hour", "day", "week"], "day"),
        (90, ["day", "week", "month"], "day"),
        (365, ["day", "week", "month"], "week"),
        (800, ["week", "month"], "month"),
    ],
)
def test_intervals_fit_the_range(length: int, fitting: list[str], default: str) -> None:
    first = TODAY - timedelta(days=length - 1)
    assert fitting_intervals(first, TODAY) == fitting
    assert chosen_interval(None, first, TODAY) == default
    assert chosen_interval("fortnight", first, TODAY) == default
    assert chosen_interval(fitting[-1], first, TODAY) == fitting[-1]


@pytest.mark.parametrize(
    ("bucket", "interval", "expected"),
    [
        (date(2026, 3, 10), "day", True),
        (date(2026, 3, 9), "day", False),
        (date(2026, 3, 9), "week", True),
        (date(2026, 3, 2), "week", False),
        (date(2026, 3, 1), "month", True),
        (date(2026, 2, 1), "month", False),
        (datetime(2026, 3, 10, 14, tzinfo=UTC), "hour", True),
        (datetime(2026, 3, 10, 13, tzinfo=UTC), "hour", False),
        (datetime(2026, 3, 10, 15, tzinfo=timezone(timedelta(hours=1))), "hour", True),
    ],
)
def test_a_bucket_runs_until_the_next_begins(bucket: date, interval: str, expected: bool) -> None:
    assert is_running(bucket, interval, datetime(2026, 3, 10, 14, 30, tzinfo=UTC)) is expected


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [
        (date(2026, 3, 10), True),
        (date(2026, 3, 11), False),
        (datetime(2026, 3, 10, 14, tzinfo=UTC), True),
        (datetime(2026, 3, 10, 15, tzinfo=UTC), False),
        (datetime(2026, 3, 10, 15, tzinfo=timezone(timedelta(hours=1))), True),
    ],
)
def test_a_bucket_begins_at_its_first_moment(bucket: date, expected: bool) -> None:
    assert has_begun(bucket, datetime(2026, 3, 10, 14, 30, tzinfo=UTC)) is expected
