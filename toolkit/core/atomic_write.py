"""Atomic writes: readers see the old file or the complete new one, never a partial one."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

TEMP_PREFIX, STALE_AFTER_SECONDS = ".writing-", 3600
"""How the name of a file that is being written begins, and seconds after which its writer must have died."""


def atomic_write(path: Path, data: bytes) -> None:
    """Write under a temporary name in the folder, which is made if needed, and rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMP_PREFIX}{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename:
            error.filename, error.filename2 = str(path), None  # users don't know the temporary name
        raise


def remove_stale_temp_files(folder: Path) -> None:
    """Remove temporary files that killed writers left in a folder."""
    for stale in folder.glob(f"{TEMP_PREFIX}*"):
        if time.time() - stale.lstat().st_mtime > STALE_AFTER_SECONDS:
            stale.unlink(missing_ok=True)
