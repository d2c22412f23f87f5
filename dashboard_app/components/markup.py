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


class Html(str):
    """HTML already written: `to_html` takes it as it is, where it escapes every other text."""


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


def to_html(content: Any) -> Html:
    """HTML of Dash's HTML components, texts and lists of them; every text is escaped.

    Raises TypeError for a component that is not plain HTML.
    """
    return Html(_written(content))


def _written(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, Html):
        return content
    if isinstance(content, list | tuple):
        return "".join(map(_written, content))
    if not isinstance(content, Component):
        return escape(str(content))
    if content._namespace != "dash_html_components":
        raise TypeError(f"{content._type} of {content._namespace} is not plain HTML")
    tag = content._type.lower()
    attributes = "".join([_attribute(name, value) for name, value in _props(content)])
    if tag in VOID:
        return f"<{tag}{attributes}>"
    return f"<{tag}{attributes}>{_written(getattr(content, 'children', None))}</{tag}>"


def _props(content: Component) -> list[tuple[str, Any]]:
    """Its attributes by name: Dash keeps them in no order, and what is equal should read equal.

    Taken from where they are; asked for its properties, Dash goes over all that it might have.
    """
    return sorted(
        (name, value)
        for name, value in vars(content).items()
        if name != "children" and not name.startswith(("_", "available_"))
    )


def _attribute(name: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name.lower()}"
    if name == "style":
        value = ";".join([f"{key}:{each}" for key, each in value.items()])
    return f' {NAMES.get(name, name)}="{escape(str(value))}"'
