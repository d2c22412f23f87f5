"""Commands that bring events in: import and demo."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from tideline.commands.options import DataDir
from tideline.console import err, escape, out
from tideline.errors import TidelineError
from tideline.instance import DataDirectory
from tideline.settings import read_settings

if TYPE_CHECKING:
    from tideline.importer.client import Client
    from tideline.importer.reader import Source
    from tideline.importer.summary import Summary


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("import")(import_file)
    app.command()(demo)


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV or NDJSON, plain or gzipped.")],
    site: Annotated[
        str | None, typer.Option(help="Site of every event that does not name its own.")
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="field=column, as often as needed or separated by commas;"
            " properties.NAME=column puts a column into the properties.",
        ),
    ] = None,
    format: Annotated[
        str | None, typer.Option(help="csv or ndjson, when the file's name does not say.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="An API elsewhere.  \\[default: the running instance]")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Import a file of events through the API, in the file's order; safe to repeat.

    Columns named as fields of an event are used as they are, others need a
    --map. An empty column is missing; any other text is kept as it is.
    Example: tideline import events.csv --site shop --map name=event_type
    """
    from tideline.importer.client import Client
    from tideline.importer.mapping import parse_map
    from tideline.importer.reader import Source, format_of

    if not file.is_file():
        raise TidelineError(f"there is no file {file}")
    settings = read_settings(data_dir=data_dir)
    source = Source(file, parse_map(mapping or []), format_of(file, format), site)
    address = url or DataDirectory(settings.directory).running().api_url
    key = settings.api_key.get_secret_value() if settings.api_key else None
    _import(source, Client(address, key, _say_waiting))


def _import(source: "Source", client: "Client") -> None:
    from tideline.importer.run import run_import
    from tideline.importer.summary import Summary

    columns = [
        TextColumn("importing"), BarColumn(), DownloadColumn(), TimeRemainingColumn(),
        TextColumn("{task.fields[taken]} taken, {task.fields[refused]} refused"),
    ]  # fmt: skip
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("import", total=source.bytes_total, taken=0, refused=0)

        def show(done: int, so_far: Summary) -> None:
            progress.update(task, completed=done, taken=so_far.accepted, refused=so_far.rejected)

        summary = run_import(source, client, show)
    _print_summary(source, summary)
    if summary.accepted == 0:
        raise typer.Exit(1)


def _print_summary(source: "Source", summary: "Summary") -> None:
    out.print(f"{summary.accepted} events accepted, {summary.rejected} rejected")
    for reason in summary.by_count():
        lines = ", ".join(map(str, reason.lines))
        more = ", …" if reason.count > len(reason.lines) else ""
        message = escape(reason.example)
        out.print(f"  {reason.count} × {message}  (line {lines}{more})", soft_wrap=True)
    if source.columns and source.columns.ignored:
        names = escape(", ".join(source.columns.ignored))
        out.print(f"columns not used: {names}  (--map field=column uses one)", soft_wrap=True)


def _say_waiting(why: str, seconds: float) -> None:
    err.print(f"{escape(why)}; trying again in {seconds:.1f} s", soft_wrap=True)


def demo(
    days: Annotated[int, typer.Option(help="Days of history.", min=1)] = 60,
    sites: Annotated[int, typer.Option(help="Number of sites.", min=1)] = 2,
    seed: Annotated[int, typer.Option(help="Same seed, same traffic.")] = 7,
    live: Annotated[bool, typer.Option("--live", help="Go on with traffic of now.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Fill Tideline with believable invented traffic, through the same API as any other."""
    from tideline import demo as traffic

    settings = read_settings(data_dir=data_dir)
    instance = DataDirectory(settings.directory).running()
    key = settings.api_key.get_secret_value() if settings.api_key else None
    try:
        traffic.run(
            api_url=instance.api_url,
            key=key,
            days=days,
            sites=sites,
            seed=seed,
            live=live,
            console=err,
        )
    except traffic.DemoError as error:
        raise TidelineError(str(error)) from error
