"""What a report is about: a site, a range of its local days, and filters."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sql.filters import Filter
from sql.sites import Site

PERIODS = ("today", "7d", "30d", "90d", "month", "12mo", "all")
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")


class ScopeError(ValueError):
    """A period, range or comparison that cannot be; `field` names the parameter."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Scope:
    """Local days `first` to `last` of a site, both included, as far as `filters` selects sessions.

    `cut`, when set, ends the range early, within its last day: only what happened before that
    instant counts (sessions: what started before it). `is_shared`: the connection's transaction
    holds what the filters select (see `filtered.share_selection`); `has_shares`: also its shares.
    `snapshot`: the exported one of that transaction.
    """

    site: Site
    first: date
    last: date
    filters: Filter | None = None
    cut: datetime | None = None
    is_shared: bool = False
    has_shares: bool = False
    snapshot: str | None = None

    @property
    def days(self) -> int:
        """Number of local days."""
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """First instant of the range."""
        return midnight(self.site, self.first)

    @property
    def last_start(self) -> datetime:
        """First instant of the last day."""
        return midnight(self.site, self.last)

    @property
    def end(self) -> datetime:
        """First instant after the range (the cut, when there is one)."""
        return self.cut or midnight(self.site, self.last + timedelta(days=1))

    @property
    def parameters(self) -> dict[str, object]:
        """What every query of a scope may refer to."""
        return {
            "site_id": self.site.site_id,
            "timezone": self.site.timezone,
            "first": self.first,
            "last": self.last,
            "start": self.start,
            "end": self.end,
            "last_start": self.last_start,
            "whole_last": self.last if self.cut is None else self.last - timedelta(days=1),
            "cut": self.cut,
        }


def midnight(site: Site, day: date) -> datetime:
    """The first instant of a local day, in UTC, also where a clock change skips midnight."""
    return datetime.combine(day, time(), site.zone).astimezone(UTC)


def local_today(site: Site, now: datetime) -> date:
    """The site's local day at an instant."""
    return now.astimezone(site.zone).date()


def check_raw(scope: Scope, what: str) -> None:
    """Raises ScopeError when raw events of the scope, which `what` follows from, may be gone."""
    raw_from = scope.site.raw_from
    if raw_from is not None and scope.start < raw_from:
        kept = raw_from.astimezone(scope.site.zone).date()
        raise ScopeError(
            "from",
            f"{what} follow from raw events, which {scope.site.slug} keeps from {kept} on: {kept}"
            f" is the first day that can be asked for, not {scope.first}",
        )


def check_cut(scope: Scope, what: str) -> None:
    """Raises ScopeError when raw events of the day that is cut, which `what` needs, may be gone."""
    if scope.cut is not None:
        check_raw(replace(scope, first=scope.last), f"{what} of a part of a day")


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ScopeError(field, f"{text!r} is not a day; write it as 2026-01-31") from None


def _months_back(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def _first_of(period: str, today: date, site: Site) -> date:
    match period:
        case "today":
            return today
        case "7d" | "30d" | "90d":
            return today - timedelta(days=int(period[:-1]) - 1)
        case "month":
            return today.replace(day=1)
        case "12mo":
            return _months_back(today, 11)
        case "all":
            return date(1970, 1, 1)
    raise ScopeError("period", f"{period!r} is not a period; one of {', '.join(PERIODS)} is")


def resolve_scope(
    site: Site,
    *,
    now: datetime,
    period: str | None = None,
    first: str | None = None,
    last: str | None = None,
    filters: Filter | None = None,
    first_day: date | None = None,
) -> Scope:
    """The scope that a request names: `period` (default 30d), or `first` and `last`, both included.

    `first_day`, the site's first local day with an event, is where period `all` begins. Raises
    ScopeError.
    """
    today = local_today(site, now)
    if first is None and last is None:
        begin = _first_of(period or "30d", today, site)
        if period == "all":
            begin = min(first_day or today, today)
        return Scope(site, begin, today, filters)
    if first is None or last is None:
        missing = "from" if first is None else "to"
        raise ScopeError(missing, "from and to go together: give both days")
    scope = Scope(site, _day("from", first), _day("to", last), filters)
    if scope.first > scope.last:
        raise ScopeError("to", f"to ({last}) lies before from ({first})")
    if scope.days > 366 * 20:
        raise ScopeError("from", f"{first} to {last} is more than 20 years")
    return scope


def comparison_scope(scope: Scope, compare: str, *, now: datetime) -> Scope:
    """The scope to compare with: `previous_period`, `previous_year` (same weekdays) or `a..b`.

    While the scope is unfinished the comparison is cut at the same elapsed local time, unless it is
    shorter than that; at a full hour where raw events are gone. Raises ScopeError.
    """
    today = local_today(scope.site, now)
    if compare == "previous_year":
        moved = replace(
            scope, first=scope.first - timedelta(days=364), last=scope.last - timedelta(days=364)
        )
    elif compare == "previous_period":
        moved = _previous(scope)
    elif match := _RANGE.fullmatch(compare):
        first, last = _day("compare", match[1]), _day("compare", match[2])
        if first > last:
            raise ScopeError("compare", f"{compare!r} ends before it begins")
        moved = replace(scope, first=first, last=last)
    else:
        raise ScopeError(
            "compare",
            f"{compare!r} is not a comparison; previous_period, previous_year and"
            " 2026-01-01..2026-01-31 are",
        )
    day = moved.first + (today - scope.first)
    if not (scope.first <= today <= scope.last and day <= moved.last):
        return replace(moved, cut=None)
    clock = now.astimezone(scope.site.zone).time().replace(tzinfo=None)
    cut = datetime.combine(day, clock, scope.site.zone).astimezone(UTC)
    if scope.site.raw_from is not None and cut < scope.site.raw_from:
        # An hour is divided by its raw events alone.
        cut = datetime.combine(day, time(clock.hour), scope.site.zone).astimezone(UTC)
    return replace(moved, last=day, cut=cut)


def _previous(scope: Scope) -> Scope:
    """As many days before; a running calendar month is compared with the month before it."""
    length = timedelta(days=scope.days)
    return replace(scope, first=scope.first - length, last=scope.last - length)


def buckets_of(scope: Scope, interval: str) -> list[tuple[date, date, date]]:
    """Day, week (Monday) or month buckets: their first local day, and their days in the scope."""
    found: list[tuple[date, date, date]] = []
    day = scope.first
    while day <= scope.last:
        if interval == "day":
            name, end = day, day
        elif interval == "week":
            name = day - timedelta(days=day.weekday())
            end = name + timedelta(days=6)
        else:
            name = day.replace(day=1)
            end = _months_back(name, -1) - timedelta(days=1)
        found.append((name, day, min(end, scope.last)))
        day = end + timedelta(days=1)
    return found
