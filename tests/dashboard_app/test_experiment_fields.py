"""The form of an experiment: what it shows of a definition, and the definition it makes."""

from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from dashboard_app.experiment_fields import NEW, form_values, names, typed_definition
from dashboard_app.experiment_texts import changed_value, duration
from sql.experiment_definitions import Definition, ExperimentError, Goal, Variant
from sql.sites import Site

GOALS = tuple(Goal(f"event {number}", "count", "guardrail", "decrease") for number in range(6))
STANDS = Definition(
    key="button",
    name="Button",
    variants=(Variant("control", 1), Variant("green", 2.5), Variant("a:2", 1)),
    control="control",
    goals=(Goal("signup", "count"), Goal("refund", "value", "primary", "decrease"), *GOALS),
    starts_at=datetime(2026, 3, 1, 9, 30, 15, tzinfo=UTC),
    ends_at=datetime(2026, 3, 28, 23, tzinfo=UTC),
    attribution_window_s=100_000,
)


@pytest.fixture
def berlin() -> Site:
    return Site(
        site_id=1, slug="shop", name="Shop", timezone="Europe/Berlin",
        zone_rules=files("tzdata").joinpath("zoneinfo/Europe/Berlin").read_bytes(), currency="EUR",
        session_gap_s=1_800, allowed_origins=[], retention_days=None, raw_from=None,
        high_value_threshold=None, respects_dnt=False, identity_key=b"",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def values(site: Site, **changed: object) -> list[object]:
    shown = dict(zip(names(), form_values(site, STANDS), strict=True))
    return list({**shown, **changed}.values())


def test_the_form_shows_days_and_the_primary_goal_first(berlin: Site) -> None:
    shown = dict(zip(names(), form_values(berlin, STANDS), strict=True))
    assert shown["variants"] == ["control", "green:2.5", "a:2:1"]
    assert (shown["starts"], shown["ends"], shown["window"]) == ("2026-03-01", "2026-03-28", 1.157)
    assert (shown["event-0"], shown["metric-0"], shown["role-0"]) == (
        "refund", "value", "primary:decrease",
    )  # fmt: skip
    assert (shown["event-1"], shown["role-1"]) == ("signup", "secondary:increase")


def test_saving_without_a_change_changes_nothing_but_the_order_of_goals(berlin: Site) -> None:
    saved = typed_definition(berlin, values(berlin), STANDS)
    assert set(saved.goals) == set(STANDS.goals)
    assert replace(saved, goals=STANDS.goals) == STANDS


def test_only_what_was_touched_is_taken_from_the_form(berlin: Site) -> None:
    saved = typed_definition(berlin, values(berlin, ends="2026-03-29"), STANDS)
    assert saved.ends_at == datetime(2026, 3, 29, 22, tzinfo=UTC)  # the clocks went forward
    assert (saved.starts_at, saved.attribution_window_s) == (STANDS.starts_at, 100_000)
    cleared = typed_definition(berlin, values(berlin, window="", starts=None), STANDS)
    assert (cleared.starts_at, cleared.attribution_window_s) == (None, None)


def test_a_new_form_makes_the_usual_experiment(berlin: Site) -> None:
    typed = dict(zip(names(), NEW, strict=True)) | {"key": "button", "window": 14}
    made = typed_definition(berlin, list(typed.values()))
    assert made.goals == (Goal("purchase", "conversion", "primary", "increase"),)
    assert [(one.key, one.weight) for one in made.variants] == [("control", 1), ("variant", 1)]
    assert made.attribution_window_s == 14 * 86_400


def test_what_cannot_be_is_refused(berlin: Site) -> None:
    with pytest.raises(ExperimentError, match="is not a variant"):
        typed_definition(berlin, values(berlin, control="blue"), STANDS)


def test_changes_are_told_in_words() -> None:
    def moment(at: datetime) -> str:
        return at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%d %b %H:%M")

    goal = {"event": "refund", "metric": "value", "role": "guardrail", "direction": "decrease"}
    assert changed_value("goals", [goal], moment) == (
        "refund value per visitor (guardrail, lower is better)"
    )
    assert changed_value("variants", [{"key": "green", "weight": 9.0}], moment) == "green 9"
    assert changed_value("ends_at", "2026-03-28T23:00:00+00:00", moment) == "29 Mar 00:00"
    assert changed_value("ends_at", None, moment) == "unlimited"
    assert (duration(86_400), duration(7_200), duration(90)) == ("1 day", "2 hours", "90 seconds")
