"""The keyboard shortcuts, behind "?"."""

import dash_mantine_components as dmc
from dash import html

DIALOG = "help-dialog"
SHORTCUTS = (
    ("D", "Today"),
    ("W", "Last 7 days"),
    ("M", "Last 30 days"),
    ("3", "Last 90 days"),
    ("Y", "Last 12 months"),
    ("X", "Comparison on or off"),
    ("F", "Filter"),
    ("/", "Search pages, sources, countries"),
    ("Esc", "Undo the last filter"),
    ("?", "These shortcuts"),
)


def layout() -> dmc.Modal:
    """The closed dialog."""
    keys = [
        html.Div([html.Span(label), html.Kbd(key)], className="shortcut")
        for key, label in SHORTCUTS
    ]
    return dmc.Modal(html.Div(keys), id=DIALOG, title="Keyboard shortcuts", size="sm")
