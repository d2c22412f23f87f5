"""A Redis server that forgets nothing it has acknowledged."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM
from urllib.parse import quote

from tideline.embedded.binaries import redis_server
from tideline.embedded.memory import available_bytes, redis_memory
from tideline.embedded.sockets import make_private, socket_directory
from tideline.processes import ProcessSpec


@dataclass(frozen=True)
class EmbeddedRedis:
    """Redis in `directory`, on a unix socket only.

    `appendfsync` is `always` (what is acknowledged is on the disk), `everysec` (a power failure
    loses up to about a second of acknowledged events) or `no` (for tests).
    """

    directory: Path
    appendfsync: str = "always"
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def socket(self) -> Path:
        """The socket it listens on."""
        return socket_directory(self.directory / "run") / "redis.sock"

    @property
    def url(self) -> str:
        """Its URL."""
        return f"unix://{quote(str(self.socket))}?db=0"

    def prepare(self) -> None:
        """Make its directory; before every start."""
        make_private(self.directory, os.geteuid())
        make_private(self.socket.parent, os.geteuid())
        self.socket.unlink(missing_ok=True)

    def spec(self) -> ProcessSpec:
        """How to run it."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.directory),
            "daemonize": "no",
            "appendonly": "yes",
            "appendfsync": self.appendfsync,
            "aof-load-truncated": "yes",
            "maxmemory": str(redis_memory(available_bytes())),
            "maxmemory-policy": "noeviction",
            "save": "",
            "loglevel": "notice",
            **self.settings,
        }
        arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
        return ProcessSpec(
            name="redis",
            argv=(str(redis_server()), *arguments),
            stop_signal=SIGTERM,
            stop_timeout_s=30,
            before_start=self.prepare,
            is_ready=self.answers,
        )

    def answers(self) -> bool:
        """Whether it answers a PING (it does not while it loads its file)."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
