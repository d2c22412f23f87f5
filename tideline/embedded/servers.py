"""Both servers together, for a while: for tests and one-off commands."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tideline.embedded.postgres import EmbeddedPostgres
from tideline.embedded.redis import EmbeddedRedis
from tideline.embedded.sockets import remove_sockets
from tideline.errors import TidelineError
from tideline.processes import Process, ProcessSpec

START_TIMEOUT_S = 60.0
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "1GB"}


@dataclass(frozen=True)
class Servers:
    """The running servers; `postgres.url("name")` is the URL of a database, `redis.url` Redis's."""

    postgres: EmbeddedPostgres
    redis: EmbeddedRedis

    def remove_sockets(self) -> None:
        """Remove the directories of their sockets, once they have stopped."""
        remove_sockets(self.postgres.sockets)
        remove_sockets(self.redis.socket.parent)


@contextmanager
def running_servers(directory: Path, *, durable: bool = True) -> Iterator[Servers]:
    """PostgreSQL and Redis in `directory`, running inside the `with` block.

    Without `durable` they survive a crash of theirs but not of the machine, and start faster.
    """
    directory = directory.absolute()
    servers = Servers(
        postgres=EmbeddedPostgres(directory / "postgres", {} if durable else NOT_DURABLE),
        redis=EmbeddedRedis(directory / "redis", "always" if durable else "no"),
    )
    with ExitStack() as stack:
        stack.callback(servers.remove_sockets)
        started = [_start(spec, stack) for spec in (servers.redis.spec(), servers.postgres.spec())]
        for process, log in started:
            if not process.wait_until_ready(START_TIMEOUT_S):
                raise TidelineError(f"{process.spec.name} did not start:\n" + "\n".join(log[-20:]))
        servers.postgres.ensure_database()
        yield servers


def _start(spec: ProcessSpec, stack: ExitStack) -> tuple[Process, list[str]]:
    log: list[str] = []
    process = Process(spec, lambda _name, line: log.append(line))
    stack.callback(process.stop)
    return process, log
