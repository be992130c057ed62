"""A file is there whole, or not at all: what was there before stays until the new one is complete."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

WRITING, STALE_AFTER_SECONDS = ".writing-", 3600
"""How a file that is being written is called, and seconds after which its writer must have died."""


def atomic_write(path: Path, data: bytes) -> None:
    """Write under a temporary name in the same folder, and give the file its own when it is there whole."""
    temporary = path.with_name(f"{WRITING}{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_stale_temp_files(folder: Path) -> None:
    """Remove what writers that were killed left in a folder."""
    for left in folder.glob(f"{WRITING}*"):
        if time.time() - left.stat().st_mtime > STALE_AFTER_SECONDS:
            left.unlink(missing_ok=True)
