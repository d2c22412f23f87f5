"""The database connection of each worker thread."""

import threading
from dataclasses import dataclass, field

from sql.database import SyncConnection, connect


@dataclass
class Connections:
    """One connection a thread, opened when first needed and again after it broke."""

    database_url: str
    _local: threading.local = field(default_factory=threading.local)

    def current(self) -> SyncConnection:
        """The calling thread's connection. Raises Disconnected."""
        conn: SyncConnection | None = getattr(self._local, "conn", None)
        if conn is None or conn.closed or conn.broken:
            conn = self._local.conn = connect(self.database_url, application="tideline-worker")
        return conn


_connections: Connections | None = None


def use_database(database_url: str) -> None:
    """Sets the database that this process's actors work on."""
    global _connections
    _connections = Connections(database_url)


def connection() -> SyncConnection:
    """The calling thread's connection; RuntimeError before `use_database`."""
    if _connections is None:
        raise RuntimeError("use_database was not called at the process's entry")
    return _connections.current()
