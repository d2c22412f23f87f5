"""The command that checks the numbers: verify."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from tideline.commands.options import DataDir
from tideline.console import escape, out
from tideline.errors import TidelineError
from tideline.locate import any_database
from tideline.settings import read_settings


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(verify)


def verify(
    site: Annotated[str | None, typer.Option(help="One site.  \\[default: all sites]")] = None,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First local day to compare."),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Last local day to compare."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Recompute everything from the raw events and report any difference. Exits with 1 on one.

    Changes nothing. Run tideline settle before: what is still on its way counts as a difference.
    """
    from jobs.verification import verify as differences
    from sql.database import connect
    from sql.sites import sites_by_id
    from sql.verification import Days

    days = Days(first and first.date(), last and last.date())
    table = Table("site", "table", "difference", "row", box=None)
    checked = 0
    with any_database(read_settings(data_dir=data_dir)) as url, connect(url) as conn:
        for _, found in sorted(sites_by_id(conn).items()):
            if site is not None and found.slug != site:
                continue
            checked += 1
            for x in differences(conn, found, datetime.now(UTC), days):
                kind = "missing" if x.is_missing else "should not be there"
                table.add_row(found.slug, x.relation, kind, escape(str(x.row)))
    if not checked:
        raise TidelineError(f"there is no site {site!r}" if site else "there are no sites")
    if table.row_count:
        out.print(table)
        raise typer.Exit(1)
    out.print(f"{checked} site{'s' if checked > 1 else ''}: every number follows from the events")
