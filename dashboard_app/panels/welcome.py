"""The first visit: how to send events, until the first one arrives."""

from typing import Any

from dash import Dash, Input, Output, State, dcc, html

from dashboard_app.clientside import in_browser
from dashboard_app.components.links import ALL, data_attributes, icon, view_link
from dashboard_app.components.markup import Markup, to_html
from dashboard_app.data import Data
from dashboard_app.filters import ViewState
from dashboard_app.panels import ids, live
from dashboard_app.panels.group import Panel
from sql.sites import Site

PANEL = "welcome"
BEAT = "welcome-beat"


def layout() -> list[Any]:
    """Nothing, until the site turns out to have no events; then the page shows nothing else."""
    return [dcc.Store(id=BEAT), Markup(None, id=PANEL)]


def panel(data: Data, collector_url: str) -> Panel:
    """What draws the guide."""

    async def welcome(search: str, _beat: int) -> str:
        looked = await data.look(search)
        if await data.has_events(looked.site):
            return ""
        return to_html(guide(looked.site, looked.view, collector_url))

    inputs = [ids.site_input(), Input(BEAT, "data")]
    return Panel("The first visit", [Output(PANEL, "html")], inputs, welcome)


def register(app: Dash) -> None:
    """Adds the browser's part: asking every few seconds until there are events, and then all."""
    in_browser(app, "waits", Output(BEAT, "data"), Input(live.CLOCK, "n_intervals"))
    in_browser(app, "arrived", Input(PANEL, "html"), State(ids.TICK, "id"))


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
