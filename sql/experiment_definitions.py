"""What an experiment's definition may be, from the form in which it is sent."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sql.scope import midnight
from sql.sites import Site

METRICS = ("conversion", "count", "value")
"""conversion: visitors with the event; count: events per visitor; value: money per visitor."""
ROLES = ("primary", "secondary", "guardrail")
DIRECTIONS = ("increase", "decrease")
RESERVED_KEYS = ("plan",)
MOST_VARIANTS = 20
MOST_GOALS = 20
LONGEST_KEY = 100
LONGEST_WINDOW_S = 10 * 366 * 86_400


class ExperimentError(ValueError):
    """A definition that cannot be; `field` names the part at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Variant:
    """An arm and its planned share of the visitors, relative to the other weights."""

    key: str
    weight: float


@dataclass(frozen=True)
class Goal:
    """An event that is compared between the arms; `direction` says what would be better."""

    event: str
    metric: str
    role: str = "secondary"
    direction: str = "increase"


@dataclass(frozen=True)
class Definition:
    """What is compared. Exposures count from `starts_at` on and before `ends_at`."""

    key: str
    name: str
    variants: tuple[Variant, ...]
    control: str
    goals: tuple[Goal, ...]
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    attribution_window_s: int | None = None
    """Seconds after the first exposure in which outcomes count, end included; None: unlimited."""

    @property
    def primary(self) -> Goal:
        """The goal that decides."""
        return next(goal for goal in self.goals if goal.role == "primary")

    @property
    def treatments(self) -> tuple[str, ...]:
        """The variants that are compared with control."""
        return tuple(v.key for v in self.variants if v.key != self.control)

    def units_differ(self, other: "Definition") -> bool:
        """Whether another definition gives other units or outcomes, not only other conclusions."""
        return self._of_units() != other._of_units()

    def _of_units(self) -> tuple[object, ...]:
        variants = frozenset(variant.key for variant in self.variants)
        events = frozenset(goal.event for goal in self.goals)
        return variants, events, self.starts_at, self.ends_at, self.attribution_window_s


def parse_definition(site: Site, sent: Mapping[str, Any]) -> Definition:
    """The definition as it is sent; days mean the site's local days. Raises ExperimentError."""
    for required in ("key", "variants", "control", "goals"):
        if sent.get(required) in (None, "", [], ()):
            raise ExperimentError(required, f"{required} is missing")
    key = _text("key", sent["key"], LONGEST_KEY)
    if key in RESERVED_KEYS or "/" in key:
        raise ExperimentError("key", f"{key!r} cannot be a key: {_KEY_RULE}")
    variants = _variants(sent["variants"])
    control = _text("control", sent["control"], LONGEST_KEY)
    if control not in {variant.key for variant in variants}:
        names = ", ".join(repr(variant.key) for variant in variants)
        raise ExperimentError("control", f"{control!r} is not a variant; one of {names} is")
    definition = Definition(
        key=key,
        name=_text("name", sent.get("name") or key, 200),
        variants=variants,
        control=control,
        goals=_goals(sent["goals"]),
        starts_at=_instant(site, "starts_at", sent.get("starts_at")),
        ends_at=_instant(site, "ends_at", sent.get("ends_at"), days_later=1),
        attribution_window_s=_window(sent.get("attribution_window_s")),
    )
    if definition.starts_at and definition.ends_at and definition.ends_at <= definition.starts_at:
        raise ExperimentError("ends_at", f"{sent['ends_at']!r} is not after starts_at")
    return definition


_KEY_RULE = f"1 to {LONGEST_KEY} characters, no slash, and not one of {', '.join(RESERVED_KEYS)}"


def _text(field: str, value: Any, longest: int) -> str:
    if not isinstance(value, str) or not value.strip() or value != value.strip():
        raise ExperimentError(field, f"{value!r} is not a text without blanks at its ends")
    if len(value) > longest or not value.isprintable():
        raise ExperimentError(field, f"{value[:80]!r} is not 1 to {longest} printable characters")
    return value


