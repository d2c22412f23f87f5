"""A menu that opens below its button; `assets/navigation.js` closes it."""

from typing import Any

from dash import html

from dashboard_app.components.links import icon


def menu(label: list[Any], items: Any, class_name: str = "", **attributes: Any) -> html.Details:
    """A button of `label`'s parts that opens a list of links or other content."""
    return html.Details(
        [
            html.Summary([*label, icon("chevron")], className="button", **attributes),
            html.Div(items, className="menu-body"),
        ],
        className=f"menu {class_name}".strip(),
    )
