"""The data directory: who runs in it (`lock`), and how to reach it (`instance.json`)."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import psutil

from tideline.errors import TidelineError

SAME_START_S = 1.0


@dataclass(frozen=True)
class ProcessId:
    """A process that cannot be mistaken for a later one with the same number.

    `created` is its start in seconds since the epoch.
    """

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> Self:
        """The process that has this number now; Raises psutil.NoSuchProcess."""
        return cls(pid, psutil.Process(pid).create_time())

    def find(self) -> psutil.Process | None:
        """The process, None when it is gone."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < SAME_START_S
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


@dataclass(frozen=True)
class Instance:
    """A running Tideline, as its data directory tells; `started_at` in seconds since the epoch."""

    supervisor: ProcessId
    started_at: float
    auth: str
    database_url: str
    redis_url: str
    api_port: int
    dashboard_port: int
    metrics_port: int
    processes: dict[str, ProcessId] = field(default_factory=dict)

    @property
    def api_url(self) -> str:
        """Base address of the API."""
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def dashboard_url(self) -> str:
        """Address of the dashboard."""
        return f"http://127.0.0.1:{self.dashboard_port}"

    @property
    def is_running(self) -> bool:
        """Whether its supervisor lives."""
        return self.supervisor.find() is not None


class DataDirectory:
    """A data directory and the files in it that are not the servers'."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def logs(self) -> Path:
        """Where the processes' logs go."""
        return self.path / "logs"

    def create(self) -> None:
        """Make it, for its user only; root's may be passed through, for PostgreSQL's user."""
        mode = 0o711 if os.geteuid() == 0 else 0o700
        try:
            if not self.path.exists():
                self.path.mkdir(parents=True)
                self.path.chmod(mode)
            self.logs.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise TidelineError(
                f"cannot use the data directory {self.path}: {error.strerror}; set"
                " TIDELINE_DATA_DIR or --data-dir to one you may write to"
            ) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory; the kernel lets go of it when this process ends, however it ends.

        Raises TidelineError when another process holds it.
        """
        self.create()
        try:
            lock = (self.path / "lock").open("w")
        except OSError as error:
            raise TidelineError(
                f"{self.path} belongs to another user ({error.strerror}); run as that user, or"
                " choose another data directory"
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise TidelineError(self._already_running()) from error
            yield

    def _already_running(self) -> str:
        instance = self.read()
        text = f"Tideline already runs in {self.path}"
        if instance is None or not instance.is_running:
            return f"{text}; it is starting or stopping right now."
        return (
            f"{text} (process {instance.supervisor.pid}): dashboard {instance.dashboard_url},"
            f" API {instance.api_url}. Stop it with Ctrl-C, or choose another --data-dir."
        )

    def read(self) -> Instance | None:
        """The last instance that ran here, running or not; None when there is none to know of."""
        try:
            text = (self.path / "instance.json").read_text()
            raw = json.loads(text)
            raw["supervisor"] = ProcessId(**raw["supervisor"])
            raw["processes"] = {name: ProcessId(**each) for name, each in raw["processes"].items()}
            return Instance(**raw)
        except (FileNotFoundError, KeyError, TypeError, ValueError):
            return None

    def write(self, instance: Instance) -> None:
        """Store the instance, whole or not at all."""
        unfinished = self.path / "instance.json.new"
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(asdict(instance), indent=2))
        unfinished.replace(self.path / "instance.json")

    def forget(self) -> None:
        """Remove the stored instance: nothing runs here."""
        (self.path / "instance.json").unlink(missing_ok=True)

    def running(self) -> Instance:
        """The running instance; raises TidelineError when there is none."""
        instance = self.read()
        if instance is None or not instance.is_running:
            raise TidelineError(
                f"Tideline is not running in {self.path}; start it with `tideline up`"
                " (or `make up`)"
            )
        return instance
