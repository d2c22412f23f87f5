"""Components as HTML."""

import pytest
from dash import dcc, html

from dashboard_app.components.links import data_attributes, icon, view_link
from dashboard_app.components.markup import Html, Markup, to_html


def test_texts_and_attributes_are_escaped() -> None:
    evil = '"><script>alert(1)</script>&'
    tree = html.A(["<b>", evil], href=evil, title=evil)
    safe = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;"
    assert to_html(tree) == f'<a href="{safe}" title="{safe}">&lt;b&gt;{safe}</a>'


def test_lists_nothing_and_numbers() -> None:
    assert to_html([None, 0, "", [html.B(1.5)]]) == "0<b>1.5</b>"


def test_what_is_written_already_is_taken_as_it_is() -> None:
    written = to_html(html.B("<&"))
    assert to_html([html.I(written), Html("<hr>"), "<hr>"]) == (
        "<i><b>&lt;&amp;</b></i><hr>&lt;hr&gt;"
    )


def test_attributes_as_html_spells_them() -> None:
    tree = html.Div(
        html.Img(src="data:,", alt=""),
        className="row",
        hidden=True,
        style={"--w": "40%", "height": "3px"},
        **data_attributes(sets="filters"),
    )
    assert to_html(tree) == (
        '<div class="row" data-sets="filters" hidden style="--w:40%;height:3px">'
        '<img alt="" src="data:,"></div>'
    )


def test_a_link_names_what_it_changes() -> None:
    assert to_html(view_link(icon("next"), "?period=7d", "period", "button")) == (
        '<a class="button" data-sets="period" href="?period=7d">'
        '<span aria-hidden="true" class="icon icon-next"></span></a>'
    )


def test_only_plain_html_can_be_written_out() -> None:
    with pytest.raises(TypeError, match="Graph of dash_core_components is not plain HTML"):
        Markup(html.Div(dcc.Graph()), id="x")
