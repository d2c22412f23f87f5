"""Server processes that outlived their postmaster.

After kill -9 of the postmaster a backend in the middle of a query goes on until it next looks; a
new postmaster refuses to start as long as one is attached to the old shared memory.
"""

from pathlib import Path

import psutil

GRACE_S = 2.0


def end_orphans(pgdata: Path) -> list[int]:
    """End every postgres process that works in this cluster, and return their process ids.

    Only call it when no postmaster of this cluster is meant to run.
    """
    orphans = [process for process in psutil.process_iter() if works_in(process, pgdata)]
    for process in orphans:
        _signal(process, "terminate")
    _, alive = psutil.wait_procs(orphans, timeout=GRACE_S)
    for process in alive:
        _signal(process, "kill")
    psutil.wait_procs(alive, timeout=GRACE_S)
    return [process.pid for process in orphans]


def works_in(process: psutil.Process, pgdata: Path) -> bool:
    """Whether it is a postgres process of this cluster: each has its directory as its own."""
    try:
        name = process.name()
        return name.startswith("postgres") and Path(process.cwd()) == pgdata.resolve()
    except (psutil.Error, OSError):
        return False


def _signal(process: psutil.Process, method: str) -> None:
    try:
        getattr(process, method)()
    except psutil.NoSuchProcess:
        return
