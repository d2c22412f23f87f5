"""Loopback ports."""

import socket

from tideline.errors import TidelineError

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen on that loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Some free loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def claim(port: int, *, what: str, option: str) -> int:
    """The port when it is free, a free one for 0; raises TidelineError when it is taken."""
    if port == 0:
        return free_port()
    if not is_free(port):
        raise TidelineError(
            f"port {port} of the {what} is taken by another program; choose another with"
            f" {option} PORT, or let Tideline find one with {option} 0"
        )
    return port