def _each(
    field: str, value: Any, fewest: int, most: int, example: str
) -> Sequence[Mapping[str, Any]]:
    is_list = isinstance(value, list | tuple) and all(isinstance(one, Mapping) for one in value)
    if not is_list or not fewest <= len(value) <= most:
        raise ExperimentError(
            field, f"{field} must be a list of {fewest} to {most}, each {example}"
        )
    parts: Sequence[Mapping[str, Any]] = value
    return parts


def _variants(value: Any) -> tuple[Variant, ...]:
    parts = _each("variants", value, 2, MOST_VARIANTS, '{"key": "green", "weight": 1}')
    variants = tuple(_variant(f"variants.{i}", part) for i, part in enumerate(parts))
    keys = [variant.key for variant in variants]
    for i, key in enumerate(keys):
        if key in keys[:i]:
            raise ExperimentError(f"variants.{i}.key", f"the variant {key!r} is there twice")
    if sum(variant.weight > 0 for variant in variants) < 2:
        raise ExperimentError("variants", "at least two variants need a weight above 0")
    return variants


def _variant(field: str, part: Mapping[str, Any]) -> Variant:
    weight = part.get("weight")
    weight = 1 if weight is None else weight
    is_number = isinstance(weight, int | float) and not isinstance(weight, bool)
    if not is_number or not 0 <= weight <= 1e9 or not math.isfinite(weight):
        raise ExperimentError(f"{field}.weight", f"{weight!r} is not a number from 0 to 10⁹")
    return Variant(_text(f"{field}.key", part.get("key"), LONGEST_KEY), float(weight))


def _goals(value: Any) -> tuple[Goal, ...]:
    example = '{"event": "purchase", "metric": "conversion"}'
    parts = _each("goals", value, 1, MOST_GOALS, example)
    primaries = [i for i, p in enumerate(parts) if p.get("primary") or p.get("role") == "primary"]
    if len(primaries) > 1:
        raise ExperimentError("goals", f"{len(primaries)} goals are primary; one can decide")
    primary = primaries[0] if primaries else _first_candidate(parts)
    goals = tuple(_goal(f"goals.{i}", p, i == primary) for i, p in enumerate(parts))
    for i, goal in enumerate(goals):
        if (goal.event, goal.metric) in {(g.event, g.metric) for g in goals[:i]}:
            raise ExperimentError(f"goals.{i}", f"{goal.event} by {goal.metric} is there twice")
    return goals


def _first_candidate(parts: Sequence[Mapping[str, Any]]) -> int:
    for i, part in enumerate(parts):
        if part.get("role") in (None, "primary"):
            return i
    raise ExperimentError("goals", "no goal is primary; say which one decides")


def _goal(field: str, part: Mapping[str, Any], is_primary: bool) -> Goal:
    role = "primary" if is_primary else part.get("role") or "secondary"
    direction = part.get("direction")
    if role == "guardrail" and direction is None:
        raise ExperimentError(
            f"{field}.direction",
            f"the guardrail {part.get('event')!r} needs a direction: increase or decrease,"
            " whichever would be better",
        )
    return Goal(
        event=_text(f"{field}.event", part.get("event"), 64),
        metric=_one_of(f"{field}.metric", part.get("metric"), METRICS),
        role=_one_of(f"{field}.role", role, ROLES),
        direction=_one_of(f"{field}.direction", direction or "increase", DIRECTIONS),
    )


def _one_of(field: str, value: Any, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise ExperimentError(field, f"{value!r} is not one of {', '.join(choices)}")
    return str(value)


def _instant(site: Site, field: str, value: Any, days_later: int = 0) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    wrong = ExperimentError(
        field,
        f"{value!r} is not an instant with an offset such as 2026-03-01T09:00:00+01:00, nor a day",
    )
    try:
        if isinstance(value, str) and len(value) == 10:
            return midnight(site, date.fromisoformat(value) + timedelta(days=days_later))
        instant = datetime.fromisoformat(value)
        instant.timestamp()
    except (TypeError, ValueError, OverflowError):
        raise wrong from None
    if instant.tzinfo is None or not 1970 <= instant.year < 9999:
        raise wrong
    return instant


def _window(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LONGEST_WINDOW_S:
        raise ExperimentError(
            "attribution_window_s",
            f"{value!r} is not a whole number of seconds from 1 to {LONGEST_WINDOW_S}, or null",
        )
    return value
