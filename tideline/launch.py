"""`tideline up`: which processes there are, in which order they start and stop."""

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

import psutil
from rich.console import Console

from jobs.process import stop_on_signals
from tideline.embedded import EmbeddedPostgres, EmbeddedRedis
from tideline.embedded.sockets import remove_sockets
from tideline.errors import TidelineError
from tideline.gate import HealthGate
from tideline.instance import DataDirectory, Instance, ProcessId
from tideline.leftovers import end_leftovers
from tideline.logs import BothLogs
from tideline.ports import claim, free_port, is_free
from tideline.processes import ProcessSpec
from tideline.settings import Settings
from tideline.supervisor import StopRequestedError, Supervisor

MODULES = {
    "api": "ingest_api",
    "writer": "jobs.writer",
    "worker": "jobs.worker",
    "schedule": "jobs.schedule",
    "dashboard": "dashboard_app",
}
STOP_ORDER = ("demo", "api", "schedule", "writer", "worker", "dashboard", "redis", "postgres")
SERVERS_START_TIMEOUT_S = 600.0  # recovery after a crash may have much to replay


@dataclass(frozen=True)
class Ports:
    """The loopback ports of an instance; a metrics port of 0 means none."""

    api: int
    dashboard: int
    metrics: int


def claim_ports(settings: Settings) -> Ports:
    """The ports to use; raises TidelineError when one that people rely on is taken."""
    api = claim(settings.api_port, what="API", option="--api-port")
    dashboard = claim(settings.dashboard_port, what="dashboard", option="--dashboard-port")
    chosen = "metrics_port" in settings.model_fields_set
    metrics = settings.metrics_port
    if metrics and not is_free(metrics):
        if chosen:
            raise TidelineError(f"port {metrics} of TIDELINE_METRICS_PORT is taken; choose another")
        metrics = free_port()
    return Ports(api, dashboard, metrics)


def check(settings: Settings) -> None:
    """Raises TidelineError for settings that cannot work together."""
    if settings.auth == "required" and settings.dashboard_password is None:
        raise TidelineError(
            "TIDELINE_AUTH=required needs TIDELINE_DASHBOARD_PASSWORD, the password of the"
            " dashboard; or set TIDELINE_AUTH=open to serve this machine only"
        )


def up(settings: Settings, console: Console, *, demo: bool) -> None:
    """Run everything until Ctrl-C or SIGTERM. Raises TidelineError when it cannot start."""
    stopping = stop_on_signals(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    check(settings)
    directory = DataDirectory(settings.directory)
    with directory.locked():
        earlier = directory.read()
        ended = end_leftovers(earlier) if earlier else []
        ports = claim_ports(settings)
        log = BothLogs(directory.logs, console)
        try:
            launch = Launch(settings, directory, ports, log, stopping)
            if ended:
                launch.say(f"ended what an earlier run left behind: {', '.join(ended)}")
            launch.run(demo=demo)
        finally:
            directory.forget()
            log.close()


class Launch:
    """One run of everything in a data directory that is locked."""

    def __init__(
        self,
        settings: Settings,
        directory: DataDirectory,
        ports: Ports,
        log: BothLogs,
        stopping: threading.Event,
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._ports = ports
        self._log = log
        self._stopping = stopping
        self._started_at = time.time()
        self._known: dict[str, ProcessId] = {}
        self._supervisor = Supervisor(log, stopping, self._remember)
        path = directory.path
        self._postgres = None if settings.database_url else EmbeddedPostgres(path / "postgres")
        self._redis = (
            None
            if settings.redis_url
            else EmbeddedRedis(path / "redis", settings.redis_appendfsync)
        )

    def say(self, text: str) -> None:
        """A line of the supervisor's own."""
        self._supervisor.say(text)

    @property
    def database_url(self) -> str:
        """The database in use."""
        return self._settings.database_url or (self._postgres.url() if self._postgres else "")

    @property
    def redis_url(self) -> str:
        """The Redis in use."""
        return self._settings.redis_url or (self._redis.url if self._redis else "")

    def run(self, *, demo: bool) -> None:
        """Start all, keep it running, stop all."""
        try:
            self._start_servers()
            self._migrate()
            for name, module in MODULES.items():
                self._supervisor.start(self._python(name, "-m", module))
            gate = HealthGate(self.instance(), self.say)
            demo_due = demo

            def start_demo() -> None:
                nonlocal demo_due
                if demo_due and gate.is_open:
                    demo_due = False
                    spec = self._python("demo", "-m", "tideline", "demo", "--live", repeat=False)
                    self._supervisor.start(spec)

            self._supervisor.run(start_demo)
        except StopRequestedError:
            pass
        finally:
            self._stop()

    def instance(self) -> Instance:
        """This run, as other commands find it."""
        return Instance(
            supervisor=ProcessId.of(os.getpid()),
            started_at=self._started_at,
            auth=self._settings.auth,
            database_url=self.database_url,
            redis_url=self.redis_url,
            api_port=self._ports.api,
            dashboard_port=self._ports.dashboard,
            metrics_port=self._ports.metrics,
            processes=self._process_ids(),
        )

    def _start_servers(self) -> None:
        embedded = [each for each in (self._postgres, self._redis) if each is not None]
        if self._postgres and not (self._postgres.data / "PG_VERSION").exists():
            self.say(f"making a new database in {self._directory.path}")
        for server in embedded:
            self._supervisor.start(server.spec())
        names = [server.spec().name for server in embedded]
        self._supervisor.wait_ready(names, SERVERS_START_TIMEOUT_S)
        if self._postgres:
            self._postgres.ensure_database()

    def _migrate(self) -> None:
        arguments = ["-m", "tideline", "migrate"]
        if self._settings.auth == "open":
            arguments.append("--demo-site")
        if self._supervisor.run_once(self._python("migrate", *arguments)) != 0:
            raise TidelineError("the database could not be migrated; see the log above")

    def _python(self, name: str, *arguments: str, repeat: bool = True) -> ProcessSpec:
        argv = (sys.executable, *arguments)
        return ProcessSpec(name, argv, environment=self._environment(), repeat=repeat)

    def _environment(self) -> dict[str, str]:
        return {
            "PYTHONUNBUFFERED": "1",
            "TIDELINE_DATA_DIR": str(self._directory.path),
            "TIDELINE_DATABASE_URL": self.database_url,
            "TIDELINE_REDIS_URL": self.redis_url,
            "TIDELINE_API_PORT": str(self._ports.api),
            "TIDELINE_DASHBOARD_PORT": str(self._ports.dashboard),
            "TIDELINE_METRICS_PORT": str(self._ports.metrics),
            "TIDELINE_AUTH": self._settings.auth,
        }

    def _process_ids(self) -> dict[str, ProcessId]:
        """Every process by name; of one that is down the last it was."""
        for name, pid in self._supervisor.pids.items():
            known = self._known.get(name)
            if known is None or known.pid != pid:
                with suppress(psutil.NoSuchProcess):
                    self._known[name] = ProcessId.of(pid)
        return dict(self._known)

    def _remember(self, _supervisor: Supervisor) -> None:
        self._directory.write(self.instance())

    def _stop(self) -> None:
        self.say("stopping")
        self._supervisor.stop(STOP_ORDER)
        if self._postgres:
            remove_sockets(self._postgres.sockets)
        if self._redis:
            remove_sockets(self._redis.socket.parent)
        self.say(f"stopped; the data is kept in {self._directory.path}")
