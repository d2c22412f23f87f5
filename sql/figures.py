"""Where every process leaves its own figures, in Prometheus' text form, for whoever shows them."""

import os
import time

FIGURES_KEY = "tideline:figures"
"""Redis hash: "PROCESS PID" to milliseconds since 1970 UTC, a line feed, and the figures."""

STALE_S = 30.0
"""After how long a process that leaves no new figures counts as gone."""


def own_field(process: str) -> str:
    """The hash field of this process."""
    return f"{process} {os.getpid()}"


def stamped(figures: bytes) -> bytes:
    """The hash value of figures of this moment."""
    return b"%d\n%s" % (time.time() * 1000, figures)


def fresh_figures(value: bytes) -> str | None:
    """The figures of a hash value; None when their process is gone."""
    at_ms, _, figures = value.partition(b"\n")
    if not at_ms.isdigit() or int(at_ms) < (time.time() - STALE_S) * 1000:
        return None
    return figures.decode()
