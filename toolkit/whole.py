"""A file is there whole, or not at all: what was there before stays until the new one is complete."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write under a temporary name in the same folder, and give the file its own when it is there whole."""
    handle, temporary = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o666 & ~_mask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mask() -> int:
    """The rights this computer leaves off new files; there is no way to ask but to set it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
