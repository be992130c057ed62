"""Messages about the files and folders that users name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import Text, load_text

_OS_ERRORS: dict[type[OSError], str] = {
    FileNotFoundError: "os_error.not_found",
    PermissionError: "os_error.no_permission",
    IsADirectoryError: "os_error.is_folder",
    NotADirectoryError: "os_error.not_in_folder",
    FileExistsError: "os_error.exists",
}


def describe_os_error(error: OSError) -> str:
    """Return the message of an operating-system error: which file, and what to do."""
    key = next((key for kind, key in _OS_ERRORS.items() if isinstance(error, kind)), "os_error.other")
    return load_text().say(key, file=error.filename or "", found=error.strerror or type(error).__name__)


def check_ending(path: Path, endings: Iterable[str], text: Text | None = None) -> str:
    """Return the longest of these endings that a name has; `ToolkitError` where it has none."""
    options = list(endings)
    if matches := [ending for ending in options if path.name.lower().endswith(ending)]:
        return max(matches, key=len)
    fields = {"file": path.name or str(path), "options": ", ".join(options)}
    raise ToolkitError((text or load_text()).say("argument.ending", **fields))
