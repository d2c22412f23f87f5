"""Many small elements as one component.

Every Dash component on the page listens to every change of it, so a page of a thousand spans
answers a click in seconds. What needs no callback of its own is therefore written as HTML here and
put into the page whole; `assets/navigation.js` follows its links. It is also left alone while it
stays the same, where children of a callback would be drawn anew.
"""

from html import escape
from typing import Any

from dash.development.base_component import Component

VOID = {"img", "br", "hr"}
NAMES = {"className": "class"}


class Markup(Component):
    """A div whose inside is the prop `html`, made by `to_html` and by nothing else."""

    _namespace = "tideline_components"
    _type = "Markup"
    _children_props: list[str] = []  # noqa: RUF012  (as Dash declares it)
    _base_nodes: list[str] = []  # noqa: RUF012
    _prop_names = ["id", "html", "className"]  # noqa: RUF012
    _valid_wildcard_attributes: list[str] = []  # noqa: RUF012
    available_properties = _prop_names
    available_wildcard_properties: list[str] = []  # noqa: RUF012

    def __init__(self, content: Any, id: str, className: str = "") -> None:  # noqa: N803
        super().__init__(  # type: ignore[no-untyped-call]
            id=id, html=to_html(content), className=className
        )


def to_html(content: Any) -> str:
    """HTML of Dash's HTML components, texts and lists of them; every text is escaped.

    Raises TypeError for a component that is not plain HTML.
    """
    if content is None:
        return ""
    if isinstance(content, list | tuple):
        return "".join(map(to_html, content))
    if not isinstance(content, Component):
        return escape(str(content))
    if content._namespace != "dash_html_components":
        raise TypeError(f"{content._type} of {content._namespace} is not plain HTML")
    props = content.to_plotly_json()["props"]  # type: ignore[no-untyped-call]
    tag = content._type.lower()
    inside = to_html(props.pop("children", None))
    attributes = "".join(_attribute(name, value) for name, value in props.items())
    return f"<{tag}{attributes}>" if tag in VOID else f"<{tag}{attributes}>{inside}</{tag}>"


def _attribute(name: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name.lower()}"
    if name == "style":
        value = ";".join(f"{key}:{each}" for key, each in value.items())
    return f' {NAMES.get(name, name)}="{escape(str(value))}"'
