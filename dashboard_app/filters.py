"""The URL as the only state: site, period, comparison, filters, metric, interval and tabs."""

import json
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

PERIODS = {
    "today": "Today",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
    "month": "Month to date",
    "12mo": "Last 12 months",
    "all": "All time",
}
COMPARISONS = {
    "previous_period": "Previous period",
    "previous_year": "Previous year",
    "none": "No comparison",
}
DEFAULT_PERIOD = "30d"
DEFAULT_COMPARE = "previous_period"
OPERATORS = {
    "is": "is",
    "is_not": "is not",
    "contains": "contains",
    "not_contains": "does not contain",
}
TABS = (
    "sources", "pages", "locations", "devices", "goals", "experiment", "goal", "split",
    "grain", "mode", "shows", "steps", "window", "per", "by", "event", "property",
    "session", "after", "debug",
)  # fmt: skip
"""What single cards show: a tab, or what was chosen in them."""


@dataclass(frozen=True)
class Clause:
    """One filter pill: an operator of OPERATORS, a dimension and its values.

    A nested `and`/`or` filter from a hand-written link is kept whole in `raw`, as JSON.
    """

    operator: str
    dimension: str
    values: tuple[str, ...]
    raw: str | None = None

    def to_json(self) -> Any:
        """The clause in the API's filter form."""
        if self.raw is not None:
            return json.loads(self.raw)
        return [self.operator, self.dimension, list(self.values)]


