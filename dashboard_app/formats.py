"""Numbers, durations, money and changes as people read them."""

from datetime import date, datetime
from decimal import Decimal

Number = int | float | Decimal

_CURRENCY_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
NOTHING = "–"


def count(value: Number | None) -> str:
    """Grouped in thousands: 12,345."""
    return NOTHING if value is None else f"{value:,.0f}"


def short(value: Number | None) -> str:
    """At most four digits: 999, 9,999, 12.3k, 1.2M."""
    if value is None:
        return NOTHING
    number = float(value)
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(number) >= (size if unit != "k" else 1e4):
            return f"{number / size:.1f}".removesuffix(".0") + unit
    return f"{number:,.0f}"


def decimal(value: Number | None) -> str:
    """Two decimals: 3.42."""
    return NOTHING if value is None else f"{value:,.2f}"


def rate(value: Number | None) -> str:
    """A 0-1 rate as per cent: 0.0345 is 3.5%."""
    if value is None:
        return NOTHING
    percent = float(value) * 100
    return f"{percent:.1f}%" if percent < 99.95 else "100%"


def duration(seconds: Number | None) -> str:
    """42s, 3m 05s, 2h 04m."""
    if seconds is None:
        return NOTHING
    whole = round(float(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    return f"{whole // 3600}h {whole % 3600 // 60:02d}m"


def money(value: Number | None, currency: str) -> str:
    """$1,234.50; large amounts short: $12.3k; a currency without a known sign by its code."""
    if value is None:
        return NOTHING
    sign = _CURRENCY_SIGNS.get(currency, f"{currency} ")
    amount = abs(Decimal(str(value)))
    if amount >= 100_000:
        text = short(amount)
    else:
        text = f"{amount:,.2f}" if amount < 1000 else f"{amount:,.0f}"
    return f"{'−' if value < 0 else ''}{sign}{text}"


def exact_money(value: Number | None, currency: str) -> str:
    """$158,712.35: every digit."""
    if value is None:
        return NOTHING
    sign = _CURRENCY_SIGNS.get(currency, f"{currency} ")
    return f"{'−' if value < 0 else ''}{sign}{abs(value):,.2f}"


def relative_change(now: Number | None, before: Number | None) -> float | None:
    """(now − before) / |before|; None when either is missing or before is 0."""
    if now is None or before is None or before == 0:
        return None
    return (float(now) - float(before)) / abs(float(before))


def change(value: float | None) -> str:
    """A relative change with its sign: +12%, −3.4%, 0%, +26.5k%."""
    if value is None:
        return NOTHING
    percent = value * 100
    size = short(abs(percent)) if abs(percent) >= 9.95 else f"{abs(percent):.1f}"
    size = size.removesuffix(".0")
    if size == "0":
        return "0%"
    return f"{'+' if percent > 0 else '−'}{size}%"


def day(value: date) -> str:
    """Mon 4 Aug 2025."""
    return f"{value:%a} {value.day} {value:%b %Y}"


def days(first: date, last: date) -> str:
    """4 Aug – 2 Sep 2025; a single day once; the year twice only when it differs."""
    if first == last:
        return f"{first.day} {first:%b %Y}"
    if first.year != last.year:
        return f"{first.day} {first:%b %Y} – {last.day} {last:%b %Y}"
    if first.month != last.month:
        return f"{first.day} {first:%b} – {last.day} {last:%b %Y}"
    return f"{first.day}–{last.day} {last:%b %Y}"


def clock(instant: datetime) -> str:
    """14:32:07 in the instant's own zone."""
    return f"{instant:%H:%M:%S}"
