"""Commands about running Tideline: up, migrate, status, settle, doctor."""

import json
import time
from dataclasses import asdict
from typing import Annotated, Literal

import typer
from rich.table import Table

from tideline.commands.options import DataDir, Json
from tideline.console import err, escape, out
from tideline.instance import DataDirectory
from tideline.settings import read_settings

OLDEST_HEARTBEAT_S = 20.0
DEAD_LETTERS_EXIT = 3
TIMEOUT_EXIT = 4


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (up, status, settle, doctor, migrate):
        app.command()(command)
    app.command(hidden=True)(alive)


def up(
    data_dir: DataDir = None,
    api_port: Annotated[
        int | None,
        typer.Option(help="Port of the API; 0 finds a free one.  \\[default: 8000]", min=0),
    ] = None,
    dashboard_port: Annotated[
        int | None,
        typer.Option(help="Port of the dashboard; 0 finds a free one.  \\[default: 8050]", min=0),
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Fill it with invented traffic.")] = False,
) -> None:
    """Start everything: database, queue, API, jobs and dashboard. Ctrl-C stops it cleanly.

    Without TIDELINE_DATABASE_URL and TIDELINE_REDIS_URL it brings its own
    PostgreSQL and Redis, kept in the data directory and reachable from this
    machine only.
    """
    from tideline.launch import up as launch

    settings = read_settings(data_dir=data_dir, api_port=api_port, dashboard_port=dashboard_port)
    launch(settings, out, demo=demo)


def migrate(
    data_dir: DataDir = None,
    demo_site: Annotated[bool, typer.Option("--demo-site", hidden=True)] = False,
) -> None:
    """Bring the database to the newest schema; safe to repeat."""
    from sql.database import connect
    from sql.migrations import migrate as migrate_database
    from sql.sites import ensure_site
    from tideline.locate import any_database

    with any_database(read_settings(data_dir=data_dir)) as database_url:
        engine = migrate_database(database_url)
        if demo_site:
            with connect(database_url) as conn:
                ensure_site(conn, "demo", name="Demo", timezone="UTC")
    out.print(f"the schema is up to date ({engine.value})")


def status(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Show what runs, how it is and what waits. Exits with 1 when something is wrong."""
    from tideline.report import Status, read_status

    found: Status = read_status(DataDirectory(read_settings(data_dir=data_dir).directory).running())
    if as_json:
        out.print_json(json.dumps(asdict(found)))
        raise typer.Exit(0 if found.is_healthy else 1)
    table = Table("process", "id", "up", "memory", "processor", box=None, pad_edge=False)
    for row in found.processes:
        if row.pid is None:
            table.add_row(row.name, "[red]down[/red]", "", "", "")
        else:
            memory, processor = f"{row.memory_mb:.0f} MB", f"{row.cpu_percent:.0f} %"
            table.add_row(row.name, str(row.pid), f"{row.up_s:.0f} s", memory, processor)
    out.print(table)
    out.print()
    colour = "green" if found.is_healthy else "red"
    out.print(
        f"health     [{colour}]{escape(found.status)}[/{colour}]  {escape(found.checks_text)}"
    )
    out.print(f"backlog    {found.backlog_events} events, oldest {found.oldest_age_s:.1f} s")
    out.print(f"dead       {found.dead_letters} letters")
    out.print(f"dashboard  {found.dashboard_url}")
    out.print(f"API        {found.api_url}")
    raise typer.Exit(0 if found.is_healthy else 1)


def settle(
    data_dir: DataDir = None,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds to wait at most.  \\[default: 600]", min=0)
    ] = None,
) -> None:
    """Wait until everything accepted so far is in every report, running the due jobs at once.

    Exits with 3 when some of it went to the dead letters, with 4 when the time ran out.
    """
    from jobs.settle import settle as settle_all
    from tideline.locate import running_addresses

    settings = read_settings(data_dir=data_dir, settle_timeout_s=timeout)
    servers = running_addresses(settings)
    result = settle_all(servers.database_url, servers.redis_url, settings.settle_timeout_s)
    if result.timed_out:
        err.print(f"not settled after {settings.settle_timeout_s:g} s; is `tideline status` well?")
        raise typer.Exit(TIMEOUT_EXIT)
    if result.dead_letters:
        err.print(f"settled, but {result.dead_letters} events went to the dead letters")
        raise typer.Exit(DEAD_LETTERS_EXIT)
    out.print("settled: everything accepted is in every report")


def doctor(data_dir: DataDir = None) -> None:
    """Say what is wrong with this installation and what to do. Exits with 1 when something is."""
    from tideline.doctor import examine

    marks = {"ok": "[green]ok  [/green]", "warn": "[yellow]warn[/yellow]", "bad": "[red]bad [/red]"}
    findings = list(examine(read_settings(data_dir=data_dir)))
    for finding in findings:
        out.print(f"{marks[finding.level]} {escape(finding.text)}", soft_wrap=True)
        if finding.advice:
            out.print(f"     → {escape(finding.advice)}", soft_wrap=True)
    raise typer.Exit(1 if any(finding.level == "bad" for finding in findings) else 0)


def alive(process: Literal["writer", "worker", "schedule"], data_dir: DataDir = None) -> None:
    """Exit with 0 when a process of that name gave a sign of life a moment ago, else with 1.

    For the health checks of containers, which have no address to ask.
    """
    import redis

    from jobs.process import heartbeat_key

    settings = read_settings(data_dir=data_dir)
    url = settings.redis_url or DataDirectory(settings.directory).running().redis_url
    with redis.Redis.from_url(url, socket_timeout=5) as client:
        seen = client.get(heartbeat_key(process))
    age_s = time.time() - int(seen or 0) / 1000
    if age_s > OLDEST_HEARTBEAT_S:
        err.print(f"{process}: no sign of life for {age_s:.0f} s")
        raise typer.Exit(1)
