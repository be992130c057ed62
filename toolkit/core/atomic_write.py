"""A file is there whole, or not at all: what was there before stays until the new one is complete."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

WRITING, LEFT_AFTER = ".writing-", 3600
"""How a file that is being written is called, and seconds after which its writer must have died."""


def write_whole(path: Path, data: bytes) -> None:
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


def clear_half_written(folder: Path) -> None:
    """Remove what writers that were killed left in a folder."""
    for left in folder.glob(f"{WRITING}*"):
        if time.time() - left.stat().st_mtime > LEFT_AFTER:
            left.unlink(missing_ok=True)
