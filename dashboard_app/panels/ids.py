"""Ids shared by all panels: the parts of the URL that they follow, and the clock."""

from dash import Input

URL = "url"
VIEW = "view"
SITE = "site"
CHART = "chart"
TICK = "tick"
PATH = "path"

TITLES: dict[str, str] = {}
"""Panel id → what a failed panel calls itself, when its callback is its own; it adds itself."""


def view_input() -> Input:
    """Site, period, comparison and filters as a query string; None before the page is ready."""
    return Input(VIEW, "data")


def site_input() -> Input:
    """The site alone, as a query string; None before the page is ready."""
    return Input(SITE, "data")


def tick_input() -> Input:
    """Changes when the figures in view have changed."""
    return Input(TICK, "data")


def tab_store(card: str) -> str:
    """Id of the store that holds a card's tab."""
    return f"tab-{card}"
