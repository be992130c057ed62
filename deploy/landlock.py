"""Shut a process, and all that it starts, out of every file but those it is given: Linux's Landlock.

Voilà runs nothing that a browser sends; this is for the day that somebody finds a way around that. All pages run under
one account of the operating system, so the files of another school would otherwise be one `open` away.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""System calls, with the same numbers on every architecture; see landlock(7)."""

NO_NEW_PRIVILEGES = 38
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE = 1, 2, 4, 8, 1 << 14
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
KNOWN = {1: (1 << 13) - 1, 2: (1 << 14) - 1}
"""Which uses of files the first versions know; those after them also know the next bit."""

SIGNALS_OUTSIDE = 2


def confine(read: Iterable[Path], write: Iterable[Path], names: Iterable[Path] = ()) -> bool:
    """Leave this process only these files, for good; returns False where the system can't.

    Parameters
    ----------
    read, write
        Files and folders to read, and to read and write; what is not there is passed over.
    names
        Folders of which only names may be read, of what is below them too.
    """
    try:
        version = _call(CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    except (OSError, AttributeError):
        return False
    rights = KNOWN.get(version, (1 << 15) - 1)
    ruleset = struct.pack("QQQ", rights, 0, SIGNALS_OUTSIDE)[: 24 if version >= 6 else 8]
    rules = _call(CREATE_RULESET, ruleset, ctypes.c_size_t(len(ruleset)), 0)
    for paths, access in ((read, EXECUTE | READ_FILE | READ_DIR), (write, rights), (names, READ_DIR)):
        for path in filter(Path.exists, paths):
            _allow(rules, path, access & rights)
    if ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError("prctl(PR_SET_NO_NEW_PRIVS)")
    _call(RESTRICT_SELF, rules, 0)
    os.close(rules)
    return True


def _allow(rules: int, path: Path, access: int) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        of_this = access if path.is_dir() else access & OF_FILES
        _call(ADD_RULE, rules, 1, struct.pack("=Qi", of_this, opened), 0)
    finally:
        os.close(opened)


def _call(number: int, *arguments: object) -> int:
    system = ctypes.CDLL(None, use_errno=True)
    result = int(system.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
