"""The first visit: how to send events, until the first one arrives."""

from typing import Any

from dash import Dash, Input, Output, html

from dashboard_app.clientside import in_browser
from dashboard_app.components.links import ALL, data_attributes, icon, view_link
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.data import Data
from dashboard_app.filters import ViewState
from dashboard_app.panels import ids, live
from sql.sites import Site

PANEL = "welcome"


def layout() -> Markup:
    """Nothing, until the site turns out to have no events."""
    return Markup(None, id=PANEL)


def register(app: Dash, data: Data, collector_url: str) -> None:
    """Adds the panel's callback; it asks every few seconds until there are events."""
    ids.TITLES[PANEL] = "The first visit"

    @app.callback(Output(PANEL, "html"), ids.view_input(), Input(live.CLOCK, "n_intervals"))
    async def welcome(search: str, _ticks: int) -> str:
        looked = await data.look(search)
        if await data.has_events(looked.site):
            return ""
        return to_html(guide(looked.site, looked.view, collector_url))

    tick = Output(ids.TICK, "data", allow_duplicate=True)
    in_browser(app, "arrived", tick, Input(PANEL, "html"))


def guide(site: Site, view: ViewState, collector_url: str) -> list[Any]:
    """What a site without events shows: the snippet, a curl line, and a page for trying."""
    return [
        html.Div(
            [
                html.Div(
                    [html.Span(className="dot waiting"), "Waiting for the first event"],
                    className="waiting-line",
                ),
                html.H1(f"Let's see who visits {site.name}"),
                html.P(
                    "Put the snippet on your pages, or send an event from anywhere. This page"
                    " turns into the dashboard as soon as the first event arrives."
                ),
                _step(
                    "On a website",
                    "Before the end of <head>. The site's address must be among its allowed"
                    " origins.",
                    "snippet",
                    snippet(site.slug, collector_url),
                ),
                _step(
                    "From a server, or right here",
                    "Any language that can post JSON.",
                    "curl",
                    curl_line(site.slug, collector_url),
                ),
                html.P(
                    [
                        "Just trying things out? ",
                        view_link("Send test events with a click", "/try" + view.search(), ALL,
                                  "text-link"),
                        ".",
                    ]
                ),
            ],
            className="welcome card",
        )
    ]  # fmt: skip


def snippet(slug: str, collector_url: str) -> str:
    """The tag that loads the tracker."""
    return f'<script async src="{collector_url}/t.js" data-site="{slug}"></script>'


def curl_line(slug: str, collector_url: str) -> str:
    """A page view as a shell command."""
    return (
        f"curl {collector_url}/api/v1/events -H 'Content-Type: application/json' \\\n"
        f'  -d \'{{"site_id":"{slug}","name":"page_view","path":"/hello","user_id":"me"}}\''
    )


def _step(title: str, hint: str, name: str, code: str) -> html.Div:
    copy = html.Button(
        [icon("copy"), "Copy"],
        className="quiet",
        type="button",
        **data_attributes(action="copy", copies=name),
    )
    return html.Div(
        [
            html.Div([html.Strong(title), copy], className="step-head"),
            html.P(hint),
            html.Pre(html.Code(code, id=name)),
        ],
        className="step",
    )
