"""A PostgreSQL server: created on first use, recovered after any crash, durable."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from signal import SIGINT
from urllib.parse import quote

from tideline.embedded.binaries import postgres_program
from tideline.embedded.memory import available_bytes, postgres_memory
from tideline.embedded.orphans import end_orphans
from tideline.embedded.sockets import make_private, socket_directory
from tideline.errors import TidelineError
from tideline.privileges import User, child_command, database_owner, user_for
from tideline.processes import ProcessSpec

MAJOR = "18"
SUPERUSER = "tideline"
DATABASE = "tideline"
PORT = 5432  # only a part of the socket's name

SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "jit": "off",
    "io_method": "sync",  # workers would take the cores of those who wait for them
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "max_wal_size": "4GB",
    "checkpoint_completion_target": "0.9",
    "wal_compression": "on",
    "fsync": "on",
    "synchronous_commit": "on",
    "log_checkpoints": "off",
    "log_line_prefix": "''",
}


@dataclass(frozen=True)
class EmbeddedPostgres:
    """PostgreSQL in `directory`, on a unix socket only; `settings` win over the built-in ones."""

    directory: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The cluster's own directory."""
        return self.directory / "data"

    @cached_property
    def owner(self) -> int:
        """The user id that owns the cluster and runs the server."""
        return database_owner(self.data)

    @cached_property
    def user(self) -> User | None:
        """The user to become, None when there is no need."""
        make_private(self.directory, self.owner)
        return user_for(self.owner, postgres_program("postgres"), self.directory)

    @cached_property
    def sockets(self) -> Path:
        """The directory of its socket."""
        return socket_directory(self.directory / "run")

    def url(self, database: str = DATABASE) -> str:
        """The URL of one of its databases."""
        host = quote(str(self.sockets), safe="")
        return f"postgresql://{SUPERUSER}@/{quote(database)}?host={host}&port={PORT}"

    def prepare(self) -> None:
        """Create the cluster if there is none, and clear away what a crash left; before a start.

        Only call it while holding the data directory's lock.
        """
        make_private(self.directory, self.owner)
        make_private(self.sockets, self.owner)
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        self._check_version()
        end_orphans(self.data)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self._write_settings()

    def _create_cluster(self) -> None:
        """initdb beside the final place, so that an interrupted one leaves no half cluster."""
        unfinished = self.directory / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        make_private(unfinished, self.owner)
        options = [f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"]
        self._run("initdb", "-D", str(unfinished), *options)
        with (unfinished / "postgresql.conf").open("a") as file:
            file.write("\n# Written anew at every start. Settings below this line win over it.\n")
            file.write("include_if_exists 'tideline.conf'\n")
        unfinished.rename(self.data)

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != MAJOR:
            raise TidelineError(
                f"{self.data} was made by PostgreSQL {found}, and this is PostgreSQL {MAJOR}:"
                " dump it with the old version and restore it into a new data directory"
            )

    def _write_settings(self) -> None:
        settings = {**SETTINGS, **postgres_memory(available_bytes()), **self.settings}
        text = "".join(f"{name} = {value}\n" for name, value in settings.items())
        path = self.data / "tideline.conf"
        path.write_text(text)
        os.chown(path, self.owner, -1)

    def spec(self) -> ProcessSpec:
        """How to run it; SIGINT is its fast shutdown."""
        program = postgres_program("postgres")
        argv = (str(program), "-D", str(self.data), "-k", str(self.sockets), "-p", str(PORT))
        return ProcessSpec(
            name="postgres",
            argv=argv,
            user=self.user,
            stop_signal=SIGINT,
            stop_timeout_s=60,
            before_start=self.prepare,
            is_ready=self.is_ready,
        )

    def is_ready(self) -> bool:
        """Whether it accepts connections: the last line of its pid file says so."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def ensure_database(self, name: str = DATABASE) -> None:
        """Create the database unless it exists; the server must be ready."""
        known = self._run("psql", *self._connection(), "-d", "postgres", "-AtXqc", LIST_DATABASES)
        if name not in known.splitlines():
            self._run("createdb", *self._connection(), name)

    def _connection(self) -> list[str]:
        return ["-h", str(self.sockets), "-p", str(PORT), "-U", SUPERUSER]

    def _run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs as the server's user, and return what it printed."""
        argv = [str(postgres_program(program)), *arguments]
        command = child_command(argv, user=self.user, end_signal=SIGINT)
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
        if done.returncode != 0:
            raise TidelineError(f"{program} failed:\n{done.stderr.strip() or done.stdout.strip()}")
        return done.stdout


LIST_DATABASES = "select datname from pg_database"
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
