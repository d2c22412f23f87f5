"""How experiments are written: verdicts, goals, differences and warnings in plain words."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dashboard_app import formats
from dashboard_app.formats import NOTHING
from sql.experiment_definitions import Definition

Json = dict[str, Any]

CHANGED = {
    "variants": "Variants or their weights",
    "goals": "Goals",
    "control": "Control",
    "starts_at": "The start",
    "ends_at": "The end",
    "name": "The name",
    "attribution_window_s": "The attribution window",
}
"""What changes of a definition are called."""

TONES = {
    "win": "better",
    "loss": "worse",
    "do not trust": "worse",
    "no difference detected": "same",
    "not enough data": "same",
}
METRICS = {
    "conversion": "Share of visitors with the event",
    "count": "Events per visitor",
    "value": "Money per visitor",
}
_GOALS = {
    "conversion": "{event} rate",
    "count": "{event} count per visitor",
    "value": "{event} value per visitor",
}


def unbroken(sentence: str) -> str:
    """The sentence with its per cent signs kept on the line of their numbers."""
    return sentence.replace(" %", "\N{NO-BREAK SPACE}%")


def goal_key(goal: Json) -> str:
    """A goal in the URL."""
    return f"{goal['event']}:{goal['metric']}"


def goal_name(goal: Json) -> str:
    """A goal as people call it."""
    return _GOALS[goal["metric"]].format(event=goal["event"])


def role_name(goal: Json) -> str:
    """What a goal is for."""
    if goal["role"] == "guardrail" or goal["direction"] == "decrease":
        better = "higher" if goal["direction"] == "increase" else "lower"
        return f"{goal['role']}, {better} is better"
    return str(goal["role"])


def duration(seconds: int) -> str:
    """A stretch of time in the largest unit that divides it."""
    units = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
    size, unit = next(one for one in units if seconds % one[0] == 0)
    number = seconds // size
    return f"{formats.count(number)} {unit}{'' if number == 1 else 's'}"


def changed_value(field: str, value: Any, moment: Callable[[datetime], str]) -> str:
    """One side of a change of a definition; `moment` writes an instant."""
    if value is None:
        return "unlimited"
    if field == "variants":
        return ", ".join(f"{one['key']} {one['weight']:g}" for one in value)
    if field == "goals":
        return ", ".join(f"{goal_name(one)} ({role_name(one)})" for one in value)
    if field in ("starts_at", "ends_at"):
        return moment(datetime.fromisoformat(value))
    return duration(value) if field == "attribution_window_s" else str(value)


def difference(value: float | None, metric: str, currency: str) -> str:
    """A signed difference: percentage points of a rate, money, or events."""
    if value is None:
        return NOTHING
    sign = "+" if value > 0 else "−" if value < 0 else ""
    if metric == "conversion":
        return f"{sign}{abs(value) * 100:.2f} pp"
    if metric == "value":
        return f"{sign}{formats.money(abs(value), currency)}"
    return f"{sign}{abs(value):.3g}"


def level(arm: Json, goal: Json, currency: str) -> str:
    """What an arm reached of a goal."""
    if goal["metric"] == "conversion":
        rate = arm["conversion_rate"]
        return NOTHING if rate is None else f"{rate * 100:.2f}%"
    mean = arm["value_mean" if goal["metric"] == "value" else "count_mean"]
    if mean is None:
        return NOTHING
    return formats.money(mean, currency) if goal["metric"] == "value" else f"{mean:.3f}"


def percent(value: float | None) -> str:
    """A 0-1 number as per cent, honest at its ends: >99.9%, <0.1%."""
    if value is None:
        return NOTHING
    if 0.999 < value < 1:
        return ">99.9%"
    return "<0.1%" if 0 < value < 0.001 else f"{value * 100:.1f}%"


def p_value(value: float | None) -> str:
    """Three digits, or <0.001."""
    if value is None:
        return NOTHING
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def warnings(definition: Definition, result: Json) -> list[tuple[str, str]]:
    """What stands in the way of trusting the result: (tone, sentence)."""
    found = []
    if result["srm"]["alarm"]:
        found.append(("worse", _mismatch(result)))
    excluded, exposed = result["multi_exposed_excluded"], result["exposed"]
    if excluded:
        share = excluded / (excluded + exposed)
        found.append(
            (
                "worse" if share >= 0.01 else "same",
                f"{formats.count(excluded)} visitors ({percent(share)}) saw more than one variant"
                " and are left out. A few are normal: the same person on two devices."
                " Many mean that the assignment is not stable.",
            )
        )
    return found


def _mismatch(result: Json) -> str:
    expected = result["srm"]["expected"]
    arms = [
        f"{arm['variant']} {formats.count(arm['exposed'])} instead of about"
        f" {formats.count(expected[arm['variant']])}"
        for arm in result["arms"]
    ]
    return (
        f"Visitors did not arrive in the planned proportions: {', '.join(arms)}. By chance this"
        f" happens less than once in a thousand experiments"
        f" (p {p_value(result['srm']['p_value'])})."
        " Something loses or adds visitors in one variant, a redirect or a crash for instance, and"
        " whoever is missing may be just those who would not have converted. Find the cause first."
    )


def days_to_decision(outlook: Json) -> str:
    """How far the traffic carries, in a sentence."""
    pace, detectable = outlook["visitors_per_day"], outlook["detectable_lift"]
    if not pace:
        return "Nobody has been exposed yet, so there is nothing to reckon with."
    told = f"About {formats.count(pace)} visitors a day join the experiment."
    if detectable is None:
        return f"{told} There is no baseline yet to reckon with."
    return f"{told} With those who came so far, a lift of {percent(detectable)} would be noticed."
