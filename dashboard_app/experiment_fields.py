"""An experiment's definition as the fields of its form, and back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from dashboard_app import experiment_texts as texts
from sql.experiment_definitions import METRICS, Definition, Goal, parse_definition
from sql.scope import midnight
from sql.sites import Site

Json = dict[str, Any]

FIELDS = ("key", "name", "variants", "control", "starts", "ends", "window")
GOALS = 5
"""Goals that the form has room for; an experiment that has more keeps the others as they are."""
GOAL_FIELDS = ("event", "metric", "role")
DAY_S = 86_400

PRIMARY = (
    ("primary:increase", "Decides: more is better"),
    ("primary:decrease", "Decides: less is better"),
)
ROLES = (
    ("secondary:increase", "Also compare: more is better"),
    ("secondary:decrease", "Also compare: less is better"),
    ("guardrail:increase", "Guardrail: must not fall"),
    ("guardrail:decrease", "Guardrail: must not rise"),
)
EMPTY_GOAL = ("", "conversion", "secondary:increase")
NEW = (
    *(None, "", ["control", "variant"], "control", None, None, None),
    *("purchase", "conversion", "primary:increase"),
    *(EMPTY_GOAL * (GOALS - 1)),
)
"""The values of a form that nobody has filled in, in the order of `names`."""


def names() -> list[str]:
    """The fields in their order: those of the experiment, then each goal's."""
    goals = [f"{part}-{number}" for number in range(GOALS) for part in GOAL_FIELDS]
    return [*FIELDS, *goals]


def metric_choices() -> list[dict[str, str]]:
    """What a goal's event may be measured by."""
    return [{"value": metric, "label": texts.METRICS[metric]} for metric in METRICS]


def typed_variants(tags: Sequence[str]) -> list[Json]:
    """Variants as typed: `green` has weight 1, `green:2` weight 2."""
    variants = []
    for tag in tags:
        key, colon, weight = tag.rpartition(":")
        is_weighted = bool(colon) and weight.replace(".", "", 1).isdigit()
        variants.append(
            {"key": key if is_weighted else tag, "weight": float(weight) if is_weighted else 1.0}
        )
    return variants


def form_values(site: Site, definition: Definition) -> tuple[Any, ...]:
    """The values of the form for an experiment that stands, in the order of `names`."""
    window = definition.attribution_window_s
    shown: list[Any] = [
        definition.key,
        definition.name,
        [_tag(one.key, one.weight) for one in definition.variants],
        definition.control,
        _first_day(site, definition.starts_at),
        _last_day(site, definition.ends_at),
        window and round(window / DAY_S, 3),
    ]
    goals = _in_order(definition)[:GOALS]
    for goal in goals:
        shown += (goal.event, goal.metric, f"{goal.role}:{goal.direction}")
    return (*shown, *(EMPTY_GOAL * (GOALS - len(goals))))


def typed_definition(site: Site, given: Sequence[Any], old: Definition | None = None) -> Definition:
    """The definition behind the form's values; what nobody touched stays what `old` says, exactly.

    The form shows instants as days and seconds as days. Raises ExperimentError.
    """
    fields = dict(zip(names(), given, strict=True))
    sent = {
        "key": old.key if old else fields["key"],
        "name": fields["name"],
        "variants": typed_variants(fields["variants"] or []),
        "control": fields["control"],
        "goals": [*_typed_goals(fields), *_beyond_the_form(old)],
        "starts_at": fields["starts"] or None,
        "ends_at": fields["ends"] or None,
        "attribution_window_s": _seconds(fields["window"]),
    }
    if old:
        shown = dict(zip(names(), form_values(site, old), strict=True))
        stood = (
            ("starts", "starts_at", old.starts_at),
            ("ends", "ends_at", old.ends_at),
            ("window", "attribution_window_s", old.attribution_window_s),
        )
        untouched = [one for one in stood if (fields[one[0]] or None) == (shown[one[0]] or None)]
        sent |= {part: value for _, part, value in untouched}
    return parse_definition(site, sent)


def _tag(key: str, weight: float) -> str:
    _, colon, last = key.rpartition(":")
    is_ambiguous = bool(colon) and last.replace(".", "", 1).isdigit()
    return key if weight == 1 and not is_ambiguous else f"{key}:{weight:g}"


def _first_day(site: Site, instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(site.zone).date().isoformat()


def _last_day(site: Site, instant: datetime | None) -> str | None:
    """The last local day with an instant before `instant`."""
    if instant is None:
        return None
    day: date = instant.astimezone(site.zone).date()
    return (day - timedelta(days=1) if midnight(site, day) == instant else day).isoformat()


def _in_order(definition: Definition) -> list[Goal]:
    return sorted(definition.goals, key=lambda goal: goal.role != "primary")


def _typed_goals(fields: Mapping[str, Any]) -> list[Json]:
    goals = []
    for number in range(GOALS):
        event, metric, choice = (fields[f"{part}-{number}"] for part in GOAL_FIELDS)
        role, _, direction = (choice or "").partition(":")
        if event or number == 0:
            goals.append({"event": event, "metric": metric, "role": role, "direction": direction})
    return goals


def _beyond_the_form(old: Definition | None) -> list[Json]:
    return [dict(vars(goal)) for goal in _in_order(old)[GOALS:]] if old else []


def _seconds(days: Any) -> int | None:
    return round(float(days) * DAY_S) if days else None