@dataclass(frozen=True)
class ViewState:
    """Everything a link to the dashboard says; None means that the link does not say.

    `first` and `last` are local days of the site, both inclusive, and go together; they win
    over `period`.
    """

    site: str | None = None
    period: str = DEFAULT_PERIOD
    first: date | None = None
    last: date | None = None
    compare: str = DEFAULT_COMPARE
    filters: tuple[Clause, ...] = ()
    metric: str = "visitors"
    interval: str | None = None
    tabs: tuple[tuple[str, str], ...] = field(default=())

    @classmethod
    def parse(cls, search: str | None) -> "ViewState":
        """The state a query string (with or without "?") describes; what is unknown is ignored."""
        given = dict(parse_qsl((search or "").lstrip("?")))
        first, last = _day(given.get("from")), _day(given.get("to"))
        if first is None or last is None or last < first:
            first = last = None
        period = given.get("period", DEFAULT_PERIOD)
        return cls(
            site=given.get("site"),
            period=period if period in PERIODS else DEFAULT_PERIOD,
            first=first,
            last=last,
            compare=_comparison(given.get("compare")),
            filters=_parse_filters(given.get("filters")),
            metric=given.get("metric", "visitors"),
            interval=given.get("interval"),
            tabs=tuple((tab, given[tab]) for tab in TABS if tab in given),
        )

    def search(self) -> str:
        """The query string of this state, with "?"; defaults are left out."""
        pairs = {
            "site": self.site,
            "period": self.period if self.first is None else None,
            "from": self.first and self.first.isoformat(),
            "to": self.last and self.last.isoformat(),
            "compare": self.compare,
            "filters": self.filters_json(),
            "metric": self.metric,
            "interval": self.interval,
            **dict(self.tabs),
        }
        defaults = {"period": DEFAULT_PERIOD, "compare": DEFAULT_COMPARE, "metric": "visitors"}
        said = {k: v for k, v in pairs.items() if v and defaults.get(k) != v}
        return "?" + urlencode(said, quote_via=quote, safe='[],:/"')

    def data_search(self) -> str:
        """The part of the query string that decides which events are looked at."""
        return ViewState(
            self.site, self.period, self.first, self.last, self.compare, self.filters
        ).search()

    def filters_list(self) -> Any:
        """The filters in the API's form, decoded; None without any."""
        clauses = [clause.to_json() for clause in self.filters]
        return clauses[0] if len(clauses) == 1 else ["and", clauses] if clauses else None

    def filters_json(self) -> str | None:
        """The filters in the API's form, as a link carries them; None without any."""
        whole = self.filters_list()
        return whole and json.dumps(whole, separators=(",", ":"), ensure_ascii=False)

    def on_site(self, site: str) -> "ViewState":
        """Another site in the same period; filters do not carry over."""
        return replace(self, site=site, filters=())

    def in_period(self, period: str) -> "ViewState":
        """A preset period; a chosen interval is given up because it may not fit."""
        return replace(self, period=period, first=None, last=None, interval=None)

    def between(self, first: date, last: date) -> "ViewState":
        """A period of local days, both inclusive."""
        return replace(self, period=DEFAULT_PERIOD, first=first, last=last, interval=None)

    def compared(self, compare: str) -> "ViewState":
        """Another comparison."""
        return replace(self, compare=compare)

    def toggled_compare(self) -> "ViewState":
        """Comparison off, or on with the default."""
        return replace(self, compare="none" if self.compare != "none" else DEFAULT_COMPARE)

    def filtered(self, clause: Clause) -> "ViewState":
        """The clause added; it replaces one of the same operator and dimension."""
        kept = tuple(
            c
            for c in self.filters
            if c.raw or (c.operator, c.dimension) != (clause.operator, clause.dimension)
        )
        return replace(self, filters=(*kept, clause))

    def toggled(self, dimension: str, value: str) -> "ViewState":
        """A click on a row: filter by the value, or undo that filter."""
        clause = Clause("is", dimension, (value,))
        return self.without(clause) if clause in self.filters else self.filtered(clause)

    def without(self, clause: Clause) -> "ViewState":
        """The clause removed."""
        return replace(self, filters=tuple(c for c in self.filters if c != clause))

    def undone(self) -> "ViewState":
        """The last filter removed; weekday and hour, which one click adds, together."""
        last = [clause.dimension for clause in self.filters[-2:]]
        return replace(self, filters=self.filters[: -2 if last == ["weekday", "hour"] else -1])

    def cleared(self) -> "ViewState":
        """No filters."""
        return replace(self, filters=())

    def showing(self, metric: str) -> "ViewState":
        """Another metric in the chart."""
        return replace(self, metric=metric)

    def by(self, interval: str | None) -> "ViewState":
        """Another interval in the chart; None lets the range decide."""
        return replace(self, interval=interval)

    def with_tab(self, card: str, tab: str) -> "ViewState":
        """Another tab of a card."""
        tabs = {**dict(self.tabs), card: tab}
        return replace(self, tabs=tuple((c, tabs[c]) for c in TABS if c in tabs))

    def has(self, dimension: str, value: str) -> bool:
        """Whether a click on this row would undo a filter."""
        return Clause("is", dimension, (value,)) in self.filters


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _comparison(text: str | None) -> str:
    if text in COMPARISONS:
        return text
    first, _, last = (text or "").partition("..")
    return f"{first}..{last}" if _day(first) and _day(last) else DEFAULT_COMPARE


def _parse_filters(text: str | None) -> tuple[Clause, ...]:
    if not text:
        return ()
    try:
        whole = json.loads(text)
    except ValueError:
        return ()
    return parse_clauses(whole)


def parse_clauses(whole: Any) -> tuple[Clause, ...]:
    """The pills of a filter in the API's form, decoded; of what is no filter none."""
    if not isinstance(whole, list) or not whole:
        return ()
    parts = whole[1] if whole[0] == "and" and len(whole) == 2 else [whole]
    return tuple(_clause(part) for part in parts) if isinstance(parts, list) else ()


def _clause(part: Any) -> Clause:
    match part:
        case [str(operator), str(dimension), [*values]] if operator in OPERATORS:
            return Clause(operator, dimension, tuple(str(value) for value in values))
        case _:
            raw = json.dumps(part, separators=(",", ":"), ensure_ascii=False)
            return Clause("custom", "", (), raw)
