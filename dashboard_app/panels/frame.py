"""The top bar: site, filters, period, comparison, light or dark."""

from typing import Any

import dash_mantine_components as dmc
from dash import Output, html

from dashboard_app.components import frame as parts
from dashboard_app.components.links import ALL, aria, data_attributes, icon, view_link
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.data import Data, Looked
from dashboard_app.panels import ids, live
from dashboard_app.panels.group import Panel

PANEL = "frame"
CALENDAR, SLOT = "calendar", "calendar-slot"
EARLIER, LATER = "period-earlier", "period-later"
NAME, PRESETS = "period-name", "period-presets"


def layout() -> html.Header:
    """A bar with the live dot only, until the sites are known."""
    return html.Header(
        [Markup(None, id=PANEL, className="contents"), _period(), live.layout()],
        className="topbar",
    )


def _period() -> html.Div:
    body = html.Div(
        [
            Markup(None, id=PRESETS, className="menu-list"),
            html.Div(id=SLOT, className="menu-calendar"),
        ],
        className="menu-body",
    )
    button = html.Summary(Markup(None, id=NAME, className="contents"), className="button")
    return html.Div(
        [
            Markup(None, id=EARLIER, className="contents"),
            html.Details([button, body], className="menu period menu-right"),
            Markup(None, id=LATER, className="contents"),
        ],
        className="period-picker",
    )


def panel(data: Data) -> Panel:
    """What draws the bar."""

    async def frame(search: str) -> tuple[Any, ...]:
        looked = await data.look(search)
        sites = await data.sites()
        bar = [
            _button("menu", "Pages", "nav", "nav-toggle"),
            parts.site_switcher(sites, looked),
            html.Div(className="spacer"),
            html.Button(
                [icon("filter"), html.Span("Filter")],
                className="button filter-open",
                type="button",
                **data_attributes(action="filter"),
            ),
            parts.compare_picker(looked),
            _button("scheme", "Light or dark", "scheme", "scheme-toggle"),
            parts.pills(looked.view),
            parts.shortcut_links(looked.view),
        ]
        return (
            to_html(bar),
            to_html(parts.period_arrow(looked, -1, "previous")),
            to_html(parts.period_name(looked)),
            to_html(parts.period_arrow(looked, 1, "next")),
            to_html(parts.period_presets(looked.view)),
            _calendar(looked),
        )

    outputs = [Output(name, "html") for name in (PANEL, EARLIER, NAME, LATER, PRESETS)]
    outputs.append(Output(SLOT, "children"))
    afresh = view_link("Start afresh", "/", ALL, "text-link")
    return Panel("The site", outputs, [ids.view_input()], frame, way_out=afresh)


def _calendar(looked: Looked) -> dmc.DatePicker:
    """A new calendar for every view: one that is there does not turn to another month."""
    scope = looked.scope
    return dmc.DatePicker(
        id=CALENDAR,
        type="range",
        value=[scope.first.isoformat(), scope.last.isoformat()],
        defaultDate=min(scope.last, looked.today).isoformat(),
        maxDate=looked.today.isoformat(),
        firstDayOfWeek=1,
        allowSingleDateInRange=True,
        size="sm",
    )


def _button(icon_name: str, label: str, action: str, class_name: str) -> html.Button:
    return html.Button(
        icon(icon_name),
        className=f"button {class_name}",
        type="button",
        **data_attributes(action=action),
        **aria(label=label),
    )
