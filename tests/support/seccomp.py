"""Run a program with the system calls that its unit allows: python -m tests.support.seccomp UNIT PROGRAM ...

It applies the SystemCallFilter of the unit through libseccomp, as systemd does, because systemd needs its own machine.
"""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
import shutil
import subprocess
import sys

from tests.support.live_site import REPOSITORY

UNITS = REPOSITORY / "deploy/systemd"
ANALYZE = "systemd-analyze"
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EXEC_CALLS = {"execve"}


def confined_command(unit: str, command: list[str]) -> list[str]:
    return [sys.executable, "-m", "tests.support.seccomp", unit, *command]


def confine(unit: Path) -> None:
    """Restrict this process and its children to the system calls that the unit allows."""
    filters = [line.partition("=")[2].strip() for line in unit.read_text().splitlines() if "SystemCallFilter=" in line]
    denies_with_error = "SystemCallErrorNumber=EPERM" in unit.read_text()
    allowed = set(_calls("@default")) | _EXEC_CALLS
    for call_filter in filters:  # the first one allows, later ones add or remove calls
        calls = {call for name in call_filter.lstrip("~").split() for call in _calls(name)}
        allowed = allowed - calls if call_filter.startswith("~") else allowed | calls
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(
        library.seccomp_init(ctypes.c_uint32(_ERRNO | errno.EPERM if denies_with_error else _KILL))
    )
    for call in allowed:
        number = library.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:  # -1 for calls of other architectures
            library.seccomp_rule_add(context, ctypes.c_uint32(_ALLOW), number, 0)
    assert library.seccomp_load(context) == 0


def _calls(name: str) -> list[str]:
    if not name.startswith("@"):
        return [name]
    process = subprocess.run(
        [ANALYZE, "--no-pager", "syscall-filter", name], capture_output=True, text=True, check=True
    )
    names = [line.strip() for line in process.stdout.splitlines()[1:]]
    return [call for each in names if each and not each.startswith("#") for call in _calls(each)]


if __name__ == "__main__":
    confine(UNITS / sys.argv[1])
    os.execv(str(shutil.which(sys.argv[2])), sys.argv[2:])
