"""Commands that look after what is stored: keys and dead letters."""

from typing import Annotated, Literal

import typer
from rich.table import Table

from tideline.commands.options import DataDir
from tideline.console import err, escape, out
from tideline.errors import TidelineError
from tideline.locate import any_database, running_addresses
from tideline.settings import read_settings

KeyId = Annotated[int, typer.Argument(help="Its number, as `keys list` shows it.")]
LetterId = Annotated[int, typer.Argument(help="Its number, as `dead-letters list` shows it.")]
Everything = Annotated[bool, typer.Option("--all", help="All of them.")]

keys = typer.Typer(help="Keys of the API: make, list and revoke them.", no_args_is_help=True)
dead_letters = typer.Typer(
    name="dead-letters",
    help="Events that could not be stored: look at them, try again, or drop them.",
    no_args_is_help=True,
)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(keys, name="keys")
    app.add_typer(dead_letters, name="dead-letters")


@keys.command("create")
def create_key(
    site: Annotated[
        str | None, typer.Option(help="Site it is for.  \\[default: all sites]")
    ] = None,
    scope: Annotated[
        Literal["collect", "read", "admin"], typer.Option(help="What it may do.")
    ] = "collect",
    data_dir: DataDir = None,
) -> None:
    """Make a key and show it; it is shown only this once."""
    from sql import keys as stored
    from sql.database import connect

    with any_database(read_settings(data_dir=data_dir)) as url, connect(url) as conn:
        try:
            key = stored.create_key(conn, site=site, scope=scope)
        except LookupError as error:
            raise TidelineError(str(error)) from error
    out.print(key, soft_wrap=True)
    err.print("Keep it now: only its hash is stored, so it cannot be shown again.")


@keys.command("list")
def list_keys(data_dir: DataDir = None) -> None:
    """List the keys, without the keys themselves."""
    from sql import keys as stored
    from sql.database import connect

    with any_database(read_settings(data_dir=data_dir)) as url, connect(url) as conn:
        rows = stored.list_keys(conn)
    table = Table("number", "begins with", "site", "scope", "created", "revoked", box=None)
    for row in rows:
        revoked = f"{row.revoked_at:%Y-%m-%d %H:%M}" if row.revoked_at else ""
        created = f"{row.created_at:%Y-%m-%d %H:%M}"
        table.add_row(str(row.key_id), row.prefix, row.site or "all", row.scope, created, revoked)
    out.print(table)


@keys.command("revoke")
def revoke_key(key_id: KeyId, data_dir: DataDir = None) -> None:
    """Make a key useless from now on."""
    from sql import keys as stored
    from sql.database import connect

    with any_database(read_settings(data_dir=data_dir)) as url, connect(url) as conn:
        if not stored.revoke_key(conn, key_id):
            raise TidelineError(f"there is no key {key_id} that is not revoked; see `keys list`")
    out.print(f"key {key_id} is revoked")


@dead_letters.command("list")
def list_dead_letters(
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1)] = 50,
    data_dir: DataDir = None,
) -> None:
    """List the dead letters, newest first."""
    from sql import dead_letters as stored
    from sql.database import connect

    with any_database(read_settings(data_dir=data_dir)) as url, connect(url) as conn:
        rows = stored.list_dead_letters(conn, limit=limit)
    table = Table("number", "failed", "site", "error", box=None)
    for row in rows:
        failed = f"{row.failed_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(row.dead_letter_id), failed, row.site or "?", escape(row.error))
    out.print(table)


@dead_letters.command("show")
def show_dead_letter(letter_id: LetterId, data_dir: DataDir = None) -> None:
    """Show one dead letter whole, its event as JSON."""
    from sql import dead_letters as stored
    from sql.database import connect

    with any_database(read_settings(data_dir=data_dir)) as url, connect(url) as conn:
        text = stored.show_dead_letter(conn, letter_id)
    if text is None:
        raise TidelineError(f"there is no dead letter {letter_id}; see `dead-letters list`")
    out.print_json(text)


@dead_letters.command("replay")
def replay_dead_letters(
    letter_id: Annotated[int | None, typer.Argument(help="Its number.")] = None,
    everything: Everything = False,
    data_dir: DataDir = None,
) -> None:
    """Send dead letters through the writer again; needs the running instance."""
    from jobs.replay import replay

    chosen = _chosen(letter_id, everything)
    servers = running_addresses(read_settings(data_dir=data_dir))
    count = replay(servers.database_url, servers.redis_url, chosen)
    out.print(f"{count} dead letters went to the writer again")


@dead_letters.command("drop")
def drop_dead_letters(
    letter_id: Annotated[int | None, typer.Argument(help="Its number.")] = None,
    everything: Everything = False,
    data_dir: DataDir = None,
) -> None:
    """Forget dead letters for good."""
    from sql import dead_letters as stored
    from sql.database import connect

    chosen = _chosen(letter_id, everything)
    with any_database(read_settings(data_dir=data_dir)) as url, connect(url) as conn:
        count = stored.drop_dead_letters(conn, chosen)
    out.print(f"{count} dead letters dropped")


def _chosen(letter_id: int | None, everything: bool) -> int | None:
    """The letter's number, None for all of them."""
    if (letter_id is None) == (not everything):
        raise TidelineError("say which dead letter by its number, or --all of them")
    return letter_id
