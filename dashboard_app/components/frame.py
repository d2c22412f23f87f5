"""The frame around every page: navigation, site, period, comparison, filters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from dashboard_app import formats
from dashboard_app.components.links import (
    ALL,
    FILTERS,
    PERIOD,
    aria,
    data_attributes,
    icon,
    view_link,
)
from dashboard_app.components.menu import menu
from dashboard_app.data import Looked
from dashboard_app.dimensions import label_of, value_label
from dashboard_app.filters import COMPARISONS, OPERATORS, PERIODS, Clause, ViewState
from dashboard_app.periods import shifted
from sql.sites import Site

PERIOD_KEYS = {"today": "D", "7d": "W", "30d": "M", "90d": "3", "12mo": "Y"}


@dataclass(frozen=True)
class NavItem:
    """A page's entry in the navigation."""

    path: str
    label: str
    icon: str
    group: str | None = None


def navigation(items: Sequence[NavItem], path: str, search: str, can_log_out: bool) -> html.Nav:
    """The pages, at the left on a desk and behind a button on a phone."""
    links: list[Any] = [html.Div([html.Span(className="logo"), "Tideline"], className="brand")]
    group = None
    for item in items:
        if item.group != group and item.group:
            links.append(html.Div(item.group, className="nav-group"))
        group = item.group
        on = item.path == path
        links.append(
            view_link(
                [icon(item.icon), item.label],
                item.path + search,
                ALL,
                "nav-link is-on" if on else "nav-link",
                **aria(current="page") if on else {},
            )
        )
    links.append(html.Div(_foot(can_log_out), className="nav-foot"))
    return html.Nav(links, className="nav", **aria(label="Pages"))


def _foot(can_log_out: bool) -> list[Any]:
    shortcuts = html.Button(
        [icon("keyboard"), "Shortcuts", html.Kbd("?")],
        className="nav-link",
        type="button",
        **data_attributes(action="help"),
    )
    if not can_log_out:
        return [shortcuts]
    button = html.Button([icon("logout"), "Log out"], className="nav-link", type="submit")
    return [shortcuts, html.Form(button, action="/logout", method="POST")]


def site_switcher(sites: Sequence[Site], looked: Looked) -> html.Details:
    """The site's name; opens the list of sites."""
    items = [
        view_link(
            [site.name, html.Small(site.slug if site.slug != site.name else "")],
            looked.view.on_site(site.slug).search(),
            "site,filters",
            "menu-item is-on" if site.slug == looked.site.slug else "menu-item",
        )
        for site in sites
    ]
    return menu([html.Span(looked.site.name, className="site-name")], items, "site-switcher")


def period_name(looked: Looked) -> list[Any]:
    """What the period's button says; `data-shown` tells the calendar's callback what is shown."""
    scope, view = looked.scope, looked.view
    days = formats.days(scope.first, scope.last)
    text = PERIODS[view.period] if view.first is None else days
    shown = data_attributes(shown=f"{scope.first},{scope.last}")
    return [icon("calendar"), html.Span(text, title=days, **shown), icon("chevron")]


def period_presets(view: ViewState) -> list[html.A]:
    """The preset periods with their keys."""
    return [
        view_link(
            [label, html.Kbd(PERIOD_KEYS[key]) if key in PERIOD_KEYS else None],
            view.in_period(key).search(),
            PERIOD,
            "menu-item is-on" if view.first is None and view.period == key else "menu-item",
        )
        for key, label in PERIODS.items()
    ]


def period_arrow(looked: Looked, steps: int, word: str) -> html.A | html.Span:
    """The way to the period before (steps = -1) or after (+1); no link where there is none."""
    scope = looked.scope
    target = shifted(looked.view, scope.first, scope.last, looked.today, steps)
    if target is None:
        return html.Span(icon(word), className="button arrow is-off")
    label = f"{word.capitalize()} period"
    return view_link(
        icon(word), target.search(), PERIOD, "button arrow", title=label, **aria(label=label)
    )


def compare_picker(looked: Looked) -> html.Details:
    """What the figures are compared with."""
    view = looked.view
    items: list[Any] = [
        view_link(
            label,
            view.compared(key).search(),
            "compare",
            "menu-item is-on" if key == view.compare else "menu-item",
        )
        for key, label in COMPARISONS.items()
    ]
    if looked.comparison is not None:
        against = formats.days(looked.comparison.first, looked.comparison.last)
        items.append(html.Div(f"against {against}", className="menu-note"))
    label = COMPARISONS.get(view.compare, "Other dates")
    return menu([icon("compare"), html.Span(label)], items, "compare menu-right")


def pills(view: ViewState) -> html.Div | None:
    """The filters in force; a click removes one."""
    if not view.filters:
        return None
    links: list[Any] = [_pill(view, clause) for clause in view.filters]
    if len(links) > 1:
        links.append(view_link("Clear all", view.cleared().search(), FILTERS, "text-link"))
    return html.Div(links, className="pills")


def _pill(view: ViewState, clause: Clause) -> html.A:
    return view_link(
        [html.Span(clause_text(clause)), icon("close")],
        view.without(clause).search(),
        FILTERS,
        "pill",
        title="Remove this filter",
    )


def clause_text(clause: Clause) -> str:
    """A filter as people say it: Country is Germany or France."""
    if clause.raw is not None:
        return "Combined filter"
    values = " or ".join(value_label(clause.dimension, value) for value in clause.values)
    return f"{label_of(clause.dimension)} {OPERATORS[clause.operator]} {values}"


def shortcut_links(view: ViewState) -> html.Div:
    """Hidden links that the keys follow (`assets/navigation.js`)."""
    targets = {key: (view.in_period(period), PERIOD) for period, key in PERIOD_KEYS.items()} | {
        "X": (view.toggled_compare(), "compare"),
        "Escape": (view.undone(), FILTERS),
    }
    return html.Div(
        [
            view_link(key, target.search(), sets, **data_attributes(key=key))
            for key, (target, sets) in targets.items()
        ],
        hidden=True,
    )
