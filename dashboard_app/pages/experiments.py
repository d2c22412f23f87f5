"""Experiments: all of a site's, or one of them when the address names it."""

from dash import Dash, html

from dashboard_app.data import Data
from dashboard_app.panels import experiment_form, experiment_history, experiment_split, experiments


def layout() -> html.Div:
    """The panels in reading order; those of one experiment are hidden in the list."""
    return html.Div(
        [
            experiments.layout(),
            experiment_history.layout(),
            experiment_split.layout(),
            experiment_form.layout(),
        ],
        className="experiments-page",
    )


def register(app: Dash, data: Data) -> None:
    """Adds the callbacks of the page's panels."""
    for panel in (experiments, experiment_history, experiment_split, experiment_form):
        panel.register(app, data)
