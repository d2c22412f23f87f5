"""As whom PostgreSQL runs: it refuses to be root.

Started by root, it becomes an unprivileged user. A clone is often below a directory that only root
may enter (/root, `mktemp -d`); then it keeps the one capability that lets it read and pass through
directories, rather than anybody's directories being opened up.
"""

import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tideline.errors import TidelineError

CHILD = Path(__file__).with_name("child.py")
NOBODY = 65534


@dataclass(frozen=True)
class User:
    """A user to become, with at most one Linux capability to keep (`none` for none)."""

    uid: int
    gid: int
    capability: str = "none"

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}:{self.capability}"


def child_command(argv: list[str], *, user: User | None, end_signal: int) -> list[str]:
    """A command that runs `argv` as `user`, and sends it `end_signal` when this process dies."""
    who = str(user) if user else "-"
    wrapper = [sys.executable, "-I", "-S", str(CHILD), str(os.getpid()), str(int(end_signal)), who]
    return wrapper + argv


def database_owner(pgdata: Path) -> int:
    """The user id PostgreSQL runs as: this process's, unless that is root."""
    if os.geteuid() != 0:
        return os.geteuid()
    if pgdata.exists() and pgdata.stat().st_uid != 0:
        return pgdata.stat().st_uid
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return NOBODY


def user_for(owner: int, program: Path, directory: Path) -> User | None:
    """The least privileged way for `owner` to run `program` and enter `directory`.

    None when no change of user is needed. Tried for real, since modes, ACLs, mount options and a
    container's capabilities all have a say.
    """
    if os.geteuid() != 0:
        return None
    try:
        gid = pwd.getpwuid(owner).pw_gid
    except KeyError:
        gid = owner
    attempts = [User(owner, gid, kept) for kept in ("none", "dac_read_search", "dac_override")]
    script = 'test -x "$1" && cd "$2" && "$1" --version'
    argv = ["/bin/sh", "-c", script, "sh", str(program), str(directory)]
    for user in attempts:
        command = child_command(argv, user=user, end_signal=9)
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return user
    raise TidelineError(
        f"PostgreSQL does not run as root, and user id {owner} may not run {program} in"
        f" {directory}. Run Tideline as an ordinary user, or keep it (TIDELINE_DATA_DIR for the"
        " data) where other users may enter."
    )
