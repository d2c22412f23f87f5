"""Links that change the view; `assets/navigation.js` follows them without loading a page."""

from typing import Any

from dash import html

FILTERS = "filters"
PERIOD = "period,from,to,interval"
ALL = "*"


def view_link(
    children: Any, href: str, sets: str, class_name: str = "", **attributes: Any
) -> html.A:
    """A link to `href` that takes only the query parameters named in `sets` from it.

    The other parameters stay as they are in the address bar, so that a link drawn before a tab
    was changed does not change it back. `sets="*"` takes the whole address.
    """
    return html.A(
        children,
        href=href,
        className=class_name or None,
        **data_attributes(sets=sets),
        **attributes,
    )


def data_attributes(**values: str) -> dict[str, Any]:
    """HTML attributes data-NAME."""
    return {f"data-{name}": value for name, value in values.items()}


def aria(**values: str) -> dict[str, Any]:
    """HTML attributes aria-NAME."""
    return {f"aria-{name}": value for name, value in values.items()}


def tip(text: str) -> dict[str, Any]:
    """What an element says on hover, focus or touch (`assets/tips.js`); its first line is bold."""
    return data_attributes(tip=text)


def icon(name: str) -> html.Span:
    """A monochrome icon of the stylesheet, in the colour of the text."""
    return html.Span(className=f"icon icon-{name}", **aria(hidden="true"))
