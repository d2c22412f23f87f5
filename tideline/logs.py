"""One readable log of many processes: on the terminal, and in a file for each.

The terminal gets its lines from a thread of its own through a bounded queue. A terminal that is
paused (Ctrl-S) or gone must never hold up the processes, which would wait on their full pipes.
"""

import logging
import queue
import threading
from collections.abc import Mapping
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.text import Text

MAX_BYTES = 10 << 20
BACKUPS = 3
WAITING_LINES = 10_000
COLOURS: Mapping[str, str] = {
    "tideline": "bold white",
    "postgres": "blue",
    "redis": "red",
    "migrate": "magenta",
    "api": "green",
    "writer": "yellow",
    "worker": "cyan",
    "schedule": "bright_magenta",
    "dashboard": "bright_blue",
}
NAME_WIDTH = max(map(len, COLOURS))


class Log(Protocol):
    """Where the supervisor and its processes write."""

    def line(self, name: str, text: str) -> None:
        """One line of the process `name`."""


class FileLogs:
    """A rotated file for each process."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._handlers: dict[str, RotatingFileHandler] = {}
        self._lock = threading.Lock()

    def line(self, name: str, text: str) -> None:
        """Add a line to NAME.log, with the time in front. A full disk loses the line only."""
        moment = datetime.now().astimezone().isoformat(timespec="milliseconds")
        record = logging.makeLogRecord({"msg": f"{moment} {text}"})
        with self._lock:
            if name not in self._handlers:
                self._handlers[name] = self._open(name)
            self._handlers[name].handle(record)

    def _open(self, name: str) -> RotatingFileHandler:
        path = self._directory / f"{name}.log"
        handler = RotatingFileHandler(path, maxBytes=MAX_BYTES, backupCount=BACKUPS)
        handler.handleError = lambda record: None  # type: ignore[method-assign]
        return handler

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            for handler in self._handlers.values():
                handler.close()
            self._handlers.clear()


class TerminalLog:
    """All processes' lines, one below the other, each with its process's name and colour."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lines: queue.Queue[tuple[str, str] | None] = queue.Queue(WAITING_LINES)
        self._thread = threading.Thread(target=self._print_all, name="terminal", daemon=True)
        self._thread.start()

    def line(self, name: str, text: str) -> None:
        """Print a line soon; it is dropped when ten thousand others wait."""
        try:
            self._lines.put_nowait((name, text))
        except queue.Full:
            return

    def close(self) -> None:
        """Print what waits, for a second at most."""
        try:
            self._lines.put(None, timeout=1.0)
        except queue.Full:
            return
        self._thread.join(1.0)

    def _print_all(self) -> None:
        while (item := self._lines.get()) is not None:
            try:
                self._console.print(formatted(*item), soft_wrap=True)
            except (OSError, ValueError):
                continue


def formatted(name: str, text: str) -> Text:
    """A line as the terminal shows it; what colours the process itself used are kept."""
    time = datetime.now().astimezone().strftime("%H:%M:%S")
    return Text.assemble(
        (f"{time} ", "dim"),
        (f"{name:<{NAME_WIDTH}} ", COLOURS.get(name, "white")),
        Text.from_ansi(text) if "\x1b" in text else Text(text),
    )


class BothLogs:
    """The terminal and the files."""

    def __init__(self, directory: Path, console: Console) -> None:
        self._files = FileLogs(directory)
        self._terminal = TerminalLog(console)

    def line(self, name: str, text: str) -> None:
        """Write the line to both."""
        self._files.line(name, text)
        self._terminal.line(name, text)

    def close(self) -> None:
        """Finish both."""
        self._terminal.close()
        self._files.close()
