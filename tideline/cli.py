"""The command line, `tideline`."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from tideline.commands import admin, check, data, serve
from tideline.console import complain
from tideline.errors import TidelineError

app = typer.Typer(
    name="tideline",
    help=(
        "Self-hosted web and product analytics: exact numbers, one place, a database of your own.\n"
        "\nStart with [bold]tideline up[/bold]; every other command finds the running instance"
        " through its data directory. Settings are environment variables, or lines of a .env file,"
        " that begin with TIDELINE_."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
serve.add_to(app)
data.add_to(app)
admin.add_to(app)
check.add_to(app)


def show_version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        typer.echo(f"tideline {version('tideline')}")
        raise typer.Exit


@app.callback()
def tideline(
    _version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """The options before the command."""


def main() -> None:
    """Run a command; what a person can put right is shown without a traceback."""
    try:
        app()
    except TidelineError as error:
        complain(str(error))
        sys.exit(1)
