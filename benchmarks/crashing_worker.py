"""A reader that kills its own process at one file; a module of its own, so that any worker can import it."""

import os
import signal
from typing import Any

from toolkit.intake.folder import _read_file as read_file


def read_or_die(file: str, **settings: Any) -> object:
    """Read a file as the toolkit does, unless it is called `killer`."""
    if file.startswith("killer"):
        os.kill(os.getpid(), signal.SIGKILL)
    return read_file(file, **settings)
