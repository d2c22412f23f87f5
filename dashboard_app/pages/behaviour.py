"""Behaviour: what people saw, what they did, and each of their visits."""

from typing import Any

from dash import Dash, html

from dashboard_app.data import Data
from dashboard_app.panels import event_properties, goals, pages, session_list, table_panel
from dashboard_app.panels.breakdown_card import toggle_href
from dashboard_app.panels.group import Group, memory
from dashboard_app.panels.table_panel import TablePanel

PROPERTIES, SESSIONS = "properties", "sessions"
PAGES = TablePanel("page-table", pages.CARD, toggle_href, "filters", "max(420px, 100vh - 250px)")
EVENTS = TablePanel(
    "event-table",
    goals.CARD,
    lambda looked, _, name: looked.view.with_tab("event", name or "").search(),
    event_properties.SETS,
    "420px",
)


def pages_layout() -> html.Div:
    """Every page of the site with its figures."""
    return _page("Pages", [table_panel.layout(PAGES)])


def events_layout() -> html.Div:
    """Every event name with its figures, and the properties of one."""
    return _page(
        "Events", [table_panel.layout(EVENTS), event_properties.layout(), memory(PROPERTIES)]
    )


def sessions_layout() -> html.Div:
    """The newest sessions."""
    return _page("Sessions", [session_list.layout(), memory(SESSIONS)], "stack no-compare")


def _page(title: str, panels: list[Any], class_name: str = "stack") -> html.Div:
    head = html.Header(html.H1(title), className="page-head")
    return html.Div([head, *panels], className=class_name)


def register(app: Dash, data: Data) -> None:
    """Adds the callbacks of the three pages' panels."""
    for panel in (PAGES, EVENTS):
        table_panel.register(app, data, panel)
    Group(PROPERTIES, [event_properties.panel(data)]).register(app)
    Group(SESSIONS, [session_list.panel(data)]).register(app)
