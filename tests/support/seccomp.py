"""Run a program with the system calls that its unit allows: python -m tests.support.seccomp UNIT PROGRAM ...

systemd itself would need a machine of its own; what it forbids is forbidden here by the same means.
"""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
import shutil
import subprocess
import sys

from tests.support.live_site import HERE

UNITS = HERE / "deploy/systemd"
ANALYZE = "systemd-analyze"
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NEEDED_TO_BEGIN = {"execve"}


def confined(unit: str, command: list[str]) -> list[str]:
    return [sys.executable, "-m", "tests.support.seccomp", unit, *command]


def confine(unit: Path) -> None:
    """This process, and all that it begins, for ever."""
    filters = [line.partition("=")[2].strip() for line in unit.read_text().splitlines() if "SystemCallFilter=" in line]
    is_refused = "SystemCallErrorNumber=EPERM" in unit.read_text()
    allowed = set(_calls("@default")) | _NEEDED_TO_BEGIN
    for each in filters:  # the first one allows; those behind it add or take away
        calls = {call for name in each.lstrip("~").split() for call in _calls(name)}
        allowed = allowed - calls if each.startswith("~") else allowed | calls
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(_ERRNO | errno.EPERM if is_refused else _KILL)))
    for call in allowed:
        number = library.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:  # else another machine's
            library.seccomp_rule_add(context, ctypes.c_uint32(_ALLOW), number, 0)
    assert library.seccomp_load(context) == 0


def _calls(name: str) -> list[str]:
    if not name.startswith("@"):
        return [name]
    listed = subprocess.run([ANALYZE, "--no-pager", "syscall-filter", name], capture_output=True, text=True, check=True)
    names = [line.strip() for line in listed.stdout.splitlines()[1:]]
    return [call for each in names if each and not each.startswith("#") for call in _calls(each)]


if __name__ == "__main__":
    confine(UNITS / sys.argv[1])
    os.execv(str(shutil.which(sys.argv[2])), sys.argv[2:])
