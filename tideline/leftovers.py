"""Processes that outlived a supervisor which was killed."""

import os
import signal

import psutil

from tideline.instance import Instance

GRACE_S = 5.0


def end_leftovers(instance: Instance) -> list[str]:
    """End what is left of an instance whose supervisor is gone, and return the names.

    PostgreSQL gets SIGINT (its fast shutdown), everything else SIGTERM; after five seconds all of
    it is killed, with whatever else is in its session.
    """
    found = {name: each.find() for name, each in instance.processes.items()}
    alive = {name: process for name, process in found.items() if process is not None}
    for name, process in alive.items():
        _signal(process, signal.SIGINT if name == "postgres" else signal.SIGTERM)
    psutil.wait_procs(alive.values(), timeout=GRACE_S)
    for each in instance.processes.values():
        for process in session_of(each.pid, each.created):
            _signal(process, signal.SIGKILL)
    return sorted(alive)


def session_of(leader: int, created: float) -> list[psutil.Process]:
    """The processes of the session that the process `leader` began, all younger than it."""
    members = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader and process.create_time() >= created - 1.0:
                members.append(process)
        except (psutil.Error, OSError):
            continue
    return members


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return
