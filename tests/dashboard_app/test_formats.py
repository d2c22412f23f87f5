"""Numbers as people read them."""

from datetime import date
from decimal import Decimal

import pytest

from dashboard_app import formats


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "0"),
        (999, "999"),
        (9_999, "9,999"),
        (10_000, "10k"),
        (12_345, "12.3k"),
        (1_250_000, "1.2M"),
        (3_000_000_000, "3B"),
    ],
)
def test_short_counts(value: int | None, text: str) -> None:
    assert formats.short(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "0.0%"), (0.0345, "3.5%"), (0.9999, "100%"), (1, "100%")]
)
def test_rates(value: float | None, text: str) -> None:
    assert formats.rate(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0s"), (59.4, "59s"), (59.6, "1m 00s"), (185, "3m 05s"), (7_440, "2h 04m")],
)
def test_durations(value: float | None, text: str) -> None:
    assert formats.duration(value) == text


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (None, "USD", "–"),
        (Decimal("49.9"), "USD", "$49.90"),
        (Decimal("1234.56"), "EUR", "€1,235"),
        (Decimal("158712.35"), "GBP", "£158.7k"),
        (Decimal(-20), "USD", "−$20.00"),
        (Decimal(20), "CHF", "CHF 20.00"),
    ],
)
def test_money(value: Decimal | None, currency: str, text: str) -> None:
    assert formats.money(value, currency) == text


def test_exact_money_keeps_every_digit() -> None:
    assert formats.exact_money(Decimal("158712.35"), "USD") == "$158,712.35"


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (112, 100, "+12%"),
        (96.6, 100, "−3.4%"),
        (100, 100, "0%"),
        (504, 100, "+404%"),
        (266, 1, "+26.5k%"),
        (5, 0, "–"),
        (None, 5, "–"),
        (-5, -10, "+50%"),
    ],
)
def test_changes(now: float | None, before: float | None, text: str) -> None:
    assert formats.change(formats.relative_change(now, before)) == text


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2026, 3, 4), date(2026, 3, 4), "4 Mar 2026"),
        (date(2026, 3, 4), date(2026, 3, 9), "4–9 Mar 2026"),
        (date(2026, 3, 4), date(2026, 4, 2), "4 Mar – 2 Apr 2026"),
        (date(2025, 12, 4), date(2026, 1, 2), "4 Dec 2025 – 2 Jan 2026"),
    ],
)
def test_ranges_of_days(first: date, last: date, text: str) -> None:
    assert formats.days(first, last) == text
