"""What may be wrong with an installation, and what to do about it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tideline.embedded.binaries import postgres_program, redis_server
from tideline.instance import DataDirectory, Instance
from tideline.ports import is_free
from tideline.report import read_health
from tideline.settings import Settings

MIN_FREE_BYTES = 1 << 30
LARGEST_CLOCK_DIFFERENCE_S = 2.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    level: Literal["ok", "warn", "bad"]
    text: str
    advice: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one finding after the other; never raises."""
    directory = DataDirectory(settings.directory)
    instance = directory.read()
    running = instance if instance is not None and instance.is_running else None
    yield from python_version()
    yield from guarded("servers' programs", lambda: programs(settings))
    yield from data_directory(directory.path)
    yield from processes(running, directory) if running else ports(settings)
    database_url = settings.database_url or (running.database_url if running else None)
    redis_url = settings.redis_url or (running.redis_url if running else None)
    if database_url:
        yield from guarded("database", lambda: database(database_url))
    if redis_url:
        yield from guarded("Redis", lambda: redis_server_state(redis_url))


def guarded(what: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings, with an unexpected failure as the last one."""
    try:
        yield from look()
    except Exception as error:
        text = " ".join(str(error).split())
        yield Finding("bad", f"{what}: {text}", "see the message; is the server up, the URL right?")


def python_version() -> Iterator[Finding]:
    """Which Python this is; an older one than 3.11 cannot even install Tideline."""
    number = ".".join(map(str, sys.version_info[:3]))
    yield Finding("ok", f"Python {number}")


def programs(settings: Settings) -> Iterator[Finding]:
    """Whether the embedded servers' programs start."""
    wanted: list[tuple[str, Path]] = []
    if not settings.database_url:
        wanted.append(("PostgreSQL", postgres_program("postgres")))
    if not settings.redis_url:
        wanted.append(("Redis", redis_server()))
    for name, program in wanted:
        done = subprocess.run([str(program), "--version"], capture_output=True, text=True)
        if done.returncode == 0:
            yield Finding("ok", f"{name} starts: {done.stdout.split('sha=')[0].strip()}")
        else:
            advice = f"your own server will do as well: set TIDELINE_{name.upper()}_URL"
            advice = advice.replace("POSTGRESQL", "DATABASE")
            yield Finding("bad", f"{program} does not start: {done.stderr.strip()}", advice)


def data_directory(path: Path) -> Iterator[Finding]:
    """Whether the data directory can be written to and has room."""
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        advice = f"run as its owner (user id {existing.stat().st_uid}), or set TIDELINE_DATA_DIR"
        yield Finding("bad", f"{existing} is not yours to write to", advice)
        return
    if path.exists() and path.stat().st_uid != os.geteuid():
        owner = path.stat().st_uid
        yield Finding("warn", f"{path} belongs to user id {owner}", "run as that user")
    free = shutil.disk_usage(existing).free
    text = f"data directory {path}, {free / (1 << 30):.1f} GB free"
    if free < MIN_FREE_BYTES:
        yield Finding("bad", text, "make room: PostgreSQL and Redis stop when the disk is full")
    else:
        yield Finding("ok", text)


def ports(settings: Settings) -> Iterator[Finding]:
    """Whether the ports are free, when nothing of ours runs."""
    yield Finding("warn", "Tideline is not running here", "start it with `tideline up`")
    wanted = (
        ("API", settings.api_port, "--api-port"),
        ("dashboard", settings.dashboard_port, "--dashboard-port"),
    )
    for what, port, option in wanted:
        if port == 0 or is_free(port):
            yield Finding("ok", f"port {port} for the {what} is free")
        else:
            advice = f"choose another with `tideline up {option} PORT`"
            yield Finding("bad", f"port {port} for the {what} is taken", advice)


def processes(instance: Instance, directory: DataDirectory) -> Iterator[Finding]:
    """Whether all processes live and are well."""
    for name, known in instance.processes.items():
        if known.find() is None:
            advice = f"it is being restarted; if it stays so see {directory.logs / name}.log"
            yield Finding("bad", f"{name} is down", advice)
    health = read_health(instance.api_port)
    if not health:
        advice = f"see {directory.logs / 'api.log'}"
        yield Finding("bad", f"the API does not answer at {instance.api_url}", advice)
        return
    for name, state in (health.get("checks") or {}).items():
        level: Literal["ok", "bad"] = "ok" if state in ("ok", True) else "bad"
        advice = "" if level == "ok" else f"see the logs in {directory.logs}"
        yield Finding(level, f"health of {name}: {state}", advice)
    letters = health.get("dead_letters") or 0
    if letters:
        advice = "look with `tideline dead-letters list`"
        yield Finding("warn", f"{letters} events are dead letters", advice)


def database(url: str) -> Iterator[Finding]:
    """Whether the database answers, which it is, and whether its schema and clock are right."""
    from sql.database import connect
    from sql.engine import engine_of
    from sql.migrations import is_current

    with connect(url) as conn:
        row = conn.execute(
            "SELECT current_setting('server_version'), extract(epoch FROM clock_timestamp())"
        ).fetchone()
        engine = engine_of(conn).value
    number, clock = (row[0], float(row[1])) if row else ("?", 0.0)
    yield Finding("ok", f"database answers: PostgreSQL {number}, engine {engine}")
    if is_current(url):
        yield Finding("ok", "schema is up to date")
    else:
        yield Finding("bad", "schema is not up to date", "run `tideline migrate`")
    apart = abs(clock - time.time())
    if apart > LARGEST_CLOCK_DIFFERENCE_S:
        advice = "set the clocks with NTP: sessions and 'today' depend on them"
        yield Finding("bad", f"the database's clock is {apart:.0f} s off this machine's", advice)
    else:
        yield Finding("ok", "clocks agree")


def redis_server_state(url: str) -> Iterator[Finding]:
    """Whether Redis answers and is set up so that it loses nothing."""
    import redis

    with redis.Redis.from_url(url, socket_timeout=5, decode_responses=True) as client:
        info: dict[str, Any] = client.info()
    yield Finding("ok", f"Redis answers: {info['redis_version']}")
    if info.get("aof_enabled") == 1:
        yield Finding("ok", "Redis keeps an append-only file")
    else:
        advice = "set `appendonly yes`: a restart of Redis loses acknowledged events"
        yield Finding("bad", "Redis keeps no append-only file", advice)
    policy = info.get("maxmemory_policy")
    if policy == "noeviction":
        yield Finding("ok", "Redis evicts nothing")
    else:
        advice = "set `maxmemory-policy noeviction`: it may drop acknowledged events"
        yield Finding("bad", f"Redis may evict (maxmemory-policy {policy})", advice)
    if info.get("aof_last_write_status", "ok") != "ok":
        yield Finding("bad", "Redis could not write its append-only file", "is the disk full?")
