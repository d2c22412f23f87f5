"""Becomes another program that ends when its parent does; run as a script, never imported.

    python -I -S child.py PARENT_PID END_SIGNAL USER PROGRAM [ARGUMENT ...]

USER is `-` to stay who one is, or `UID:GID:CAPABILITY` to become that user first, where CAPABILITY
is `none` or the one Linux capability to keep. Only the standard library, so that it starts in a few
milliseconds, and a script of its own because code between fork and exec must not be Python's
`preexec_fn` when threads are running.
"""

import ctypes
import os
import sys

CAPABILITIES = {"dac_override": 1, "dac_read_search": 2}

PR_SET_PDEATHSIG = 1
PR_CAPBSET_DROP = 24
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAPABILITY_VERSION_3 = 0x20080522

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> None:
    """Raise OSError when a C call failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def prctl(option: int, *arguments: int) -> int:
    """prctl(2), with every argument as wide as the kernel reads it."""
    words = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    return int(libc.prctl(option, *words))


def become(uid: int, gid: int, capability: str) -> None:
    """Give up root for good, keeping at most one capability.

    Without SECBIT_NO_SETUID_FIXUP access(2) would ignore the capability, and initdb asks access(2)
    whether it may run postgres.
    """
    if capability != "none":
        number = CAPABILITIES[capability]
        for other in range(64):
            if other != number:
                prctl(PR_CAPBSET_DROP, other)
        checked(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP), "prctl(SECUREBITS)")
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if capability != "none":
        mask = 1 << CAPABILITIES[capability]
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
        checked(libc.capset(header, sets), "capset")
        number = CAPABILITIES[capability]
        checked(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number), "prctl(AMBIENT)")


def main() -> None:
    """Drop privileges, tie this process to its parent, become the program."""
    parent, end_signal, user, *program = sys.argv[1:]
    if user != "-":
        uid, gid, capability = user.split(":")
        become(int(uid), int(gid), capability)
    if sys.platform == "linux":
        checked(prctl(PR_SET_PDEATHSIG, int(end_signal)), "prctl(PDEATHSIG)")
        if os.getppid() != int(parent):
            sys.exit("the supervisor is gone")
    try:
        os.execv(program[0], program)
    except OSError as error:
        sys.exit(f"cannot run {program[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
