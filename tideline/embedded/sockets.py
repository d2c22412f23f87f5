"""Directories for unix sockets, whose whole path may take only 107 bytes."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from tideline.errors import TidelineError

LONGEST_SOCKET_PATH = 103  # bytes; 107 on Linux, 103 on macOS
LONGEST_SOCKET_NAME = len("/.s.PGSQL.5432.lock")


def socket_directory(wanted: Path) -> Path:
    """The directory for sockets: the wanted one, or one below /tmp when that is too long.

    The fallback's name is made from the wanted path, so the same data directory always gets the
    same one.
    """
    if fits(wanted):
        return wanted
    name = f"tideline-{hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]}"
    short = Path(tempfile.gettempdir()) / name
    return short if fits(short) else Path("/tmp") / name


def fits(directory: Path) -> bool:
    """Whether the path of a socket in this directory is short enough."""
    return len(os.fsencode(directory)) + LONGEST_SOCKET_NAME <= LONGEST_SOCKET_PATH


def remove_sockets(directory: Path) -> None:
    """Remove a directory made for sockets and the sockets a crash left in it."""
    shutil.rmtree(directory, ignore_errors=True)


def make_private(directory: Path, owner: int) -> None:
    """Create a directory, or take one over, that only `owner` may enter."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = directory.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), owner):
            raise TidelineError(
                f"{directory} belongs to somebody else (user id {found.st_uid}); remove it, or"
                " choose another data directory"
            )
        if found.st_uid != owner:
            os.chown(directory, owner, -1)
        directory.chmod(0o700)
    except OSError as error:
        raise TidelineError(f"cannot use {directory}: {error.strerror}") from error
